"""Lock files that a git which was killed has left behind: until somebody removes them, nobody can change what they lock."""

import os
import shlex
import time
from collections.abc import Iterator
from pathlib import Path

from hookkit.doctor import processes
from hookkit.errors import HookkitError
from hookkit.repository import Repository
from hookkit.text import ago
from hookkit.values import Check

# git holds a lock for moments, apart from that on an index while somebody writes a commit message.
_SUSPICIOUS = 5 * 60
_STALE = 60 * 60
# Where git locks something; what is in between (objects, hooks, other people's folders) is not searched.
_FOLDERS = ("refs", "logs", "reftable", "worktrees", "objects/info", "objects/pack")


def checks(repo: Repository) -> Iterator[Check]:
    """One check per lock that is older than it should be."""
    now = time.time()
    old = [(path, age) for path in _locks(repo.common_dir) if (age := _age(path, now)) > _SUSPICIOUS]
    for path, age in sorted(old):
        yield _check(repo, path, age)
    if not old:
        yield Check("locks", "ok", "none was left behind")


def _locks(top: Path) -> Iterator[Path]:
    yield from top.glob("*.lock")
    for folder in _FOLDERS:
        for path, _, names in os.walk(top / folder):
            yield from (Path(path, name) for name in names if name.endswith(".lock"))


def _age(path: Path, now: float) -> float:
    try:
        return now - path.lstat().st_mtime
    except FileNotFoundError:
        return 0


def _check(repo: Repository, path: Path, age: float) -> Check:
    name = f"lock {path.relative_to(repo.common_dir)}"
    said = f"it is {ago(age)} old"
    process = processes.at_work(repo, path)
    if process:
        return Check(name, "warning", f"{said}, and {process} is at work here: it may be its", "look at that process")
    cause = f"{said} and nobody seems to hold it: what it locks cannot be changed until it is removed"
    hint = f"if no git is at work here, on no machine: rm {shlex.quote(str(path))}"
    return Check(name, "problem", cause, hint, (lambda: _remove(repo, path)) if age > _STALE else None)


def _remove(repo: Repository, path: Path) -> None:
    """Remove it, if it is still the one that was looked at.

    :raises HookkitError: somebody has taken the lock meanwhile.
    """
    if _age(path, time.time()) <= _STALE or processes.at_work(repo, path):
        raise HookkitError(f"{path} is in use now")
    path.unlink(missing_ok=True)
