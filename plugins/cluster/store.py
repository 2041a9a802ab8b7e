"""What the journals come to, remembered: a cache in SQLite, which can be made again from the journals.

One fact in it cannot be seen in the refs: what each ref was when this node last made it, or wrote it down.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from hookkit_plugins.cluster.entry import Head
from hookkit_plugins.cluster.quoting import quoted, unquoted
from hookkit_plugins.cluster.resolve import Claims, Entry, State, Update
from hookkit_plugins.cluster.ways import Ways

_SCHEMA = """
CREATE TABLE head (node TEXT PRIMARY KEY, seq INTEGER NOT NULL, oid TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE claim (ref BLOB PRIMARY KEY, live TEXT NOT NULL, unsettled TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE applied (ref BLOB PRIMARY KEY, base BLOB NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX by_base ON applied (base);
CREATE TABLE planned (ref BLOB PRIMARY KEY, base BLOB NOT NULL, value TEXT) WITHOUT ROWID;
CREATE TABLE called (oid TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE start (way TEXT, name TEXT, seq INTEGER NOT NULL, oid TEXT NOT NULL, PRIMARY KEY (way, name)) WITHOUT ROWID;
CREATE TABLE fact (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""
_VERSION = 2
_MANY = 500
_NOWHERE = {"": Head(0, "")}


class Move(NamedTuple):
    """A ref that this node sets: ``base`` is the ref whose conflict it keeps, or itself."""

    base: str
    value: str | None


def _stored(ref: str) -> bytes:
    return os.fsencode(ref)


def _values(rows: Iterable[tuple[Any, ...]]) -> dict[str, str]:
    """What refs are; what ``HEAD`` is, is a name too."""
    return {os.fsdecode(ref): unquoted(value) for ref, value in rows}


def _folders(ref: str) -> list[str]:
    parts = ref.split("/")
    return ["/".join(parts[:count]) for count in range(3, len(parts))]


def _claims(ref: str, live: str, unsettled: str) -> Claims:
    return Claims(*(tuple(_entry(ref, each) for each in json.loads(part)) for part in (live, unsettled)))


def _entry(ref: str, row: list[Any]) -> Entry:
    node, seq, time, old, new = row
    return Entry(node, seq, time, {}, {ref: Update(old, new)})


def _rows(ref: str, entries: Iterable[Entry]) -> str:
    return json.dumps([(each.node, each.seq, each.time, *each.updates[ref]) for each in entries])


class Store:
    """The cache of one repository; whoever uses it holds the repository's lock.

    :raises sqlite3.Error: it cannot be opened; what is damaged raises so at any time.
    """

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path.as_uri(), uri=True, timeout=10, isolation_level=None)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, _VERSION):
                raise sqlite3.DatabaseError  # another version's is made again, as one that is damaged
            if version == 0:
                with self.transaction():
                    for statement in filter(str.strip, _SCHEMA.split(";")):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version = {_VERSION}")
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Let go of it."""
        self._db.close()

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[None]:
        """Everything or nothing; ``durable``: on disk at the end."""
        self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    # ---- what was taken in ----

    def heads(self) -> dict[str, Head]:
        """The last entry of every node that was taken in."""
        return {node: Head(seq, oid) for node, seq, oid in self._db.execute("SELECT node, seq, oid FROM head")}

    def set_heads(self, heads: Mapping[str, Head]) -> None:
        """Remember them."""
        rows = [(node, *head) for node, head in heads.items()]
        self._db.executemany("INSERT OR REPLACE INTO head VALUES (?, ?, ?)", rows)

    def ways(self) -> Ways:
        """What entries are called, where ways of a journal part."""
        starts: dict[str, dict[str, Head]] = {}
        for way, name, seq, oid in self._db.execute("SELECT way, name, seq, oid FROM start"):
            starts.setdefault(way, {}).update({name: Head(seq, oid)} if name else {})
        return Ways(dict(self._db.execute("SELECT oid, name FROM called")), starts)

    def set_ways(self, ways: Ways) -> None:
        """Remember that."""
        self._db.executemany("INSERT OR REPLACE INTO called VALUES (?, ?)", ways.names.items())
        # Of some it is not known where they start.
        rows = [(way, name, *head) for way, heads in ways.starts.items() for name, head in (heads or _NOWHERE).items()]
        self._db.executemany("INSERT OR REPLACE INTO start VALUES (?, ?, ?, ?)", rows)

    def fact(self, name: str) -> int:
        """A number that was remembered; 0: none was."""
        row = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return row[0] if row else 0

    def set_fact(self, name: str, value: int) -> None:
        """Remember a number."""
        self._db.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    # ---- claims ----

    def claims(self, refs: Iterable[str]) -> dict[str, Claims]:
        """What is still to be said about ``refs``; without those of which nothing is."""
        found = self._by_ref("SELECT ref, live, unsettled FROM claim WHERE ref", refs)
        return {os.fsdecode(ref): _claims(os.fsdecode(ref), live, unsettled) for ref, live, unsettled in found}

    def set_claims(self, claims: Mapping[str, Claims]) -> None:
        """Remember them."""
        rows = [(_stored(ref), _rows(ref, each.live), _rows(ref, each.unsettled)) for ref, each in claims.items()]
        self._db.executemany("INSERT OR REPLACE INTO claim VALUES (?, ?, ?)", rows)

    def all_refs(self) -> list[str]:
        """Every ref of which anything was ever said."""
        return [os.fsdecode(ref) for (ref,) in self._db.execute("SELECT ref FROM claim")]

    def state(self) -> State:
        """Everything that was taken in."""
        claims = {
            os.fsdecode(ref): _claims(os.fsdecode(ref), live, unsettled)
            for ref, live, unsettled in self._db.execute("SELECT ref, live, unsettled FROM claim")
        }
        return State({node: head.seq for node, head in self.heads().items()}, claims)

    def beside(self, refs: AbstractSet[str]) -> set[str]:
        """The refs with claims that cannot exist beside one of ``refs``: for one would be the other's folder."""
        above = {folder for ref in refs for folder in _folders(ref)}
        if len(refs) > _MANY:  # then it is cheaper to look at each once
            return {ref for ref in self.all_refs() if ref in above or not refs.isdisjoint(_folders(ref))}
        found = {os.fsdecode(ref) for (ref,) in self._by_ref("SELECT ref FROM claim WHERE ref", above)}
        for ref in refs:
            start, end = _stored(ref) + b"/", _stored(ref) + b"0"
            below = self._db.execute("SELECT ref FROM claim WHERE ref > ? AND ref < ?", (start, end))
            found |= {os.fsdecode(each) for (each,) in below}
        return found

    # ---- what the refs were made ----

    def applied(self, refs: Iterable[str]) -> dict[str, str]:
        """What this node last made ``refs``, or wrote down about them."""
        return _values(self._by_ref("SELECT ref, value FROM applied WHERE ref", refs))

    def applied_for(self, bases: Iterable[str]) -> dict[str, str]:
        """The same, of ``bases`` and the conflicts of each."""
        return _values(self._by_ref("SELECT ref, value FROM applied WHERE base", bases))

    def all_applied(self) -> dict[str, str]:
        """The same, of all refs."""
        return _values(self._db.execute("SELECT ref, value FROM applied"))

    def set_applied(self, moves: Mapping[str, Move]) -> None:
        """Remember what refs were made."""
        there = [(_stored(ref), _stored(move.base), quoted(move.value)) for ref, move in moves.items() if move.value]
        gone = [(_stored(ref),) for ref, move in moves.items() if not move.value]
        self._db.executemany("INSERT OR REPLACE INTO applied VALUES (?, ?, ?)", there)
        self._db.executemany("DELETE FROM applied WHERE ref = ?", gone)

    def plan(self, moves: Mapping[str, Move]) -> None:
        """Remember what is about to be done."""
        rows = [(_stored(ref), _stored(base), value and quoted(value)) for ref, (base, value) in moves.items()]
        self._db.executemany("INSERT OR REPLACE INTO planned VALUES (?, ?, ?)", rows)

    def planned(self) -> dict[str, Move]:
        """What was about to be done when this node was interrupted."""
        rows = self._db.execute("SELECT ref, base, value FROM planned")
        return {os.fsdecode(ref): Move(os.fsdecode(base), value and unquoted(value)) for ref, base, value in rows}

    def unplan(self) -> None:
        """It is done, or will not be."""
        self._db.execute("DELETE FROM planned")

    def forget_claims(self) -> None:
        """What was taken in is told anew; what the refs were made stays."""
        self._forget("head", "claim")

    def forget_all(self) -> None:
        """Begin anew."""
        self._forget("head", "claim", "applied", "planned", "called", "start", "fact")

    def _forget(self, *tables: str) -> None:
        for table in tables:
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    def _by_ref(self, query: str, refs: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        waiting = [_stored(ref) for ref in refs]
        for start in range(0, len(waiting), _MANY):
            part = waiting[start : start + _MANY]
            yield from self._db.execute(f"{query} IN ({','.join('?' * len(part))})", part)
