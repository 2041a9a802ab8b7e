"""Messages of this account that are yet to be sent, in SQLite: what a crash or a reboot interrupts is sent later."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from hookkit.api import account_dir, put_aside
from hookkit_plugins.notify.message import Message

_PATIENCE = 5
_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY, file TEXT NOT NULL, every REAL NOT NULL, at REAL NOT NULL, node TEXT NOT NULL,
    repository TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sent (file TEXT PRIMARY KEY, at REAL NOT NULL) WITHOUT ROWID;
"""


class Batch(NamedTuple):
    """What waits for the addresses in one file.

    :param every: seconds that are to be between two messages to them.
    :param last: the number of the last message.
    :param sent_at: when something was sent to them last, seconds since the epoch; 0: never.
    """

    file: str
    every: float
    last: int
    sent_at: float
    messages: tuple[Message, ...]


class Spool:
    """The spool.

    :raises sqlite3.Error: it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
        try:
            self._db.executescript(_SCHEMA)
            # It is small, and nobody waits: every page is looked at.
            (said,) = self._db.execute("PRAGMA quick_check(1)").fetchone()
            if said != "ok":
                raise sqlite3.DatabaseError(said)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Close it."""
        self._db.close()

    def add(self, file: str, every: float, message: Message) -> None:
        """Have ``message`` sent to the addresses in ``file``."""
        self._db.execute("INSERT INTO message VALUES (NULL, ?, ?, ?, ?, ?, ?)", (file, every, *message))

    def batches(self) -> list[Batch]:
        """What waits, by file."""
        query = (
            "SELECT message.file, max(every), max(number), coalesce(max(sent.at), 0) FROM message "
            "LEFT JOIN sent ON sent.file = message.file GROUP BY message.file"
        )
        found = self._db.execute(query).fetchall()
        return [Batch(file, every, last, sent_at, self._messages(file, last)) for file, every, last, sent_at in found]

    def _messages(self, file: str, last: int) -> tuple[Message, ...]:
        query = "SELECT at, node, repository, text FROM message WHERE file = ? AND number <= ? ORDER BY number"
        return tuple(Message(*row) for row in self._db.execute(query, (file, last)))

    def sent(self, batch: Batch, now: float) -> None:
        """``batch`` was sent."""
        self._db.execute("INSERT OR REPLACE INTO sent VALUES (?, ?)", (batch.file, now))
        self.drop(batch)

    def drop(self, batch: Batch) -> None:
        """``batch`` is sent, or is not worth it any more."""
        self._db.execute("DELETE FROM message WHERE file = ? AND number <= ?", (batch.file, batch.last))


@contextlib.contextmanager
def opened(tell: Callable[[str], None]) -> Iterator[Spool]:
    """The spool of this account; one that is damaged is put aside and begun anew.

    :param tell: is told so, in a line.
    :raises sqlite3.Error: it cannot be used: locked, read-only, disk full.
    :raises OSError: there is no place for it.
    """
    path = account_dir("notify") / "spool.sqlite"
    try:
        spool = Spool(path)
    except sqlite3.OperationalError:
        raise  # not the content
    except sqlite3.DatabaseError as error:
        tell(
            f"hookkit: the spool of messages was damaged ({error}) and is begun anew, the old one is {put_aside(path)}"
        )
        spool = Spool(path)
    try:
        yield spool
    finally:
        spool.close()
