"""Bringing large files to one remote."""

import time
from collections.abc import Sequence

from hookkit.api import Failure, Kind, NetworkResult, RefUpdate, Repository, failures, git_over_network, one_line
from hookkit_plugins.lfs import memory, scan
from hookkit_plugins.lfs.endpoint import ALIAS, configuration, endpoint
from hookkit_plugins.lfs.settings import MISSING

# A command line with these is far below what execve(2) takes.
_AT_ONCE = 1000
INSTALL = "install git-lfs for the account that owns the repository (Debian: apt-get install git-lfs)"
_NO_SERVER = "the other server must take large files: git-lfs-transfer for ssh, or: git config remote.NAME.lfsurl URL"


def bring(repo: Repository, remote: str, url: str, updates: Sequence[RefUpdate], seconds: float) -> Failure | None:
    """Have the large files that ``updates`` need at the remote; why they are not, or None: they are.

    The first time for a remote those of all other refs are brought too, as far as they are here.

    :param seconds: how long it may take.
    """
    end = time.monotonic() + seconds
    where = endpoint(repo.config, remote, url)
    known = memory.read(repo, remote, where)
    if memory.is_outdated(known, updates):
        known = {}
    new = {update.ref: update.new for update in updates}
    wanted = scan.needed(repo, new.values(), known.values())
    others = {} if known else repo.refs("refs/heads/", "refs/tags/")
    store = scan.store(repo)
    missing = [name for name in wanted if not scan.is_here(store, name)]
    if missing and repo.settings("lfs").get(MISSING) == "hold":
        return lacking(missing)
    more = scan.needed(repo, others.values(), new.values()) if others else []
    here = [name for name in dict.fromkeys((*wanted, *more)) if scan.is_here(store, name)]
    for start in range(0, len(here), _AT_ONCE):
        result = git_over_network(
            repo,
            *("lfs", "push", "--object-id", ALIAS, *here[start : start + _AT_ONCE]),
            timeout=max(0.1, end - time.monotonic() - 0.5),
            config=configuration(url, where),
        )
        if result.status != 0:
            return judge(result, len(here), elsewhere=where.partition("/info/lfs")[0] not in (url, f"file://{url}"))
    memory.write(repo, remote, where, known | others | new)
    return None


def judge(result: NetworkResult, count: int, *, elsewhere: bool) -> Failure:
    """Why ``git lfs push`` failed. Pure.

    :param count: how many large files it had to bring.
    :param elsewhere: the LFS server is another one than git's: that it is down says nothing about git's.
    """
    files = _files(count)
    if result.timed_out:
        return Failure(Kind.LATE, f"{files} could not be brought in {result.seconds:.0f}s")
    if "'lfs' is not a git command" in result.stderr:
        return Failure(Kind.UNREADY, "git-lfs is not installed here", INSTALL)
    failure = failures.classify(result.status, result.stderr, result.seconds)
    if failure.kind is Kind.REFUSED or (elsewhere and failure.kind.unreachable):
        cause = failure.cause or f"git lfs push ended with exit status {result.status}"
        return Failure(Kind.UNREADY, one_line(f"{files} could not be brought: {cause}"), failure.hint or _NO_SERVER)
    return failure._replace(cause=one_line(f"{failure.cause} (for {files})"))


def lacking(names: Sequence[str]) -> Failure:
    """Large files that nobody has sent here. Pure."""
    named = ", ".join(name[:12] for name in names[:3]) + (" and others" if len(names) > 3 else "")
    verb = "is" if len(names) == 1 else "are"
    return Failure(
        Kind.UNREADY,
        f"{_files(len(names))} {verb} not here: {named}",
        "whoever pushed has them: git lfs push --all REMOTE; to do without them: hookkit.lfs.missing = skip",
    )


def _files(count: int) -> str:
    return f"{count} large file{'' if count == 1 else 's'}"
