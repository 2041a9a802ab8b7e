"""What was delivered when, and what failed: a bounded record beside the outbox, for people.

Nothing depends on it: where it cannot be written, or is damaged, deliveries go on without.
"""

import _sqlite3 as sqlite3  # as in ledger
import contextlib
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from hookkit.api import Repository, utf8
from hookkit_plugins.mirror import lines
from hookkit_plugins.mirror.report import Report

# Deliveries that are kept, of all remotes together.
_KEPT = 5_000
_PATIENCE = 2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS delivery (
    number INTEGER PRIMARY KEY, at REAL NOT NULL, remote TEXT NOT NULL, by TEXT NOT NULL, seconds REAL NOT NULL,
    refs INTEGER NOT NULL, outcome TEXT NOT NULL, what TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tally (
    remote TEXT NOT NULL, outcome TEXT NOT NULL, count INTEGER NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (remote, outcome)) WITHOUT ROWID;
"""


class Entry(NamedTuple):
    """One delivery.

    :param at: when it ended, seconds since the epoch.
    :param by: who delivered: ``push`` (a hook), ``worker`` or ``sync``.
    :param seconds: how long it took.
    :param refs: how many refs the remote took.
    :param outcome: ``ok``, ``held``, or the class of the failure.
    :param what: what a pusher would see, without the remote's name and the time that it took.
    """

    at: float
    remote: str
    by: str
    seconds: float
    refs: int
    outcome: str
    what: str


def entry(report: Report, by: str, now: float) -> Entry | None:
    """What there is to remember about a delivery; None: nothing happened in it. Pure."""
    if not report.sent and (report.taken or report.ok):
        return None
    outcome = report.failure.kind.value if report.failure else "held" if report.held else "ok"
    return Entry(now, report.remote.name, by, report.seconds, len(report.sent), outcome, utf8(lines.what(report, now)))


def record(repo: Repository, report: Report, by: str) -> None:
    """Remember a delivery, if anything happened in it."""
    new = entry(report, by, time.time())
    if new is None:
        return
    with contextlib.suppress(OSError, sqlite3.Error):
        repo.plugin_dir("mirror")
        path = _path(repo)
        try:
            _write(path, new)
        except sqlite3.OperationalError:
            raise  # locked, full: not the content
        except sqlite3.DatabaseError:
            path.unlink()
            _write(path, new)


def _write(path: Path, new: Entry) -> None:
    fresh = not path.exists()
    with contextlib.closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as db:
        if fresh:
            # Who may write to the repository may write to this; the umask may say otherwise.
            path.chmod(path.parent.stat().st_mode & 0o666)
        db.execute("PRAGMA synchronous = OFF")
        if not db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'tally'").fetchone()[0]:
            db.executescript(_SCHEMA)
        db.execute("BEGIN IMMEDIATE")
        row = db.execute("INSERT INTO delivery VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", new)
        db.execute("DELETE FROM delivery WHERE number <= ?", ((row.lastrowid or 0) - _KEPT,))
        db.execute(
            "INSERT INTO tally VALUES (?, ?, 1, ?) "
            "ON CONFLICT DO UPDATE SET count = count + 1, seconds = seconds + excluded.seconds",
            (new.remote, new.outcome, new.seconds),
        )
        db.execute("COMMIT")


def entries(repo: Repository, remotes: Sequence[str], limit: int) -> list[Entry]:
    """The latest deliveries to ``remotes`` (none named: to all), newest first.

    :raises sqlite3.Error: the record cannot be read.
    """
    path = _path(repo)
    if not path.is_file():
        return []
    with contextlib.closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as db:
        return list(_selected(db, set(remotes), limit))


def tallies(repo: Repository) -> list[tuple[str, str, int, float]]:
    """Remote, outcome, how many deliveries ended so, and how many seconds they took: since the record began.

    :raises sqlite3.Error: the record cannot be read.
    """
    path = _path(repo)
    if not path.is_file():
        return []
    with contextlib.closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as db:
        return list(db.execute("SELECT remote, outcome, count, seconds FROM tally ORDER BY remote, outcome"))


def _selected(db: sqlite3.Connection, remotes: set[str], limit: int) -> Iterator[Entry]:
    rows = db.execute("SELECT at, remote, by, seconds, refs, outcome, what FROM delivery ORDER BY number DESC")
    for row in rows:
        if limit <= 0:
            return
        found = Entry(*row)
        if not remotes or found.remote in remotes:
            limit -= 1
            yield found


def _path(repo: Repository) -> Path:
    return repo.state_dir / "mirror" / "history.sqlite"
