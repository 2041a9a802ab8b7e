"""A journal that went on more than once: on a node that was restored from a backup and pushed to. Pure.

Entries then have numbers that others have already. What follows a place where ways part goes by the node's name with the
first digits of the first commit on that way, ``bravo+5f2b1c0e``, as if another node had written it, and who has followed
which of them is told by the commits that entries name, not by the numbers. So nothing of that concerns the rule, and who
knows the same entries calls them the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from hookkit_plugins.cluster.entry import Head, Record, node_of, way_of
from hookkit_plugins.cluster.resolve import CONFLICTS, Entry, conflict_ref

_DIGITS = 8


class Step(NamedTuple):
    """An entry of a journal, as far as it takes to tell ways apart.

    :param before: the entry before it; empty: it is the first; None: that is not known any more.
    :param name: what it was called when it was written, or when a checkpoint took its place.
    """

    oid: str
    seq: int
    before: str | None
    name: str


class Ways(NamedTuple):
    """What entries are called, where ways part.

    :param names: by commit: names other than those that the entry itself, or one that names it, may say.
    :param starts: by the name of a way: the last entry before it, of each name on the way there.
    """

    names: Mapping[str, str] = {}
    starts: Mapping[str, Mapping[str, Head]] = {}

    def with_(self, more: "Ways") -> "Ways":
        """Both; what ``more`` says is newer."""
        known = {way: heads for way, heads in more.starts.items() if heads or way not in self.starts}
        return Ways({**self.names, **more.names}, {**self.starts, **known})


class PartedError(Exception):
    """What is known of the journal of ``node`` does not tell what an entry is called.

    :ivar tips: where it ends, as others know it.
    :ivar steps: what a checkpoint says about it.
    :ivar declared: names of ways that others tell apart.
    """

    def __init__(
        self, node: str, tips: Iterable[str], steps: Iterable[Step] = (), declared: Iterable[str] = ()
    ) -> None:
        super().__init__(node)
        self.node, self.tips, self.steps, self.declared = node, [*tips], [*steps], [*declared]


def apart(node: str, steps: Iterable[Step], declared: Iterable[str] = ()) -> Ways:
    """What the entries of ``node`` are called.

    :param declared: names of ways that somebody has told apart, perhaps where that cannot be seen here any more.
    """
    known: dict[str, Step] = {}
    for step in steps:
        if step.oid not in known or known[step.oid].before is None:
            known[step.oid] = step
    after: dict[str, list[Step]] = {}
    for step in known.values():
        if step.before is not None:
            after.setdefault(step.before, []).append(step)
    names: dict[str, str] = {}
    # Where one starts that only others tell of is perhaps not known any more.
    starts: dict[str, Mapping[str, Head]] = {name: {} for name in declared if way_of(name)}
    told = {*map(way_of, starts)}

    def follow(before: str, name: str) -> Iterator[Step]:
        those = after.get(before, [])
        for step in those:
            way = step.oid[:_DIGITS]
            names[step.oid] = name
            if len(those) > 1 or way in told:
                names[step.oid] = f"{node}+{way}"
                here = {name: Head(known[before].seq, before)} if before in known else {}
                starts[names[step.oid]] = {**starts.get(name, {}), **here}
            yield step

    waiting = [*follow("", node)]
    for step in known.values():
        if step.before is None or (step.before and step.before not in known):
            names[step.oid] = step.name
            waiting.append(step)
    while waiting:
        step = waiting.pop()
        waiting += follow(step.oid, names[step.oid])
    return Ways({oid: name for oid, name in names.items() if node != name or node != known[oid].name}, starts)


def called(record: Record, name: str, ways: Ways) -> Record:
    """``record`` as it is called, and with all that it knows called so too."""
    entry = record.entry
    if name == entry.node and not ways.starts:
        return record
    past: dict[str, Head] = {}

    def knows(which: str, head: Head) -> None:
        if which != name and (which not in past or past[which].seq < head.seq):
            past[which] = head

    for written, seq in entry.past.items():
        oid = record.heads[written]
        which = ways.names.get(oid, written)
        knows(which, Head(seq, oid))
        for each, head in ways.starts.get(which, {}).items():
            knows(each, head)
    for each, head in ways.starts.get(name, {}).items():
        knows(each, head)
    seqs = {each: head.seq for each, head in past.items()}
    updates = {
        _kept_at(ref, {**seqs, name: entry.seq}, ways) if ref.startswith(CONFLICTS) else ref: update
        for ref, update in entry.updates.items()
    }
    return record._replace(
        entry=Entry(name, entry.seq, entry.time, seqs, updates), heads={each: head.oid for each, head in past.items()}
    )


def claimed(entry: Entry, steps: Mapping[tuple[str, int], str], ways: Ways) -> Entry:
    """An entry of which a checkpoint tells, as it is called.

    :param steps: the commits of the entries that the checkpoint stands for, by what it calls them.
    """
    name = ways.names.get(steps.get((entry.node, entry.seq), ""), entry.node)
    return entry._replace(node=name)


def _kept_at(ref: str, vector: Mapping[str, int], ways: Ways) -> str:
    """The conflict ref ``ref``, which names an entry as it was called by somebody who knows what ``vector`` says."""
    said, _, rest = ref.removeprefix(CONFLICTS).partition("/")
    name, _, number = said.rpartition(".")
    if not number.isdecimal():
        return ref
    seq = int(number)
    found = [
        each
        for each, last in vector.items()
        if node_of(each) == node_of(name)
        and max((head.seq for head in ways.starts.get(each, {}).values()), default=0) < seq <= last
    ]
    if len(found) != 1:
        return ref
    return conflict_ref(Entry(found[0], seq, 0, {}, {}), f"refs/{rest}")
