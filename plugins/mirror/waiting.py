"""What waits for a host, of all repositories of this account, and which hosts are down: an index in SQLite.

It says where to look; what is owed is written in each repository's own outbox. Losing the index loses no data: the next
push to a repository, or ``hookkit mirror sync``, finds what is owed there.
"""

import _sqlite3 as sqlite3  # as in ledger
import contextlib
import os
import random
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from hookkit.api import account_dir, put_aside
from hookkit_plugins.mirror import index

_SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (
    host TEXT NOT NULL, repository TEXT NOT NULL, remote TEXT NOT NULL, asked INTEGER NOT NULL, tries INTEGER NOT NULL,
    next_try REAL NOT NULL, PRIMARY KEY (host, repository, remote)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS breaker (
    host TEXT PRIMARY KEY, since REAL NOT NULL, failures INTEGER NOT NULL, probe_at REAL NOT NULL, error TEXT NOT NULL)
    WITHOUT ROWID;
"""
LONGEST = 900.0
"""Seconds that something waits for its next try at most."""
_BYTES = "\x01"
_FIRST_PROBE, _LAST_PROBE = 0.5, 5.0


class Item(NamedTuple):
    """A remote of a repository that waits for its host; ``asked`` counts how often it was asked for."""

    repository: str
    remote: str
    asked: int
    tries: int


class Breaker(NamedTuple):
    """A host that is down, since when, until when nobody tries it, and why; times in seconds since the epoch."""

    since: float
    failures: int
    probe_at: float
    error: str

    def pause(self, now: float) -> float:
        """Seconds until it may be tried; none if that is further away than it ever is: the clock was set back."""
        pause = self.probe_at - now
        return pause if 0 < pause <= _LAST_PROBE else 0


def delay(tries: int, first: float, last: float) -> float:
    """Seconds until the next try after ``tries`` that failed: doubling up to ``last``, a quarter of it by chance."""
    return float(min(last, first * 2 ** min(tries, 30)) * random.uniform(0.75, 1.0))  # noqa: S311 - no secret


class Waiting:
    """The index. One object per thread.

    :raises sqlite3.Error: it cannot be read or written.
    :raises OSError: its folder cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=index.PATIENCE, isolation_level=None)
        try:
            # For this SQLite does not wait for others who open it for the first time: they do the same.
            with contextlib.suppress(sqlite3.OperationalError):
                self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = NORMAL")
            if not self._db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'breaker'").fetchone()[0]:
                self._db.executescript(_SCHEMA)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close it."""
        self._db.close()

    def add(self, host: str, repository: str, remotes: Iterable[str]) -> None:
        """Something waits for ``host``; what waits already is due at once again."""
        index.add(self._db, host, _text(repository), remotes)

    def due(self, host: str, limit: int) -> list[Item]:
        """What may be tried now: what was tried least first, and among that whatever.

        One repository that finds the host down for reasons of its own (an ssh command, a proxy) is not always the first.
        """
        query = (
            "SELECT repository, remote, asked, tries FROM waiting WHERE host = ? AND NOT next_try BETWEEN ? AND ? "
            "ORDER BY tries, random() LIMIT ?"
        )
        # What is further away than anything ever is was written down before the clock was set back.
        now = time.time()
        rows = self._db.execute(query, (host, now, now + LONGEST, limit))
        return [Item(_path(repository), *rest) for repository, *rest in rows]

    def count(self, host: str) -> int:
        """How many remotes of repositories wait for ``host``."""
        return int(self._db.execute("SELECT count(*) FROM waiting WHERE host = ?", (host,)).fetchone()[0])

    def repositories(self, host: str) -> list[str]:
        """The repositories that wait for ``host``."""
        return [
            _path(text)
            for (text,) in self._db.execute("SELECT DISTINCT repository FROM waiting WHERE host = ?", (host,))
        ]

    def hosts(self) -> list[str]:
        """The hosts that something waits for."""
        return [host for (host,) in self._db.execute("SELECT DISTINCT host FROM waiting ORDER BY host")]

    def done(self, host: str, item: Item) -> None:
        """``item`` waits no more, unless it was asked for again meanwhile."""
        self._db.execute(
            "DELETE FROM waiting WHERE host = ? AND repository = ? AND remote = ? AND asked = ?",
            (host, _text(item.repository), item.remote, item.asked),
        )

    def waits(self, host: str, repository: str, remote: str) -> Item | None:
        """Whether ``remote`` of ``repository`` waits for ``host``."""
        query = "SELECT repository, remote, asked, tries FROM waiting WHERE host = ? AND repository = ? AND remote = ?"
        row = self._db.execute(query, (host, _text(repository), remote)).fetchone()
        return Item(repository, *row[1:]) if row else None

    def later(self, host: str, item: Item, seconds: float) -> None:
        """Try ``item`` again in so many seconds, or at once if it was asked for again meanwhile."""
        self._db.execute(
            "UPDATE waiting SET tries = tries + 1, next_try = CASE WHEN asked = ? THEN ? ELSE 0 END "
            "WHERE host = ? AND repository = ? AND remote = ?",
            (item.asked, time.time() + seconds, host, _text(item.repository), item.remote),
        )

    def breaker(self, host: str) -> Breaker | None:
        """What is known about ``host`` if it is down."""
        found = index.down(self._db, host)
        return Breaker(*found) if found else None

    def trip(self, host: str, error: str) -> float:
        """``host`` cannot be reached: nobody waits for it until it answers; seconds until the next probe."""
        known = self.breaker(host)
        failures = known.failures if known else 0
        pause = delay(failures, _FIRST_PROBE, _LAST_PROBE)
        now = time.time()
        self._db.execute(
            "INSERT OR REPLACE INTO breaker VALUES (?, ?, ?, ?, ?)",
            (host, known.since if known else now, failures + 1, now + pause, error),
        )
        return pause

    def mend(self, host: str) -> None:
        """``host`` answers."""
        self._db.execute("DELETE FROM breaker WHERE host = ?", (host,))


def _text(path: str) -> str:
    """``path``, which need not be UTF-8, as the index has it: Unicode that no path begins with, before its bytes."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return _BYTES + os.fsencode(path).decode("latin-1")
    return path


