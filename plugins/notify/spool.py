"""Messages of this account that are yet to be sent, in SQLite: what a crash or a reboot interrupts is sent later."""

import contextlib
import sqlite3
from pathlib import Path
from typing import NamedTuple

from hookkit.api import account_dir
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
        self._db.executescript(_SCHEMA)

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


def opened() -> contextlib.closing[Spool]:
    """The spool of this account.

    :raises sqlite3.Error: it cannot be used.
    """
    return contextlib.closing(Spool(account_dir("notify") / "spool.sqlite"))
