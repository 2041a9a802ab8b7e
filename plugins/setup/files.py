"""Files that commands change: shown as a diff, written in one step, by one command at a time."""

import contextlib
import difflib
import fcntl
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from hookkit.api import HookkitError, terminal


class Change(NamedTuple):
    """What becomes of a file.

    :param before: what is in it; None: it is not there.
    """

    path: Path
    before: bytes | None
    after: bytes

    @property
    def needed(self) -> bool:
        """It is not yet as it should be."""
        return self.before != self.after

    def diff(self) -> Iterator[str]:
        """The lines of a unified diff."""
        old = [] if self.before is None else _lines(self.before)
        name = "/dev/null" if self.before is None else str(self.path)
        yield from difflib.unified_diff(old, _lines(self.after), name, str(self.path), lineterm="")

    def write(self, mode: int) -> None:
        """Write it in one step. One that is there keeps its permissions.

        :param mode: the permissions of a new file.
        :raises HookkitError: that is impossible, or somebody else has changed it meanwhile.
        """
        if read(self.path) != self.before:
            raise HookkitError(f"{self.path} was changed by somebody else at this moment", hint="run it again")
        # Not the link, if it is one: the file that it leads to.
        target = self.path.resolve()
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            descriptor, fresh = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(self.after)
                    os.fchmod(file.fileno(), mode if self.before is None else target.stat().st_mode & 0o7777)
                    os.fsync(file.fileno())
                Path(fresh).replace(target)
            finally:
                Path(fresh).unlink(missing_ok=True)
        except OSError as error:
            raise HookkitError(f"{self.path} cannot be written", cause=str(error)) from None


def changes(texts: Mapping[Path, str]) -> Iterator[Change]:
    """What is to change for files to hold ``texts``.

    :raises HookkitError: one cannot be read.
    """
    for path, text in texts.items():
        change = Change(path, read(path), text.encode("utf-8", "surrogateescape"))
        if change.needed:
            yield change


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """No other command of hookkit changes what is in ``folder`` meanwhile; the lock goes with the process, whatever ends it.

    :raises HookkitError: the folder cannot be made or locked.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The folder itself: a file for it would be one more that its owner has not made.
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise HookkitError(f"{folder} cannot be used", cause=str(error)) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            terminal.warn(f"{folder}: another hookkit setup is at work there, waiting for it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            raise HookkitError(f"{folder} cannot be locked", cause=str(error)) from None
        yield
    finally:
        os.close(descriptor)


def read(path: Path) -> bytes | None:
    """What is in a file; None: it is not there.

    :raises HookkitError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise HookkitError(f"{path} cannot be read", cause=str(error)) from None


def _lines(data: bytes) -> list[str]:
    return os.fsdecode(data).split("\n")[: -1 if data.endswith(b"\n") or not data else None]
