"""Getting one repository: over the network first, side by side with others; then, one at a time, what makes it hookkit's."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from hookkit.api import (
    Failure,
    HookkitError,
    NetworkResult,
    Repository,
    failures,
    git_over_network,
    install_hooks,
    redact,
    shared_connection,
)
from hookkit_plugins.setup import source
from hookkit_plugins.setup.source import Kept, Source
from hookkit_plugins.setup.temporary import Temporary


class Job(NamedTuple):
    """One repository: its name, where it is, where it is to be, and what its source is called as a remote.

    :param node: what this server is called; None: as it is.
    """

    name: str
    url: str
    target: Path
    remote: str
    node: str | None = None


class Arrived(NamedTuple):
    """What the network has brought.

    :param result: ``cloned``, ``filled`` (it was there, empty), ``updated``, ``up to date`` or ``failed``.
    :param repo: where it is now; None if it is not there, or if it failed.
    :param temporary: the folder that it is in until it is complete.
    :param failure: why it failed.
    """

    job: Job
    result: str
    refs: int = 0
    kept: tuple[Kept, ...] = ()
    notes: tuple[str, ...] = ()
    failure: Failure | None = None
    repo: Repository | None = None
    temporary: Temporary | None = None

    @property
    def ok(self) -> bool:
        """All that the source has is here."""
        return self.failure is None and all(each.ok for each in self.kept)


def fetch(job: Job, scratch: Repository, timeout: float, dry_run: bool, made: list[Temporary]) -> Arrived:
    """Fetch what is not here, into a temporary folder or into what is there.

    :param scratch: a repository to ask from.
    :param made: the temporary folder is added to it.
    """
    try:
        here = _existing(job.target)
        there = _listed(job, scratch, timeout)
        if here is not None:
            return _into(job, here, there, timeout, dry_run)
        if dry_run:
            return Arrived(job, "cloned", len(there.refs))
        temporary = Temporary(job.target)
        made.append(temporary)
        return _into_new(job, there, timeout, temporary)
    except _FailedError as error:
        return Arrived(job, "failed", failure=error.failure)
    except (HookkitError, OSError) as error:
        return Arrived(job, "failed", failure=_own(error))


def finish(arrived: Arrived, connect: Callable[[Repository, Job], Sequence[str]], *, dry_run: bool = False) -> Arrived:
    """Add the remotes, install the hooks, and put a new repository in place.

    :param connect: adds the remotes, or would; what it did, in lines.
    :param dry_run: what would be done is only said.
    """
    job, repo = arrived.job, arrived.repo
    if repo is None:
        return arrived
    try:
        remotes = connect(repo, job)
        notes = [*_installed(install_hooks(repo, job.node, dry_run=dry_run), dry_run=dry_run), *remotes]
        if arrived.temporary is not None:
            arrived.temporary.put_in_place()
            notes = []
    except (HookkitError, OSError) as error:
        return arrived._replace(result="failed", failure=_own(error))
    return arrived._replace(notes=tuple(notes))


def _installed(changes: Sequence[str], *, dry_run: bool) -> list[str]:
    """What ``hookkit install`` did, in short; that a server has another name now is no small matter."""
    renamed = [line for line in changes if line.startswith("hookkit.node: ") and "(was not set)" not in line]
    hooks = "hooks would be installed" if dry_run else "hooks installed"
    return [*[hooks] * (len(changes) > len(renamed)), *renamed]


class _FailedError(Exception):
    def __init__(self, result: NetworkResult) -> None:
        super().__init__()
        self.failure = failures.classify(result.status, result.stderr, result.seconds)


def _own(error: Exception) -> Failure:
    cause = error.cause if isinstance(error, HookkitError) else None
    hint = error.hint if isinstance(error, HookkitError) else None
    return Failure(failures.Kind.REFUSED, f"{error}: {cause}" if cause else str(error), hint)


def _existing(target: Path) -> Repository | None:
    if not os.path.lexists(target) or (target.is_dir() and not any(target.iterdir())):
        return None
    if target.is_dir():
        repo = Repository.discover(target)
        if repo.work_tree is None and repo.git_dir.resolve() == target.resolve():
            return repo
    raise HookkitError(f"{target} is there, and is not a bare repository", hint="move it away, or clone elsewhere")


def _listed(job: Job, scratch: Repository, timeout: float) -> Source:
    patterns = [f"{prefix}*" for prefix in source.PREFIXES]
    result = _git(scratch, job, timeout, "ls-remote", "--quiet", "--symref", "--", job.url, "HEAD", *patterns)
    if result.status != 0:
        raise _FailedError(result)
    return source.read(result.stdout)


def _into_new(job: Job, there: Source, timeout: float, temporary: Temporary) -> Arrived:
    repo = Repository.create(temporary.path, there.object_format)
    _point_head(repo, there)
    result = _fetched(repo, job, timeout)
    if result.status != 0:
        raise _FailedError(result)
    return Arrived(job, "cloned", len(_refs(repo)), repo=repo, temporary=temporary)


def _into(job: Job, repo: Repository, there: Source, timeout: float, dry_run: bool) -> Arrived:
    before = _refs(repo)
    empty = not [ref for ref in repo.refs() if not ref.startswith("refs/hookkit/")]
    lacking = {ref for ref, oid in there.refs.items() if before.get(ref) != oid}
    done = Arrived(job, "filled" if empty else "updated" if lacking else "up to date", len(there.refs))
    if dry_run:
        # What differs may only be old: without its commits nobody knows.
        differing = [each for each in source.kept(there.refs, before, repo.is_ancestor) if each.ok]
        return done._replace(kept=tuple(differing), repo=repo)
    if empty:
        # First: who finds commits here afterwards does not touch it any more.
        _point_head(repo, there)
    result = _fetched(repo, job, timeout) if lacking else None
    after = _refs(repo)
    kept = source.kept(there.refs, after, repo.is_ancestor)
    # git has exit status 1 too if some refs could not follow; those are named.
    named = any(each.why != "only here" for each in kept)
    if result is not None and result.status != 0 and not (result.status == 1 and named):
        raise _FailedError(result)
    if not empty and before == after:
        done = done._replace(result="up to date")
    return done._replace(refs=len(after), kept=tuple(kept), repo=repo)


def _refs(repo: Repository) -> dict[str, str]:
    return repo.refs(*source.PREFIXES)


def _point_head(repo: Repository, there: Source) -> None:
    if there.head is not None:
        repo.git("symbolic-ref", "HEAD", there.head)


def _fetched(repo: Repository, job: Job, timeout: float) -> NetworkResult:
    # Without +: what is here is not replaced, and what only is here is not pruned.
    refspecs = [f"{prefix}*:{prefix}*" for prefix in source.PREFIXES]
    fixed = ("--quiet", "--no-tags", "--no-prune", "--refmap=", "--no-write-fetch-head", "--no-auto-maintenance")
    return _git(repo, job, timeout, "fetch", *fixed, "--", job.url, *refspecs)


def _git(repo: Repository, job: Job, timeout: float, *args: str) -> NetworkResult:
    shared = shared_connection(repo, job.url)
    result = git_over_network(repo, *args, timeout=timeout, ssh_options=shared.options())
    if result.status != 0 and shared.failed(result):
        result = git_over_network(repo, *args, timeout=timeout, ssh_options=shared.options())
    return result


def add_remote(repo: Repository, job: Job, *, dry_run: bool = False) -> list[str]:
    """Add the source as a remote, without a fetch refspec.

    Nobody wants ``refs/remotes/*`` in a bare repository, and mirrors least of all.

    :returns: what was done, or would be, in lines.
    """
    key = f"remote.{job.remote}.url"
    before = repo.config.every(key)
    if not before and dry_run:
        return [f"remote {job.remote} would be added"]
    if not before:
        repo.git("config", key, job.url)
        return [f"remote {job.remote} added"]
    if before[-1].value != job.url:
        return [f"remote {job.remote} is {redact(before[-1].value or '')} already, and stays"]
    return []
