"""The outbox: what each remote of a repository has yet to be told, in SQLite beside the repository.

It lives in the repository's own folder, so that every account that may push here shares it, it moves with the
repository, and it goes when hookkit does. What is owed is on disk before :meth:`Outbox.owe` returns. What comes after a
delivery may be lost when the power fails: it is then delivered, or compared, once more. Losing all of it loses no data: the
next delivery compares with the remotes themselves.
"""

import _sqlite3 as sqlite3  # as in ledger
import contextlib
import os
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from hookkit.api import RefUpdate
from hookkit_plugins.mirror.ledger import (
    COVERED,
    VERSION,
    Transaction,
    failed,
    know,
    let_go,
    next_serial,
    one,
    owe,
    owed,
    stored,
)
from hookkit_plugins.mirror.plan import Debt

_SCHEMA = """
CREATE TABLE IF NOT EXISTS debt (
    remote TEXT NOT NULL, ref BLOB NOT NULL, base TEXT NOT NULL, serial INTEGER NOT NULL, since REAL NOT NULL,
    verdict TEXT, detail TEXT, PRIMARY KEY (remote, ref)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS replaced (
    remote TEXT NOT NULL, ref BLOB NOT NULL, oid TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (remote, ref, oid)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS remote (
    name TEXT PRIMARY KEY, url TEXT NOT NULL, compared REAL, push_options INTEGER, push_options_at REAL,
    last_success REAL, failing_since REAL, kind TEXT, error TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (serial INTEGER NOT NULL);
INSERT INTO counter SELECT 0 WHERE NOT EXISTS (SELECT * FROM counter);
"""
# How long to wait for others who write, in seconds.
_PATIENCE = 10
# A receiver may learn push options when it is upgraded: ask again after a day.
_PUSH_OPTIONS_TTL = 86_400


class Known(NamedTuple):
    """What is known about a remote.

    :param compared: when all refs were last compared with it; None: never, so that what it has is not known.
    :param last_success: when it last took what it was sent, or had it already.
    :param failing_since: since when it has not; None: it has.
    :param kind: the class of the last failure; :param error: in words.
    """

    compared: float | None = None
    last_success: float | None = None
    failing_since: float | None = None
    kind: str | None = None
    error: str | None = None


class Held(NamedTuple):
    """A debt that is not simply waiting: ``verdict`` is ``diverged`` or ``refused``, ``detail`` says more."""

    ref: str
    since: float
    verdict: str
    detail: str


def _ref(stored: bytes) -> str:
    return os.fsdecode(stored)


