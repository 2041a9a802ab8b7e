"""The index of what waits as SQL, as far as hooks need it that send nothing themselves. Imports next to nothing."""

from _sqlite3 import Connection
from collections.abc import Iterable

# Seconds to wait for others who write: a pusher may be waiting.
PATIENCE = 2
NAME = "waiting.sqlite"

Down = tuple[float, int, float, str]
"""A host that is down: since when, failures, when it is tried next, why."""


def add(db: Connection, host: str, repository: str, remotes: Iterable[str]) -> None:
    """Something waits for ``host``; what waits already is due at once again."""
    db.executemany(
        "INSERT INTO waiting VALUES (?, ?, ?, 1, 0, 0) ON CONFLICT DO UPDATE SET asked = asked + 1, next_try = 0",
        [(host, repository, remote) for remote in remotes],
    )


def down(db: Connection, host: str) -> Down | None:
    """What is known about ``host`` if it is down."""
    query = "SELECT since, failures, probe_at, error FROM breaker WHERE host = ?"
    row: Down | None = db.execute(query, (host,)).fetchone()
    return row
