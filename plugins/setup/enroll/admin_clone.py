"""The clone of an admin repository: what is committed in it, whether it is as its owner left it, and a commit more."""

import contextlib
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from hookkit.api import HookkitError, Repository, UsageError, run_program
from hookkit_plugins.setup.enroll.keydir import text_of
from hookkit_plugins.setup.temporary import Temporary, remove_stale
from hookkit_plugins.setup.worktrees import busy

TRAILER = "Hookkit-Enroll"
TAKEN_BACK = "Take back: "


class Clone(NamedTuple):
    """A clone with a branch checked out.

    :param branch: its name, without ``refs/heads/``.
    :param folder: its work tree.
    """

    repo: Repository
    branch: str
    folder: Path

    @property
    def head(self) -> str:
        """The commit that is checked out."""
        return self.repo.git("rev-parse", "--verify", "HEAD").text()

    def history(self) -> list[str]:
        """The commits that are contained in it, the latest first."""
        return self.repo.git("rev-list", "--topo-order", "HEAD").text().split("\n")

    def git(self, *args: str, check: bool = True) -> bytes:
        """Run git on its work tree; standard output.

        :raises GitError: it failed, and ``check`` is set.
        """
        return self.repo.git(f"--work-tree={self.folder}", "-C", str(self.folder), *args, check=check).stdout


def open_clone(folder: Path) -> Clone | None:
    """The clone that ``folder`` is the top of; None: it is not in git.

    :raises UsageError: it is in a state in which nothing should be committed.
    """
    if not (folder / ".git").exists():
        return None
    repo = Repository.discover(folder)
    branch = repo.git("symbolic-ref", "--quiet", "HEAD", check=False).text()
    if not branch.startswith("refs/heads/"):
        raise UsageError(f"{folder} is not on a branch", hint=f"git -C {folder} switch master, or what it is called")
    unfinished = [
        what for file, what in (("MERGE_HEAD", "merge"), ("REVERT_HEAD", "revert")) if (repo.git_dir / file).exists()
    ]
    unfinished += dict.fromkeys(busy(repo).values())
    if unfinished:
        raise UsageError(f"{folder} is in the middle of a {unfinished[0]}", hint=f"git -C {folder} status")
    if repo.git("rev-parse", "--verify", "--quiet", "HEAD", check=False).status:
        raise UsageError(f"{folder} has no commit", hint="clone the admin repository: git clone URL")
    if repo.git("var", "GIT_AUTHOR_IDENT", check=False).status:
        raise UsageError("git does not know who commits", hint="git config --global user.email YOU@EXAMPLE.ORG")
    return Clone(repo, branch.removeprefix("refs/heads/"), folder)


@contextlib.contextmanager
def committed(clone: Clone) -> Iterator[Path]:
    """A copy of what is committed, as git would check it out: an interrupted run may have written to the work tree."""
    with _scratch(clone.repo.git_dir) as name:
        env = clone.repo.environment() | {"GIT_INDEX_FILE": f"{name}/index"}
        git = ("git", f"--git-dir={clone.repo.git_dir}", f"--work-tree={clone.folder}", "-C", str(clone.folder))
        tree = name / "tree"
        tree.mkdir()
        for words in (("read-tree", "HEAD"), ("checkout-index", "--all", "--quiet", f"--prefix={tree}/")):
            done = run_program((*git, *words), env=env)
            if done.status:
                raise HookkitError(f"git {words[0]} failed", cause=done.stderr.decode(errors="replace").strip())
        yield tree


def changes(tree: Path, files: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Those of ``files`` that are not so in ``tree``: what they are there, if they are there, and what they should be."""
    before = {path: text_of(tree / path) for path in files if (tree / path).is_file()}
    after = {path: text for path, text in files.items() if before.get(path) != text}
    return {path: text for path, text in before.items() if path in after}, after


def refuse_if_dirty(clone: Clone, wanted: Mapping[str, str]) -> None:
    """Nothing of its owner's may get into the commit, or get lost; what an interrupted run has written may.

    :raises UsageError: something would.
    """
    listed = clone.git("status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all")
    for entry in filter(None, os.fsdecode(listed).split("\0")):
        state, path = entry[:2], entry[3:]
        ours = path in wanted and _is(clone.folder / path, wanted[path])
        if not ours and (state != "??" or path in wanted):
            hint = f"commit and push it, or take it back: git -C {clone.folder} status"
            raise UsageError(f"{clone.folder} has changes that are not committed: {path}", hint=hint)


def _is(path: Path, text: str) -> bool:
    return path.is_file() and text_of(path) == text


def commit(clone: Clone, files: Mapping[str, str], subject: str, backend: str) -> str:
    """Write ``files`` and commit them; the commit.

    :raises HookkitError: that is not possible.
    """
    try:
        for path, text in files.items():
            replace(clone.folder / path, text, clone.repo.git_dir)
    except OSError as error:
        raise HookkitError("the files cannot be written", cause=str(error)) from None
    clone.git("add", "--force", "--", *files)
    clone.git("commit", "--quiet", "--message", _message(subject, backend))
    return clone.head


def replace(path: Path, text: str, folder: Path) -> None:
    """Give ``path`` a new content in one step.

    :param folder: where the new file grows, on the same file system.
    :raises OSError: that is not possible.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path = path.resolve()
    with _scratch(folder) as name:
        fresh = name / "fresh"
        fresh.write_bytes(text.encode("utf-8", "surrogateescape"))
        if path.exists():
            old = path.stat()
            fresh.chmod(stat.S_IMODE(old.st_mode))
            if (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
                os.chown(fresh, old.st_uid, old.st_gid)
        fresh.replace(path)


@contextlib.contextmanager
def _scratch(place: Path) -> Iterator[Path]:
    """A folder in ``place``; those of runs that were killed go."""
    remove_stale([place])
    temporary = Temporary(place / "enroll")
    try:
        yield temporary.path
    finally:
        temporary.remove()


def take_back(clone: Clone, to: str, subject: str, backend: str) -> None:
    """Commit that everything is again as it was in ``to``.

    :param subject: that of the commit to take back.
    """
    message = _message(f"{TAKEN_BACK}{subject}", backend)
    oid = clone.repo.git("commit-tree", f"{to}^{{tree}}", "-p", "HEAD", "-m", message).text()
    clone.git("merge", "--quiet", "--ff-only", oid)


def came_before(clone: Clone) -> str | None:
    """The commit that the last run of enroll has built upon; None: the last commit is somebody else's."""
    form = f"--format=%P%x00%s%x00%(trailers:key={TRAILER},valueonly)%x01"
    listed = clone.repo.git("log", "-2", "--first-parent", form, "HEAD", "--").text()
    before = None
    for record in filter(str.strip, listed.split("\1")):
        parents, subject, trailer = record.strip("\n").split("\0")
        if not trailer.strip():
            break
        before = parents.partition(" ")[0] or None
        if not subject.startswith(TAKEN_BACK):
            break
    return before


def strangers(clone: Clone, known: Sequence[str]) -> list[str]:
    """The subjects of commits that are here and in none of ``known``, and that enroll did not make."""
    if not known:
        return []
    form = f"--format=%s%x00%(trailers:key={TRAILER},valueonly)%x01"
    listed = clone.repo.git("log", form, "HEAD", "--not", *known, "--").text()
    pairs = (record.strip("\n").split("\0") for record in listed.split("\1") if record.strip("\n"))
    return [subject for subject, trailer in pairs if not trailer.strip()]


def _message(subject: str, backend: str) -> str:
    return f"{subject}\n\n{TRAILER}: {backend}\n"
