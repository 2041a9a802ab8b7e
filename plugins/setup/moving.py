"""Moving one ref of a working clone, as git itself would."""

import contextlib
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

from hookkit.api import HookkitError, Repository, one_line
from hookkit_plugins.setup.pulling import Step

_MESSAGE = "hookkit setup pull-all"


def move(repo: Repository, step: Step, trees: Mapping[str, Path], busy: Mapping[str, str]) -> Step:
    """Carry out ``step``; what became of it. Ctrl-C waits for it.

    :param trees: where branches are checked out.
    :param busy: branches that a rebase or a bisect comes back to.
    """
    if step.new is None:
        return step
    if step.ref in busy:
        return _failed(step, f"a {busy[step.ref]} is under way")
    try:
        with _uninterrupted():
            why = (
                _merge(trees[step.ref], step.ref, step.new)
                if step.ref in trees
                else _update(repo, step.ref, step.new, step.old)
            )
    except HookkitError as error:
        why = error.cause or error.message
    return _failed(step, why) if why else step


def _failed(step: Step, why: str) -> Step:
    return step._replace(new=None, result="failed", why=one_line(why))


def _update(repo: Repository, ref: str, new: str, old: str | None) -> str:
    expected = old or "0" * len(new)
    # What follows the first line is advice that does not fit into a table.
    return _words(repo.git("update-ref", "-m", _MESSAGE, ref, new, expected, check=False).stderr.partition(b"\n")[0])


def _merge(tree: Path, ref: str, new: str) -> str:
    if not tree.is_dir():
        return f"checked out in {tree}, which is not there"
    repo = Repository.discover(tree)
    if repo.git("symbolic-ref", "-q", "HEAD", check=False).text() != ref:
        return f"another branch was checked out in {tree} meanwhile"
    # What stands in the way of a change stays, and then nothing changes, as with git pull --ff-only.
    done = repo.git(f"--work-tree={tree}", "-C", str(tree), "merge", "--quiet", "--ff-only", new, check=False)
    return (_words(done.stderr) or "git merge has failed") if done.status else ""


def _words(stderr: bytes) -> str:
    return one_line(stderr).removeprefix("error: ").removeprefix("fatal: ")


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    # Children inherit it: a merge that Ctrl-C ended half-way would leave a work tree of two commits.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
