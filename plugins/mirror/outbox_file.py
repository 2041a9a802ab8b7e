"""The outbox's file: made, opened, and, should it be damaged, put aside."""

import _sqlite3 as sqlite3  # as in ledger
import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from hookkit.api import Repository, put_aside
from hookkit_plugins.mirror.store import Outbox

_NAME = "outbox.sqlite"


def _nothing(_outbox: Outbox) -> None:
    pass


def open_outbox(repo: Repository, tell: Callable[[str], None], write: Callable[[Outbox], None] = _nothing) -> Outbox:
    """The outbox of ``repo``; one that is damaged is put aside and started anew, never a reason not to deliver.

    :param tell: is told, in a line, what went wrong.
    :param write: what to write at once: an outbox that does not take it is as good as none.
    """
    try:
        repo.plugin_dir("mirror")
        return _open(outbox_path(repo), tell, write)
    except (OSError, sqlite3.Error) as error:
        tell(f"hookkit: what is owed to the remotes cannot be written down ({error}); run: hookkit mirror sync")
        outbox = Outbox(None)
        write(outbox)
        return outbox


def _open(path: Path, tell: Callable[[str], None], write: Callable[[Outbox], None]) -> Outbox:
    there = _inode(path)
    try:
        return _usable(path, write)
    except sqlite3.OperationalError:
        raise  # locked, read-only, disk full: not the content
    except sqlite3.DatabaseError as error:
        # Somebody else may have put the damaged one aside already.
        if there is not None and _inode(path) == there:
            aside = put_aside(path)
            tell(
                f"hookkit: the outbox was damaged ({error}) and is started anew, the old one is {aside}; "
                "all is compared again"
            )
        return _usable(path, write)


def _usable(path: Path, write: Callable[[Outbox], None]) -> Outbox:
    if not path.exists():
        # Who may write to the repository may write to this; the umask may say otherwise.
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
            try:
                os.fchmod(descriptor, path.parent.stat().st_mode & 0o666)
            finally:
                os.close(descriptor)
    outbox = Outbox(path)
    try:
        write(outbox)
    except BaseException:
        outbox.close()
        raise
    return outbox


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None


def outbox_path(repo: Repository) -> Path:
    """Where the outbox of ``repo`` is, or would be."""
    return repo.state_dir / "mirror" / _NAME


def existing_outbox(repo: Repository) -> Outbox | None:
    """The outbox of ``repo`` if there is one; nothing is made or repaired.

    :raises sqlite3.Error: it cannot be read.
    """
    path = outbox_path(repo)
    return Outbox(path) if path.is_file() else None