def _path(text: str) -> str:
    return os.fsdecode(text.removeprefix(_BYTES).encode("latin-1")) if text.startswith(_BYTES) else text


def waiting_path() -> Path:
    """Where the index of this account is."""
    return folder() / index.NAME


def folder() -> Path:
    """The account's folder for what is about all its repositories; made on demand."""
    return account_dir("mirror")


def damaged() -> list[Path]:
    """Indexes that were damaged and put aside, the latest last: nobody knows what waited then."""
    return sorted(folder().glob("waiting.damaged-*.sqlite"))


@contextlib.contextmanager
def opened(tell: Callable[[str], None] = lambda _line: None) -> Iterator[Waiting]:
    """The index of this account; one that is damaged is put aside and started anew.

    :param tell: is told, in a line, that it was damaged.
    :raises sqlite3.Error: it cannot be used: locked, read-only, disk full; or turns out to be damaged only now.
    :raises OSError: there is no place for it.
    """
    path = waiting_path()
    there = _inode(path)
    try:
        found = Waiting(path)
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        _put_aside(path, there, error, tell)
        found = Waiting(path)
    broken: sqlite3.DatabaseError | None = None
    try:
        yield found
    except sqlite3.DatabaseError as error:
        broken = error if _is_damage(error) else None
        raise
    finally:
        found.close()
        # Only when it is closed: SQLite removes the log of what it closes by its name.
        if broken:
            _put_aside(path, there, broken, tell)


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether it is the content; not that it is locked, read-only, or the disk full, nor a mistake in a query."""
    return type(error) is sqlite3.DatabaseError


def _put_aside(path: Path, there: int | None, error: sqlite3.Error, tell: Callable[[str], None]) -> None:
    # Somebody else may have done it already.
    if there is not None and _inode(path) == there:
        tell(
            f"hookkit: the index of what waits was damaged ({error}) and is started anew, the old one is "
            f"{put_aside(path)}; what else waited: hookkit mirror sync --all DIR"
        )


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None
