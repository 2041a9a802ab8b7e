"""What the remotes have, fetched: side by side, each into refs of its own, which are gone afterwards."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hookkit.api import Failure, Repository, failures, git_over_network
from hookkit_plugins.setup import parallel
from hookkit_plugins.setup.options import JOBS

_PLACE = "refs/hookkit/pull-all/"


class Fetched(NamedTuple):
    """What one remote has.

    :param refs: its branches, and its tags if they were asked for.
    :param failure: why that is not known.
    """

    remote: str
    refs: dict[str, str]
    failure: Failure | None = None


@contextlib.contextmanager
def fetched(
    repo: Repository, remotes: Sequence[str], *, tags: bool, tracking: bool, timeout: float
) -> Iterator[list[Fetched]]:
    """What ``remotes`` have now; the objects stay as long as this context lasts.

    :param tracking: bring ``refs/remotes/*`` up to date too, as each remote's configuration says.
    """
    _remove(repo, [ref for ref in repo.refs(_PLACE) if not _runs(ref)])
    own = f"{_PLACE}{os.getpid()}/"
    prefixes = ("refs/heads/", *["refs/tags/"] * tags)

    def fetch(name: str) -> Fetched:
        place = f"{own}{remotes.index(name)}/"
        refspecs = [f"+{prefix}*:{place}{prefix}*" for prefix in prefixes]
        # Of the configured refspecs none may write elsewhere: `git clone --mirror` leaves +refs/*:refs/*.
        maps = [entry.value or "" for entry in repo.config.every(f"remote.{name}.fetch")] if tracking else []
        maps = [spec for spec in maps if spec.partition(":")[2].startswith("refs/remotes/")]
        fixed = ("--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--no-auto-maintenance")
        args = ("fetch", *fixed, *(f"--refmap={spec}" for spec in maps or [""]), "--", name, *refspecs)
        result = git_over_network(repo, *args, timeout=timeout)
        if result.status != 0:
            return Fetched(name, {}, failures.classify(result.status, result.stderr, result.seconds))
        return Fetched(name, {ref.removeprefix(place): oid for ref, oid in repo.refs(place).items()})

    # All fetches into a shallow clone write the same file.
    jobs = 1 if (repo.common_dir / "shallow").exists() else JOBS
    try:
        yield sorted(parallel.each(remotes, fetch, jobs), key=lambda each: remotes.index(each.remote))
    finally:
        _remove(repo, list(repo.refs(own)))


def _remove(repo: Repository, refs: Sequence[str]) -> None:
    if refs:
        stdin = "".join(f"delete {ref}\0\0" for ref in refs)
        repo.git("update-ref", "--stdin", "-z", stdin=os.fsencode(stdin))


def _runs(ref: str) -> bool:
    """Whether the process that has made a ref is still there."""
    try:
        os.kill(int(ref.removeprefix(_PLACE).partition("/")[0]), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
