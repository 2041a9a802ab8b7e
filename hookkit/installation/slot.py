"""One place where git, or the platform, looks for a hook: what is there, put a stub there, take it back.

At no instant is the hook that was there not in force, and nothing is ever written through a symbolic link.
"""

import contextlib
import enum
import io
import os
import shutil
import stat
from pathlib import Path
from typing import NamedTuple

from hookkit.installation import stub

_BEGINNING = 65536


class Kind(enum.Enum):
    """What a path holds."""

    NOTHING = "nothing"
    STUB = "a stub of hookkit's"
    HOOK = "somebody's hook"
    ODD = "something that is not a file"


class Slot(NamedTuple):
    """The paths of one hook.

    :param hook: git's name for it.
    :param path: where git, or the platform, looks for it.
    :param kept: where the hook that was there before is kept; None: what is there must stay.
    :param scratch: where a stub is written before it takes its place; nobody looks for hooks there.
    """

    hook: str
    path: Path
    kept: Path | None
    scratch: Path

    @property
    def holds(self) -> Kind:
        """What is there now."""
        return kind(self.path)

    @property
    def keeps(self) -> bool:
        """A hook from before is kept."""
        return self.kept is not None and os.path.lexists(self.kept)

    @property
    def is_double(self) -> bool:
        """What is there and what is kept are the same: an installation was cut short, or somebody has put it back."""
        return self.kept is not None and self.keeps and alike(self.path, self.kept)

    def put(self, text: bytes, mode: int) -> None:
        """Put a stub there, and keep what it replaces."""
        if self.kept is not None and self.holds is Kind.HOOK and not self.keeps:
            _duplicate(self.path, self.kept, self.scratch)
        write(self.scratch, text, mode)
        self.scratch.replace(self.path)

    def take_back(self) -> bool:
        """Undo :meth:`put`; False if somebody has put a hook there since: theirs stays, and what is kept too."""
        self.scratch.unlink(missing_ok=True)
        held = self.holds
        if self.kept is None or not self.keeps:
            if held is Kind.STUB:
                self.path.unlink()
        elif held in (Kind.STUB, Kind.NOTHING):
            self.kept.replace(self.path)
        elif self.is_double:
            self.kept.unlink()
        else:
            return False
        return True


def kind(path: Path) -> Kind:
    """What ``path`` holds; a symbolic link is somebody's hook, wherever it points."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return Kind.NOTHING
    if stat.S_ISLNK(mode):
        return Kind.HOOK
    if not stat.S_ISREG(mode):
        return Kind.ODD
    try:
        with path.open("rb") as file:
            return Kind.STUB if stub.is_ours(file.read(_BEGINNING)) else Kind.HOOK
    except PermissionError:
        return Kind.HOOK


def content(path: Path) -> bytes:
    """The beginning of the file that ``path`` leads to; empty if it cannot be read."""
    try:
        with path.open("rb") if path.is_file() else io.BytesIO() as file:
            return file.read(_BEGINNING)
    except OSError:
        return b""


def alike(one: Path, other: Path) -> bool:
    """Whether two paths are the same file, or files (links) that nobody could tell apart."""
    first, second = one.lstat(), other.lstat()
    if os.path.samestat(first, second):
        return True
    if first.st_mode != second.st_mode:
        return False
    if stat.S_ISLNK(first.st_mode):
        return one.readlink() == other.readlink()
    return stat.S_ISREG(first.st_mode) and one.read_bytes() == other.read_bytes()


def _duplicate(source: Path, target: Path, scratch: Path) -> None:
    """A second name for ``source``; a copy where the file system or the kernel does not allow a hard link."""
    try:
        os.link(source, target, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError:
        scratch.unlink(missing_ok=True)
        shutil.copy2(source, scratch, follow_symlinks=False)
        owner = source.lstat()
        with contextlib.suppress(PermissionError):
            os.chown(scratch, owner.st_uid, owner.st_gid, follow_symlinks=False)
        scratch.rename(target)


def write(path: Path, data: bytes, mode: int) -> None:
    """Write a new file, on the disk when this returns."""
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        os.fchmod(descriptor, mode)
        file.flush()
        os.fsync(descriptor)
