"""Folders that become repositories in one step: beside their place, locked by who fills them, recognised if left behind."""

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path

_PREFIX = ".hookkit-clone."
_ATTEMPTS = 5


class Temporary:
    """A new folder beside ``target``, on the same file system.

    :raises OSError: it cannot be made.
    """

    def __init__(self, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        self._target = target
        self.path = target.parent / f"{_PREFIX}{secrets.token_hex(8)}"
        # Not mkdtemp(): who may read the repository is the umask's to say.
        self.path.mkdir()
        self._descriptor: int | None = _locked(self.path)

    def put_in_place(self) -> None:
        """Give it the name of its target, which must not exist, or be an empty folder.

        :raises OSError: it is something else by now.
        """
        self.path.rename(self._target)
        self._release()

    def remove(self) -> None:
        """Remove it, unless it is in place."""
        if self._descriptor is not None:
            _remove(self.path)
            self._release()

    def _release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def remove_stale(folders: Iterable[Path]) -> list[Path]:
    """Remove from ``folders`` what runs that were killed have left; which that was."""
    removed = []
    for folder in folders:
        for path in sorted(folder.glob(f"{_PREFIX}*")) if folder.is_dir() else ():
            descriptor = _locked(path)
            if descriptor is not None:
                _remove(path)
                os.close(descriptor)
                removed.append(path)
    return removed


def _locked(path: Path) -> int | None:
    """A descriptor that holds the lock of a folder, which goes with its process; None: somebody has it."""
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            return descriptor
    return None


def _remove(path: Path) -> None:
    # A fetch that has outlived its hookkit may still write to it.
    for _ in range(_ATTEMPTS):
        shutil.rmtree(path, ignore_errors=True)
        if not path.exists():
            return
