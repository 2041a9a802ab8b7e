"""Which entries there are that were not taken in yet: those of the journals here, and all that these know."""

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from hookkit.api import Repository
from hookkit_plugins.cluster import journal, objects, signing
from hookkit_plugins.cluster.entry import Head, JournalError, Record, node_of, said, way_of
from hookkit_plugins.cluster.resolve import HEAD
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.ways import PartedError, Step, Ways, called

Tip = tuple[str, str]
"""A node, and the commit with which its journal ends, or a way of it."""


class News(NamedTuple):
    """What is to be taken in.

    :param records: every entry after those that it knows, as they are called.
    :param checkpoints: what stands for entries that were not taken in; to be joined before.
    :param covered: entries that one of these stands for; not to be taken in.
    :param heads: the last entry of every name, with these.
    :param problems: for a node whose journal cannot be taken in, why.
    :param names: by commit, what entries are called where they do not say so themselves.
    """

    records: list[Record]
    checkpoints: list[Record]
    covered: list[Record]
    heads: dict[str, Head]
    problems: dict[str, str]
    names: dict[str, str]


def gather(
    repo: Repository,
    chosen: ClusterSettings,
    tips: Iterable[Tip],
    taken: Mapping[str, Head],
    ways: Ways,
    *,
    looked_at: Collection[str] = (),
    vouched: bool = False,
) -> News:
    """The entries of the journals that end with ``tips`` beyond what was ``taken`` in, and all that these know.

    :param looked_at: commits about which ``ways`` says all that there is to be said.
    :param vouched: all that they know was looked at when it came.
    :raises PartedError: it does not follow from ``ways`` what an entry is called.
    """
    tips = [*tips]
    news = _Gathering(repo, chosen, taken, ways, looked_at).run([*tips], vouched=vouched)
    if news.names.keys() <= ways.names.keys():
        return news
    # Entries that were read before may name those whose names were only learned then.
    return _Gathering(repo, chosen, taken, ways.with_(Ways(news.names)), looked_at).run(tips, vouched=vouched)


