"""What every ref is, as a pure function of the set of journal entries: no git, no I/O.

The set must be causally closed: with an entry it holds all that the entry's past names. Why this converges and loses nothing
is argued in docs/explanation/cluster.md.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

CONFLICTS = "refs/conflicts/"
HEAD = "HEAD"

Contains = Callable[[str, str], bool]
"""Whether the first object is a commit that descends from the second; both are known, and differ."""


class Update(NamedTuple):
    """What one ref was and became. An object's name, for ``HEAD`` the name of the branch; None: there was, or is, none."""

    old: str | None
    new: str | None


class Entry(NamedTuple):
    """One entry of a node's journal.

    :param seq: 1 for the node's first, without gaps.
    :param time: never less than that of an entry in its past, in milliseconds since the epoch.
    :param past: for each other node, the last entry that had been applied here; transitive.
    """

    node: str
    seq: int
    time: int
    past: Mapping[str, int]
    updates: Mapping[str, Update]

    def knows(self, other: "Entry") -> bool:
        """Whether ``other`` is in this entry's causal past."""
        return other.seq <= (self.seq - 1 if other.node == self.node else self.past.get(other.node, 0))

    @property
    def rank(self) -> tuple[int, str, int]:
        """Its place in the order that decides what nothing else does."""
        return self.time, self.node, self.seq


class Claims(NamedTuple):
    """What is still to be said about one ref.

    :param live: the entries that no other entry for the ref has in its past.
    :param unsettled: those with a value that nobody who knew them has replaced, contained or dismissed.
    """

    live: tuple[Entry, ...] = ()
    unsettled: tuple[Entry, ...] = ()


class State(NamedTuple):
    """What a causally closed set of entries comes to.

    :param vector: for each node, its last entry in the set.
    """

    vector: Mapping[str, int]
    claims: Mapping[str, Claims]

    def holds(self, entry: Entry) -> bool:
        """Whether ``entry`` is in the set."""
        return entry.seq <= self.vector.get(entry.node, 0)

    def values(self) -> list[str]:
        """The objects that the claims name."""
        found = [e.updates[ref].new for ref, both in self.claims.items() if ref != HEAD for part in both for e in part]
        return [value for value in dict.fromkeys(found) if value]


class Resolved(NamedTuple):
    """Each ref with its value, and each conflict ref with the lost value that it keeps."""

    refs: dict[str, str]
    conflicts: dict[str, str]


def conflict_ref(entry: Entry, ref: str) -> str:
    """Where the value that ``entry`` gave to ``ref`` is kept when it loses."""
    return f"{CONFLICTS}{entry.node}.{entry.seq}/{ref.removeprefix('refs/')}"


def resolve(entries: Iterable[Entry], contains: Contains) -> Resolved:
    """The refs and the conflicts that a causally closed set of entries makes; the plain definition."""
    known = list(entries)
    refs = {ref for entry in known for ref in entry.updates if not ref.startswith(CONFLICTS)}
    return outcome({ref: _claims(ref, known, contains) for ref in refs}, contains)


def _claims(ref: str, entries: list[Entry], contains: Contains) -> Claims:
    about = [entry for entry in entries if ref in entry.updates]
    standing = [entry for entry in about if not any(_dismisses(later, entry, ref) for later in entries)]
    return Claims(
        tuple(e for e in standing if not any(later.knows(e) for later in about)),
        tuple(e for e in standing if e.updates[ref].new and not any(_settles(f, e, ref, contains) for f in about)),
    )


def add(claims: dict[str, Claims], entry: Entry, contains: Contains) -> None:
    """Bring ``claims`` forward by one entry, whose past is in them; the incremental form.

    Cost grows with what the entry updates and with the conflicts there, not with refs or entries.
    """
    for ref in entry.updates:
        if not ref.startswith(CONFLICTS):
            before = claims.get(ref, Claims())
            claims[ref] = Claims(
                (*(e for e in before.live if not entry.knows(e)), entry),
                (
                    *(e for e in before.unsettled if not _settles(entry, e, ref, contains)),
                    *([entry] if entry.updates[ref].new else []),
                ),
            )
        else:
            at = "refs/" + ref.removeprefix(CONFLICTS).partition("/")[2]
            if at in claims:
                live, unsettled = (tuple(e for e in part if not _dismisses(entry, e, at)) for part in claims[at])
                claims[at] = Claims(live, unsettled)


