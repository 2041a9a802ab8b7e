"""The outbox: what each remote of a repository has yet to be told, in SQLite beside the repository.

It lives in the repository's own folder, so that every account that may push here shares it, it moves with the
repository, and it goes when hookkit does. A commit is on disk when it returns (``synchronous = FULL``). Losing it never
loses data: the next delivery compares with the remotes themselves.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from hookkit.api import RefUpdate, Repository, is_zero
from hookkit_plugins.mirror.plan import Debt

_SCHEMA = """
CREATE TABLE IF NOT EXISTS debt (
    remote TEXT NOT NULL, ref TEXT NOT NULL, base TEXT NOT NULL, serial INTEGER NOT NULL, since REAL NOT NULL,
    verdict TEXT, detail TEXT, PRIMARY KEY (remote, ref)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS replaced (
    remote TEXT NOT NULL, ref TEXT NOT NULL, oid TEXT NOT NULL, PRIMARY KEY (remote, ref, oid)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS remote (
    name TEXT PRIMARY KEY, url TEXT NOT NULL, compared REAL, push_options INTEGER, push_options_at REAL,
    last_success REAL, failing_since REAL, kind TEXT, error TEXT) WITHOUT ROWID;
"""
_VERSION = 1
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


class Outbox:
    """The outbox of one repository. One object per thread.

    :param path: the database; None: in this process's memory, when the disk will not have it.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        place = path.as_uri() if path else "file:hookkit-outbox?mode=memory&cache=shared"
        self._db = sqlite3.connect(place, uri=True, timeout=10, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL;")
        if self._one("PRAGMA user_version") != _VERSION:
            with self._transaction():
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {_VERSION}")

    def another(self) -> "Outbox":
        """The same outbox for another thread."""
        return Outbox(self._path)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _one(self, query: str, *parameters: object) -> object:
        row = self._db.execute(query, parameters).fetchone()
        return row[0] if row else None

    # ---- what is owed ----

    def owe(
        self,
        updates: Iterable[RefUpdate],
        remotes: Iterable[str],
        *,
        covered: Iterable[str] = (),
        sender: str | None = None,
    ) -> None:
        """Remember that ``updates`` happened here.

        :param remotes: must be told.
        :param covered: will be told by others; what they are owed already still grows with it.
        :param sender: has them: what it was owed for these refs is settled.
        """
        now = time.time()
        updates = list(updates)
        with self._transaction():
            for remote in remotes:
                self._db.executemany(
                    "INSERT INTO debt (remote, ref, base, serial, since) VALUES (?, ?, ?, 1, ?) "
                    "ON CONFLICT DO UPDATE SET serial = serial + 1, verdict = NULL, detail = NULL",
                    [(remote, update.ref, update.old, now) for update in updates],
                )
                self._replace(remote, updates)
            for remote in covered:
                if remote == sender:
                    self._forget(remote, [update.ref for update in updates])
                else:
                    self._replace(remote, updates)

    def _replace(self, remote: str, updates: list[RefUpdate]) -> None:
        self._db.executemany(
            "INSERT OR IGNORE INTO replaced SELECT remote, ref, ? FROM debt WHERE remote = ? AND ref = ?",
            [(update.old, remote, update.ref) for update in updates if not is_zero(update.old)],
        )

    def owe_too(self, remote: str, refs: Iterable[tuple[str, str]]) -> None:
        """Remember that a comparison found differences: ref, and what the remote has (all zeros for nothing)."""
        now = time.time()
        with self._transaction():
            self._db.executemany(
                "INSERT OR IGNORE INTO debt (remote, ref, base, serial, since) VALUES (?, ?, ?, 1, ?)",
                [(remote, ref, theirs, now) for ref, theirs in refs],
            )

    def debts(self, remote: str, *, waiting: bool = False) -> list[Debt]:
        """What ``remote`` is owed; ``waiting``: without what is held."""
        replaced: dict[str, set[str]] = {}
        for ref, oid in self._db.execute("SELECT ref, oid FROM replaced WHERE remote = ?", (remote,)):
            replaced.setdefault(ref, set()).add(oid)
        rows = self._db.execute(
            "SELECT ref, base, serial, since FROM debt WHERE remote = ? AND (verdict IS NULL OR NOT ?) ORDER BY ref",
            (remote, waiting),
        )
        return [Debt(ref, base, serial, since, frozenset(replaced.get(ref, ()))) for ref, base, serial, since in rows]

    def pay(self, remote: str, delivered: Iterable[tuple[str, int, str | None]]) -> None:
        """Settle debts: ref, the serial that was delivered, and the value that the remote now has (None: none)."""
        with self._transaction():
            for ref, serial, value in delivered:
                if self._one("SELECT serial FROM debt WHERE remote = ? AND ref = ?", remote, ref) == serial:
                    self._forget(remote, [ref])
                elif value is not None:
                    # It changed here meanwhile: still owed, from what the remote has now.
                    self._db.execute(
                        "INSERT OR IGNORE INTO replaced SELECT remote, ref, ? FROM debt WHERE remote = ? AND ref = ?",
                        (value, remote, ref),
                    )
                    self._db.execute("UPDATE debt SET base = ? WHERE remote = ? AND ref = ?", (value, remote, ref))

    def _forget(self, remote: str, refs: list[str]) -> None:
        pairs = [(remote, ref) for ref in refs]
        self._db.executemany("DELETE FROM debt WHERE remote = ? AND ref = ?", pairs)
        self._db.executemany("DELETE FROM replaced WHERE remote = ? AND ref = ?", pairs)

    def hold(self, remote: str, held: Iterable[Held]) -> None:
        """Remember refs that the remote does not take; they are looked at again when somebody syncs or changes them."""
        with self._transaction():
            self._db.executemany(
                "INSERT INTO debt (remote, ref, base, serial, since, verdict, detail) VALUES (?, ?, '', 1, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET verdict = excluded.verdict, detail = excluded.detail",
                [(remote, each.ref, each.since, each.verdict, each.detail) for each in held],
            )

    def held(self, remote: str) -> list[Held]:
        """The debts of ``remote`` that are diverged or refused."""
        query = "SELECT ref, since, verdict, detail FROM debt WHERE remote = ? AND verdict IS NOT NULL ORDER BY ref"
        return [Held(*row) for row in self._db.execute(query, (remote,))]

    def owed(self, remote: str) -> tuple[int, float | None]:
        """How many refs ``remote`` is owed, and since when the oldest."""
        row = self._db.execute("SELECT count(*), min(since) FROM debt WHERE remote = ?", (remote,)).fetchone()
        return row[0], row[1]

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
        since = self.known(remote, url).failing_since or time.time()
        self._update(remote, url, failing_since=since, kind=kind, error=error)

    def takes_push_options(self, remote: str) -> bool:
        """Whether ``remote`` takes push options; assumed until it says otherwise, and again after a day."""
        no = self._one("SELECT push_options_at FROM remote WHERE name = ? AND push_options = 0", remote)
        return not isinstance(no, float) or time.time() - no > _PUSH_OPTIONS_TTL

    def learn_push_options(self, remote: str, url: str, takes: bool) -> None:
        """``remote`` has taken or refused push options."""
        self._update(remote, url, push_options=int(takes), push_options_at=time.time())

    def _update(self, remote: str, url: str, **columns: object) -> None:
        with self._transaction():
            if self._one("SELECT url FROM remote WHERE name = ?", remote) != url:
                self._db.execute("INSERT OR REPLACE INTO remote (name, url) VALUES (?, ?)", (remote, url))
            names = ", ".join(f"{name} = ?" for name in columns)
            self._db.execute(f"UPDATE remote SET {names} WHERE name = ?", (*columns.values(), remote))  # noqa: S608


def open_outbox(repo: Repository, tell: Callable[[str], None]) -> Outbox:
    """The outbox of ``repo``; one that is damaged is put aside and started anew, never a reason to stop a push.

    :param tell: is told, in a line, what went wrong.
    """
    try:
        path = repo.plugin_dir("mirror") / "outbox.sqlite"
        return _open(path, tell)
    except (OSError, sqlite3.Error) as error:
        tell(f"hookkit: what is owed to the remotes cannot be written down ({error}); run: hookkit mirror sync")
        return Outbox(None)


def _open(path: Path, tell: Callable[[str], None]) -> Outbox:
    existed = path.exists()
    try:
        outbox = Outbox(path)
    except sqlite3.OperationalError:
        raise  # locked, read-only, disk full: not the content
    except sqlite3.DatabaseError as error:
        aside = path.with_name(f"outbox.damaged-{time.strftime('%Y%m%d-%H%M%S')}.sqlite")
        path.replace(aside)
        tell(
            f"hookkit: the outbox was damaged ({error}) and is started anew, the old one is {aside}; all is compared again"
        )
        return Outbox(path)
    if not existed:
        path.chmod(path.parent.stat().st_mode & 0o666)
    return outbox


def existing_outbox(repo: Repository) -> Outbox | None:
    """The outbox of ``repo`` if there is one that can be read; nothing is made or repaired."""
    path = repo.state_dir / "mirror" / "outbox.sqlite"
    if not path.is_file():
        return None
    try:
        return Outbox(path)
    except sqlite3.Error:
        return None
