"""Events of this account that nobody has taken yet, in SQLite: what a crash or a reboot interrupts is sent later."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from hookkit.api import account_dir, put_aside

_PATIENCE = 5
_SCHEMA = """
CREATE TABLE IF NOT EXISTS event (
    number INTEGER PRIMARY KEY AUTOINCREMENT, url TEXT NOT NULL, secret_file TEXT NOT NULL, keep REAL NOT NULL,
    at REAL NOT NULL, repository TEXT NOT NULL, name TEXT NOT NULL, identity TEXT NOT NULL, body BLOB NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0, next REAL NOT NULL DEFAULT 0, blocks INTEGER NOT NULL DEFAULT 0, problem TEXT);
"""


class New(NamedTuple):
    """An event to send.

    :param secret_file: the file with the secret; empty: none.
    :param keep: seconds for which it is tried.
    :param at: when it happened, seconds since the epoch.
    :param repository: the git directory that it is about.
    :param identity: no other event has it, whoever sends it.
    """

    url: str
    secret_file: str
    keep: float
    at: float
    repository: str
    name: str
    identity: str
    body: bytes


class Waiting(NamedTuple):
    """An event that waits.

    :param tries: how often it was tried.
    :param problem: why it was not taken last time.
    """

    number: int
    event: New
    tries: int
    problem: str | None


class Spool:
    """The spool.

    :raises sqlite3.Error: it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
        try:
            # What was acknowledged to a pusher is on disk.
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.executescript(_SCHEMA)
            # It is small: every page is looked at.
            (said,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
            if said != "ok":
                raise sqlite3.DatabaseError(said)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close it."""
        self._db.close()

    def add(self, event: New) -> int:
        """Have ``event`` sent; its number."""
        columns = "url, secret_file, keep, at, repository, name, identity, body"
        done = self._db.execute(f"INSERT INTO event ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", event)  # noqa: S608
        assert done.lastrowid is not None  # noqa: S101 - there is one after an INSERT
        return done.lastrowid

    def due(self, now: float) -> list[Waiting]:
        """What may be tried now, in order: nothing that would overtake an event for a server that does not answer."""
        return self._select(
            "next <= ? AND url NOT IN (SELECT url FROM event WHERE blocks AND next > ?) ORDER BY number", now, now
        )

    def waiting(self, repository: str | None = None) -> list[Waiting]:
        """What waits, in order: everything, or what is about one repository."""
        if repository is None:
            return self._select("1 ORDER BY number")
        return self._select("repository = ? ORDER BY number", repository)

    def blocked(self, url: str, now: float) -> str | None:
        """Why nothing is sent to ``url`` now; None: it is."""
        found = self._db.execute(
            "SELECT problem FROM event WHERE blocks AND next > ? AND url = ?", (now, url)
        ).fetchone()
        return str(found[0]) if found else None

    def taken(self, number: int) -> None:
        """An event was taken, or is given up."""
        self._db.execute("DELETE FROM event WHERE number = ?", (number,))

    def failed(self, number: int, problem: str, again: float, *, blocks: bool) -> None:
        """It was not taken.

        :param again: when to try it again, seconds since the epoch.
        :param blocks: so long nothing else is sent to its URL.
        """
        self._db.execute(
            "UPDATE event SET tries = tries + 1, next = ?, blocks = ?, problem = ? WHERE number = ?",
            (again, blocks, problem, number),
        )

    def hurry(self) -> None:
        """Have everything tried now."""
        self._db.execute("UPDATE event SET next = 0, blocks = 0, problem = NULL")

    def drop(self, repository: str) -> int:
        """Forget what is about one repository; how much that was."""
        return self._db.execute("DELETE FROM event WHERE repository = ?", (repository,)).rowcount

    def _select(self, where: str, *values: object) -> list[Waiting]:
        columns = "number, tries, problem, url, secret_file, keep, at, repository, name, identity, body"
        rows = self._db.execute(f"SELECT {columns} FROM event WHERE {where}", values)  # noqa: S608 - our own words
        return [Waiting(number, New(*event), tries, problem) for number, tries, problem, *event in rows]


@contextlib.contextmanager
def opened(tell: Callable[[str], None]) -> Iterator[Spool]:
    """The spool of this account; one that is damaged is put aside and begun anew.

    :param tell: is told so, in a line.
    :raises sqlite3.Error: it cannot be used: locked, read-only, disk full.
    """
    path = account_dir("trigger") / "spool.sqlite"
    try:
        spool = Spool(path)
    except sqlite3.OperationalError:
        raise  # not the content
    except sqlite3.DatabaseError as error:
        tell(f"hookkit: the spool of events was damaged ({error}) and is begun anew, the old one is {put_aside(path)}")
        spool = Spool(path)
    try:
        yield spool
    finally:
        spool.close()