class _Gathering:
    def __init__(
        self,
        repo: Repository,
        chosen: ClusterSettings,
        taken: Mapping[str, Head],
        ways: Ways,
        looked_at: Collection[str],
    ) -> None:
        self._repo = repo
        self._chosen = chosen
        self._taken = taken
        self._ways = ways
        self._looked_at = looked_at
        self._reached = dict(taken)
        # What the entries that were found are told to come after.
        self._base = dict(taken)
        self._found: list[Record] = []
        self._checkpoints: list[Record] = []
        self._upto: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._seen: set[str] = set()

    def run(self, waiting: list[Tip], *, vouched: bool) -> News:
        """Read everything, from ``waiting`` on."""
        given = {tip for _, tip in waiting}
        problems: dict[str, str] = {}
        while waiting:
            node, tip = waiting.pop(0)
            if node in problems or any(head.oid == tip for _, head in self._ends(node)):
                continue
            try:
                chain = journal.chain(self._repo, node, tip, [head for _, head in self._ends(node)])
                if (
                    not chain.records
                    and tip not in self._seen
                    and any(node_of(way) == node for way in self._ways.starts)
                ):
                    # Another way, which those that were read already have followed.
                    chain = journal.chain(self._repo, node, tip)
                # What was pushed was looked at when it came; what another journal brought along was not.
                looked_at = vouched or tip in given
                if chain.records and not looked_at and (wrong := signing.problem(self._repo, self._chosen, tip, node)):
                    raise JournalError(f"the journal of {node} that others have", cause=wrong)
            except JournalError as error:
                problems[node] = said(error)
                continue
            waiting += self._take(self._called(node, tip, chain))
        self._doubt_nothing()
        upto = self._upto
        covered = [each for each in self._found if each.entry.seq <= upto.get(each.entry.node, 0)]
        rest = [each for each in self._found if each.entry.seq > upto.get(each.entry.node, 0)]
        complete, heads = _closed(rest, self._base)
        _unpacked(self._repo, complete)
        return News(complete, self._checkpoints, covered, heads, problems, self._names)

    def _ends(self, node: str) -> list[tuple[str, Head]]:
        return [(name, head) for name, head in self._reached.items() if node_of(name) == node]

    def _called(self, node: str, tip: str, chain: journal.Chain) -> list[Record]:
        """The entries of ``chain`` as they are called."""
        records: list[Record] = []
        said: str | None = None
        name: str | None = None
        for record in chain.records:
            self._knows_ways(record)
            says = record.entry.node
            known = self._ways.names.get(record.oid)
            if known is None and name is None:
                known = self._continued(node, tip, record)
            if known is None and way_of(says) and says not in (name, said) and tip not in self._looked_at:
                raise PartedError(node, [tip])
            inherits = name if not way_of(says) or says in (name, said) else says
            name, said = known or inherits or says, says
            if name != says:
                self._names[record.oid] = name
            self._seen.add(record.oid)
            records.append(called(record, name, self._ways))
        return records

    def _knows_ways(self, record: Record) -> None:
        """:raises PartedError: ``record`` tells of ways about which nothing is known here."""
        told = {**record.heads, record.entry.node: record.oid}
        for name, oid in told.items():
            if way_of(name) and name not in self._ways.starts and oid not in self._looked_at:
                node = node_of(name)
                names = [each for each in told if node_of(each) == node]
                raise PartedError(node, [told[each] for each in names], declared=names)

    def _continued(self, node: str, tip: str, first: Record) -> str:
        """What the first of some entries is called: the node goes on where it was known to be, or begins."""
        ends = self._ends(node)
        path = journal.paths_of(self._repo, first).get(first.entry.node, []) if first.checkpoint else []
        before = {step.oid for step in path} | {first.before}
        # Where ways part already, what follows may be one more.
        parting = {head.oid for heads in self._ways.starts.values() for head in heads.values()}
        for name, head in sorted(ends, key=lambda each: each[1].seq, reverse=True):
            if head.oid in before and (head.oid not in parting or tip in self._looked_at):
                return name
        if ends and tip not in self._looked_at:
            raise PartedError(node, [tip])
        return self._ways.names.get(first.before, first.entry.node)

    def _take(self, records: list[Record]) -> list[Tip]:
        """Take ``records``; where to read on."""
        if records and records[0].checkpoint:
            begins = records.pop(0)
            self._agrees(begins)
            vector = begins.vector
            if not all(name in self._taken and self._taken[name].seq >= head.seq for name, head in vector.items()):
                self._checkpoints.append(begins)
                self._upto |= {n: max(head.seq, self._upto.get(n, 0)) for n, head in vector.items()}
            _raise(self._base, vector)
            _raise(self._reached, vector)
            # The same entries, told anew.
            own = begins.entry.node
            self._base[own] = max(self._base[own], vector[own], key=lambda head: (head.seq, head.oid == begins.oid))
        # Of a name one entry comes after the other: those that a checkpoint has told of are known.
        known = {name: head.seq for name, head in self._reached.items()}
        fresh = [each for each in records if each.entry.seq > known.get(each.entry.node, 0)]
        self._found += fresh
        _raise(self._reached, {each.entry.node: Head(each.entry.seq, each.oid) for each in fresh})
        return [
            (node_of(name), record.heads[name])
            for record in fresh
            for name, seq in record.entry.past.items()
            if name not in self._reached or self._reached[name].seq < seq
        ]

    def _agrees(self, begins: Record) -> None:
        """:raises PartedError: the checkpoint may stand for another way of a journal than is known here."""
        paths: dict[str, list[Step]] = {}
        for name, head in begins.vector.items():
            known = self._reached.get(name)
            if known is None or known.oid == head.oid or {known.oid, head.oid} & {*self._looked_at}:
                continue
            paths = paths or journal.paths_of(self._repo, begins)
            path = [step for last, those in paths.items() if node_of(last) == node_of(name) for step in those]
            told = any(step.oid == known.oid for step in path)
            if not (told or self._repo.is_ancestor(head.oid, known.oid)):
                raise PartedError(node_of(name), [head.oid, known.oid], path)

    def _doubt_nothing(self) -> None:
        """:raises PartedError: an entry names one that is not among those of its name that are known here."""
        known = (
            self._seen | {head.oid for head in self._reached.values()} | self._ways.names.keys() | {*self._looked_at}
        )
        doubts: dict[str, set[str]] = {}
        for record in self._found:
            for name, oid in record.heads.items():
                if oid not in known:
                    doubts.setdefault(node_of(name), set()).add(oid)
        for node, oids in doubts.items():
            here = self._repo.object_types(sorted(oids))
            ends = [f"^{head.oid}" for _, head in self._ends(node)]
            chain = ("rev-list", "--first-parent", "--ignore-missing")
            beside = {*self._repo.git(*chain, *here, *ends).text().split()} if here else set()
            doubtful = {oid for oid in oids if oid not in here or oid in beside} - self._passed(node)
            if doubtful:
                raise PartedError(node, sorted(doubtful))

    def _passed(self, node: str) -> set[str]:
        """The entries of ``node`` that the checkpoint with which its journal begins here stands for."""
        tip = self._repo.resolve([f"{journal.JOURNALS}{node}"]).values()
        begins = [journal.first(self._repo, each) for each in tip]
        paths = [journal.paths_of(self._repo, each) for each in begins if each.checkpoint]
        return {step.oid for each in paths for name, path in each.items() if node_of(name) == node for step in path}


def _raise(heads: dict[str, Head], others: Mapping[str, Head]) -> None:
    for node, head in others.items():
        if node not in heads or heads[node].seq < head.seq:
            heads[node] = head


def in_order(records: list[Record]) -> list[Record]:
    """Every entry after those that it knows: with more in its past than any of them."""
    return sorted(records, key=lambda record: (sum(record.entry.past.values()) + record.entry.seq, *record.entry.rank))


def _closed(found: list[Record], taken: Mapping[str, Head]) -> tuple[list[Record], dict[str, Head]]:
    """Those of which all that they know is there too, in order."""
    heads = dict(taken)
    complete: list[Record] = []
    # Of each name, the entries that have one before them of the same name.
    before = {each.oid: each for each in found}
    for record in in_order(found):
        entry = record.entry
        past = dict(entry.past)
        if (earlier := before.get(record.before)) and earlier.entry.node == entry.node:
            past[entry.node] = earlier.entry.seq
        if all(seq == 0 or (node in heads and heads[node].seq >= seq) for node, seq in past.items()):
            complete.append(record)
            heads[entry.node] = Head(entry.seq, record.oid)
    return complete, heads


def _unpacked(repo: Repository, records: list[Record]) -> None:
    values = {r.oid: [new for ref, (_, new) in r.entry.updates.items() if new and ref != HEAD] for r in records}
    here = repo.object_types(sorted({value for each in values.values() for value in each}))
    for oid, those in values.items():
        if not here.keys() >= {*those}:
            objects.unpack(repo, oid, those)