class Outbox:
    """The outbox of one repository. One object per thread.

    :param path: the database; None: in this process's memory, when the disk will not have it.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._turn = threading.RLock()
        # What is in memory has one connection, which the threads share: another one would be another database.
        self._db = sqlite3.connect(
            path or ":memory:",
            timeout=_PATIENCE,
            isolation_level=None,
            check_same_thread=path is not None,
        )
        try:
            self._write_ahead()
            if one(self._db, "PRAGMA user_version") != VERSION:
                with self._transaction():
                    for statement in filter(str.strip, _SCHEMA.split(";")):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version = {VERSION}")
        except BaseException:
            self._db.close()
            raise

    @property
    def is_on_disk(self) -> bool:
        """It survives this process."""
        return self._path is not None

    def check(self) -> None:
        """Look at every page.

        :raises sqlite3.DatabaseError: one is damaged.
        """
        said = one(self._db, "PRAGMA quick_check(1)")
        if said != "ok":
            raise sqlite3.DatabaseError(str(said))

    def _write_ahead(self) -> None:
        """Have a transaction cost one write, and one flush where it must be durable; sqlite.org/wal.html."""
        deadline = time.monotonic() + _PATIENCE
        while one(self._db, "PRAGMA journal_mode") not in ("wal", "memory"):
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError:
                # SQLite does not wait by itself for others who open it for the first time.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def another(self) -> "Outbox":
        """The same outbox for another thread; to be closed there."""
        return Outbox(self._path) if self._path else _Shared(self)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def let_go(self) -> None:
        """Let go of the database in a process that is about to end, and has nobody else to close it for."""
        if self._path:
            let_go(self._db, str(self._path))

    @contextlib.contextmanager
    def _transaction(self, *, durable: bool = False) -> Iterator[None]:
        with self._turn, Transaction(self._db, durable=durable):
            yield

    # ---- what is owed ----

    def owe(
        self,
        updates: Iterable[RefUpdate],
        remotes: Iterable[str],
        *,
        covered: Iterable[str] = (),
    ) -> None:
        """Remember that ``updates`` happened here.

        :param remotes: must be told.
        :param covered: get it from others, as far as is known: nothing waits to be sent, but should a comparison find that
            they did not, it is known here what may be replaced there.
        """
        with self._transaction(durable=True):
            owe(self._db, updates, remotes, covered)

    def owe_too(self, remote: str, refs: Iterable[tuple[str, str]]) -> int:
        """Remember that a comparison found differences: ref, and what the remote has (all zeros for nothing).

        :returns: the serial of the debts that were made; those that there were already keep theirs.
        """
        now = time.time()
        with self._transaction():
            serial = next_serial(self._db)
            self._db.executemany(
                "INSERT OR IGNORE INTO debt (remote, ref, base, serial, since) VALUES (?, ?, ?, ?, ?)",
                [(remote, stored(ref), theirs, serial, now) for ref, theirs in refs],
            )
        return serial

    def debts(self, remote: str, *, waiting: bool = False) -> list[Debt]:
        """What ``remote`` is owed; ``waiting``: without what is held, or covered by others."""
        replaced: dict[str, set[str]] = {}
        # Only of what is asked for: what others deliver can be every ref there is.
        known = (
            "SELECT replaced.ref, oid FROM debt CROSS JOIN replaced USING (remote, ref) "
            "WHERE remote = ? AND (verdict IS NULL OR NOT ?)"
        )
        for ref, oid in self._db.execute(known, (remote, waiting)):
            replaced.setdefault(_ref(ref), set()).add(oid)
        rows = self._db.execute(
            "SELECT ref, base, serial, since FROM debt WHERE remote = ? AND (verdict IS NULL OR NOT ?) ORDER BY ref",
            (remote, waiting),
        )
        return [
            Debt(_ref(ref), base, serial, since, frozenset(replaced.get(_ref(ref), ())))
            for ref, base, serial, since in rows
        ]

    def pay(self, remote: str, delivered: Iterable[tuple[str, int, str | None]]) -> None:
        """Settle debts: ref, the serial that was delivered, and the value that the remote now has (None: none)."""
        with self._transaction():
            for name, serial, value in delivered:
                ref = stored(name)
                if one(self._db, "SELECT serial FROM debt WHERE remote = ? AND ref = ?", remote, ref) == serial:
                    self._forget(remote, [ref])
                elif value is not None:
                    # It changed here meanwhile: still owed, from what the remote has now.
                    self._db.execute(
                        "INSERT OR IGNORE INTO replaced SELECT remote, ref, ?, ? FROM debt WHERE remote = ? AND ref = ?",
                        (value, time.time(), remote, ref),
                    )
                    self._db.execute("UPDATE debt SET base = ? WHERE remote = ? AND ref = ?", (value, remote, ref))

    def cancel(self, remote: str, refs: Iterable[str]) -> None:
        """Forget what is owed for ``refs``: they are not mirrored any more."""
        with self._transaction():
            self._forget(remote, [stored(ref) for ref in refs])

    def _forget(self, remote: str, refs: list[bytes]) -> None:
        pairs = [(remote, ref) for ref in refs]
        self._db.executemany("DELETE FROM debt WHERE remote = ? AND ref = ?", pairs)
        self._db.executemany("DELETE FROM replaced WHERE remote = ? AND ref = ?", pairs)

    def hold(self, remote: str, held: Iterable[tuple[Held, int | None]]) -> None:
        """Remember refs that the remote does not take; they are looked at again when somebody syncs or changes them.

        :param held: each with the serial of the debt that was tried, None if there was none: one that has changed since
            is not held.
        """
        with self._transaction():
            fresh = next_serial(self._db)
            self._db.executemany(
                "INSERT INTO debt (remote, ref, base, serial, since, verdict, detail) VALUES (?, ?, '', ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET verdict = excluded.verdict, detail = excluded.detail WHERE serial = ?",
                [
                    (remote, stored(each.ref), fresh, each.since, each.verdict, each.detail, serial)
                    for each, serial in held
                ],
            )

    def held(self, remote: str) -> list[Held]:
        """The debts of ``remote`` that are diverged or refused."""
        query = "SELECT ref, since, verdict, detail FROM debt WHERE remote = ? AND verdict <> ? ORDER BY ref"
        return [Held(_ref(ref), *rest) for ref, *rest in self._db.execute(query, (remote, COVERED))]

    def owed(self, remote: str) -> tuple[int, float | None]:
        """How many refs ``remote`` is owed by this repository, and since when the oldest."""
        return owed(self._db, remote)

    # ---- what is known about remotes ----

    def known(self, remote: str, url: str) -> Known:
        """What is known about ``remote``; nothing if it has got another URL."""
        row = self._db.execute(
            "SELECT compared, last_success, failing_since, kind, error FROM remote WHERE name = ? AND url = ?",
            (remote, url),
        ).fetchone()
        return Known(*row) if row else Known()

    def met(self, remote: str, url: str) -> None:
        """All refs were compared with ``remote`` at ``url``."""
        self._update(remote, url, compared=time.time())

    def succeeded(self, remote: str, url: str) -> None:
        """``remote`` took what it was sent."""
        self._update(remote, url, last_success=time.time(), failing_since=None, kind=None, error=None)

    def failed(self, remote: str, url: str, kind: str, error: str) -> None:
        """``remote`` could not be reached or did not take what it was sent."""
        with self._transaction():
            failed(self._db, remote, url, kind, error)

    def takes_push_options(self, remote: str) -> bool:
        """Whether ``remote`` takes push options; assumed until it says otherwise, and again after a day."""
        no = one(self._db, "SELECT push_options_at FROM remote WHERE name = ? AND push_options = 0", remote)
        return not isinstance(no, float) or time.time() - no > _PUSH_OPTIONS_TTL

    def learn_push_options(self, remote: str, url: str, takes: bool) -> None:
        """``remote`` has taken or refused push options."""
        self._update(remote, url, push_options=int(takes), push_options_at=time.time())

    def _update(self, remote: str, url: str, **columns: object) -> None:
        with self._transaction():
            know(self._db, remote, url, **columns)


class _Shared(Outbox):
    """An outbox in memory, in the hands of another thread: closing it leaves it to the others."""

    def __init__(self, outbox: Outbox) -> None:
        self._path = None
        self._turn = outbox._turn
        self._db = outbox._db

    def close(self) -> None:
        """Leave it open."""