def join(one: State, other: State) -> State:
    """The state of both sets together, made of nothing but the states.

    An entry that only one set holds is known by no entry of the other, which is closed: its claim is as it was. One that
    both hold stands if it stands in both.
    """
    vector = {node: max(one.vector.get(node, 0), other.vector.get(node, 0)) for node in {**one.vector, **other.vector}}
    claims = {}
    for ref in {**one.claims, **other.claims}:
        mine, theirs = one.claims.get(ref, Claims()), other.claims.get(ref, Claims())
        claims[ref] = Claims(*(_both(one, a, other, b) for a, b in zip(mine, theirs, strict=True)))
    return State(vector, claims)


def _both(one: State, mine: tuple[Entry, ...], other: State, theirs: tuple[Entry, ...]) -> tuple[Entry, ...]:
    here, there = {(e.node, e.seq): e for e in mine}, {(e.node, e.seq): e for e in theirs}
    kept = {key: e for key, e in here.items() if key in there or not other.holds(e)}
    come = {key: e for key, e in there.items() if key in here or not one.holds(e)}
    return tuple((come | kept).values())


def outcome(claims: Mapping[str, Claims], contains: Contains) -> Resolved:
    """What the claims come to."""
    winners = {ref: winner for ref, known in claims.items() if (winner := _winner(ref, known.live, contains))}
    conflicts = {
        conflict_ref(entry, ref): _value(entry, ref)
        for ref, known in claims.items()
        if ref != HEAD
        for entry in known.unsettled
        if ref not in winners or not _holds(_value(winners[ref], ref), _value(entry, ref), contains)
    }
    refs: dict[str, str] = {}
    folders: set[str] = set()
    # Names that cannot coexist: the newest is accepted first.
    for ref in sorted(winners, key=lambda name: (winners[name].rank, name), reverse=True):
        above = _folders(ref)
        if ref in folders or not refs.keys().isdisjoint(above):
            conflicts[conflict_ref(winners[ref], ref)] = _value(winners[ref], ref)
        else:
            refs[ref] = _value(winners[ref], ref)
            folders.update(above)
    return Resolved(refs, conflicts)


def _winner(ref: str, live: tuple[Entry, ...], contains: Contains) -> Entry | None:
    """The live entry that decides; None if nothing but deletions is live."""
    newest_first = sorted((e for e in live if e.updates[ref].new), key=lambda e: e.rank, reverse=True)
    for one in newest_first:
        if all(_holds(_value(one, ref), _value(other, ref), contains) for other in newest_first):
            return one
    return newest_first[0] if newest_first else None


def _settles(later: Entry, entry: Entry, ref: str, contains: Contains) -> bool:
    """Whether ``later``, which knew ``entry``'s value, replaced it (or what contained it), or contains it."""
    return later.knows(entry) and any(
        _holds(value, _value(entry, ref), contains) for value in later.updates[ref] if value is not None
    )


def _dismisses(later: Entry, entry: Entry, ref: str) -> bool:
    """Whether ``later`` deleted the conflict ref that kept the value of ``entry``."""
    deleted = later.updates.get(conflict_ref(entry, ref))
    return deleted is not None and deleted.new is None and later.knows(entry)


def _value(entry: Entry, ref: str) -> str:
    return entry.updates[ref].new or ""


def _holds(value: str, other: str, contains: Contains) -> bool:
    # Names of branches, HEAD's values, contain nothing.
    return value == other or (not value.startswith("refs/") and contains(value, other))


def _folders(ref: str) -> list[str]:
    parts = ref.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
