"""The outbox as SQL, as far as every hook call needs it: what happened here is owed to the remotes.

Imports next to nothing.
"""

# Not sqlite3: that imports datetime beside this, for conversions that nobody here uses, and is a seventh of a quick answer.
import _sqlite3
import os
import time
from _sqlite3 import Connection
from collections.abc import Iterable

VERSION = 1
COVERED = "covered"
"""The verdict on what others deliver."""
# Of a ref that changes for ever without its remote being asked, the latest values are remembered (and the first).
_REPLACED_KEPT = 100
# Seconds that a quick answer waits for others who write; the long way waits longer.
_PATIENCE = 1
# A log that is longer, in bytes, is not left behind: whoever opens the database next reads all of it.
_LOG_LIMIT = 128 * 1024

_left_open: list[object] = []

Update = tuple[str, str, str]
"""Ref, old value, new value: what a ``RefUpdate`` is, too."""


# Ref names are bytes, and need not be UTF-8: SQLite takes them as such.
def stored(ref: str) -> bytes:
    """A ref's name as the database has it."""
    return ref.encode("utf-8", "surrogateescape")


def existing(path: str, version: int = VERSION) -> Connection | None:
    """The database at ``path``; None if it is not there, or is not made yet."""
    if not os.path.exists(path):
        return None
    db = _sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        if one(db, "PRAGMA user_version") == version:
            return db
    except _sqlite3.Error:
        db.close()
        raise
    db.close()
    return None


def let_go(db: Connection, path: str) -> None:
    """Be done with the database at ``path``, in a process that is about to end and forks no more: until then it stays open.

    Whoever closes it as the last one, as hooks mostly would, copies its log into it, which takes four flushes of the disk.
    What was committed is as safe in the log, where others find it.
    """
    try:
        is_short = os.stat(f"{path}-wal").st_size < _LOG_LIMIT
    except OSError:
        is_short = False
    if is_short:
        _left_open.append(db)
    else:
        db.close()


class Transaction:
    """All or nothing.

    :param durable: it is on disk when it ends.
    """

    def __init__(self, db: Connection, *, durable: bool = False) -> None:
        self._db = db
        self._durable = durable

    def __enter__(self) -> None:
        self._db.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, at: object) -> None:
        try:
            if kind is None:
                self._db.execute("COMMIT")
        finally:
            # After some errors, such as a full disk, SQLite has rolled back already.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")


def one(db: Connection, query: str, *parameters: object) -> object:
    """The first column of the first row; None: there is none."""
    row = db.execute(query, parameters).fetchone()
    return row[0] if row else None


def next_serial(db: Connection) -> int:
    """Grows with every change, and is never used twice: a debt that was settled and made anew is another one."""
    db.execute("UPDATE counter SET serial = serial + 1")
    serial = one(db, "SELECT serial FROM counter")
    assert isinstance(serial, int)  # noqa: S101 - for the type checker
    return serial


def owe(db: Connection, updates: Iterable[Update], remotes: Iterable[str], covered: Iterable[str] = ()) -> None:
    """What :meth:`Outbox.owe` does, within a transaction."""
    now = time.time()
    updates = list(updates)
    serial = next_serial(db)
    for remote, verdict in [(name, None) for name in remotes] + [(name, COVERED) for name in covered]:
        rows = [(remote, stored(ref), old, serial, now, verdict, COVERED) for ref, old, _ in updates]
        if verdict is None:
            _take_over(db, rows)
        db.executemany(
            "INSERT INTO debt (remote, ref, base, serial, since, verdict) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO UPDATE SET serial = excluded.serial, detail = NULL, "
            # What waits already goes on waiting, and what was held is worth another look.
            "verdict = CASE verdict WHEN ? THEN excluded.verdict END",
            rows,
        )
        _replace(db, remote, updates)


def _take_over(db: Connection, rows: list[tuple[str, bytes, str, int, float, str | None, str]]) -> None:
    """What others have delivered until now is owed from now on: the remote has what was here before this change.

    Should it have what was here when the others took over, that is known too.
    """
    covered = [(now, remote, ref, COVERED) for remote, ref, _, _, now, _, _ in rows]
    db.executemany(
        "INSERT OR IGNORE INTO replaced SELECT remote, ref, base, ? FROM debt "
        "WHERE remote = ? AND ref = ? AND verdict = ? AND trim(base, '0') <> ''",
        covered,
    )
    db.executemany(
        "UPDATE debt SET base = ?, since = ? WHERE remote = ? AND ref = ? AND verdict = ?",
        [(old, now, remote, ref, COVERED) for remote, ref, old, _, now, _, _ in rows],
    )


def _replace(db: Connection, remote: str, updates: list[Update]) -> None:
    now = time.time()
    known = [(old, now, remote, stored(ref)) for ref, old, _ in updates if old.strip("0")]
    db.executemany(
        "INSERT OR IGNORE INTO replaced SELECT remote, ref, ?, ? FROM debt WHERE remote = ? AND ref = ?", known
    )
    db.executemany(
        "DELETE FROM replaced WHERE remote = :remote AND ref = :ref AND oid IN (SELECT oid FROM replaced "
        "WHERE remote = :remote AND ref = :ref ORDER BY at DESC LIMIT -1 OFFSET :kept)",
        [{"remote": remote, "ref": ref, "kept": _REPLACED_KEPT} for _, _, _, ref in known],
    )


def owed(db: Connection, remote: str) -> tuple[int, float | None]:
    """How many refs ``remote`` is owed by this repository, and since when the oldest."""
    query = "SELECT count(*), min(since) FROM debt WHERE remote = ? AND verdict IS NOT ?"
    row = db.execute(query, (remote, COVERED)).fetchone()
    return row[0], row[1]


def failed(db: Connection, remote: str, url: str, kind: str, error: str) -> None:
    """``remote`` could not be reached or did not take what it was sent; within a transaction."""
    since = one(db, "SELECT failing_since FROM remote WHERE name = ? AND url = ?", remote, url) or time.time()
    know(db, remote, url, failing_since=since, kind=kind, error=error)


def know(db: Connection, remote: str, url: str, **columns: object) -> None:
    """Remember something about ``remote``; what was known of it at another URL is forgotten. Within a transaction."""
    if one(db, "SELECT url FROM remote WHERE name = ?", remote) != url:
        db.execute("INSERT OR REPLACE INTO remote (name, url) VALUES (?, ?)", (remote, url))
    names = ", ".join(f"{name} = ?" for name in columns)
    db.execute(f"UPDATE remote SET {names} WHERE name = ?", (*columns.values(), remote))  # noqa: S608
