"""The repository's own configuration file: changed in one atomic step, and put back byte for byte.

All changes are made to a copy, by git itself; the copy then becomes git's own lock file and takes the file's place. Nobody
ever sees half of them, and whoever edits the file at the same time loses nothing.
"""

import hashlib
import os
import time
from collections.abc import Sequence
from pathlib import Path

from hookkit import gitconfig, process
from hookkit.errors import HookkitError
from hookkit.installation.slot import alike, write
from hookkit.repository import Repository

_LOCK_WAIT = 3.0

Edit = tuple[str, ...]
"""Arguments of ``git config``: ``("--replace-all", KEY, VALUE)``."""

Values = dict[str, tuple[str | None, ...]]
"""Key, as git prints it, to its values; None: a key without ``=``."""


class ConfigFile:
    """``config`` in the common directory of ``repo``; symbolic links are followed, as git does."""

    def __init__(self, repo: Repository) -> None:
        self.path = Path(os.path.realpath(repo.common_dir / "config"))
        self.original = repo.state_dir / "config.before"
        self._lock = self.path.with_name(self.path.name + ".lock")
        self._scratch = repo.state_dir / "config.new"
        self._env = repo.environment()

    def read(self) -> bytes:
        """The content of the file."""
        return self.path.read_bytes()

    def values(self, data: bytes) -> Values:
        """What the content ``data`` sets; included files are left out."""
        listed = process.git("config", "--file", "-", "--no-includes", "--list", "-z", stdin=data, env=self._env)
        values: Values = {}
        for line in os.fsdecode(listed.stdout).split("\0")[:-1]:
            key, equals, value = line.partition("\n")
            values[key] = (*values.get(key, ()), value if equals else None)
        return values

    def edited(self, data: bytes, edits: Sequence[Edit]) -> bytes:
        """``data`` after ``edits``."""
        if not edits:
            return data
        write(self._scratch, data, 0o600)
        for edit in edits:
            process.git("config", "--file", str(self._scratch), *edit, env=self._env)
        return self._scratch.read_bytes()

    def keep_original(self, data: bytes) -> None:
        """Put the content from before aside. It may hold secrets: nobody may read it who may not read the file."""
        write(self.original, data, self._mode())

    def swap(self, before: bytes, after: bytes) -> bool:
        """Replace the content ``before`` by ``after``; False if somebody else was faster.

        :raises HookkitError: somebody else holds git's lock.
        """
        if before == after:
            return True
        write(self._scratch, after, self._mode())
        self._take_lock()
        if self.read() != before:
            self._lock.unlink()
            return False
        self._lock.replace(self.path)
        self._scratch.unlink()
        return True

    def recover(self) -> None:
        """Remove what a killed process of ours left behind."""
        if self._scratch.exists():
            if self._lock.exists() and alike(self._lock, self._scratch):
                self._lock.unlink()
            self._scratch.unlink()

    def _take_lock(self) -> None:
        deadline = time.monotonic() + _LOCK_WAIT
        while True:
            try:
                self._copy_to_lock()
            except FileExistsError:
                if time.monotonic() > deadline:
                    raise HookkitError(
                        f"cannot change {self.path}",
                        cause=f"another process holds {self._lock}, or died and left it",
                        hint=f"if no git command is at work there: rm {self._lock}",
                    ) from None
                time.sleep(0.05)
            else:
                return

    def _copy_to_lock(self) -> None:
        """As a second name of the same file where that can be had: so :meth:`recover` knows it again."""
        try:
            os.link(self._scratch, self._lock)
        except FileExistsError:
            raise
        except OSError:
            if os.path.lexists(self._lock):
                raise FileExistsError(self._lock) from None
            write(self._lock, self._scratch.read_bytes(), self._mode())

    def _mode(self) -> int:
        return self.path.stat().st_mode & 0o7777


def fingerprint(data: bytes) -> str:
    """Tells contents apart."""
    return hashlib.sha256(data).hexdigest()


def of(values: Values, key: str) -> tuple[str | None, ...]:
    """The values of ``key``, however it is spelled."""
    return values.get(gitconfig.normal(key), ())
