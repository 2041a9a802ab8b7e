"""Which entries there are that were not taken in yet: those of the journals here, and all that these know."""

from collections.abc import Mapping
from typing import NamedTuple

from hookkit.api import Repository
from hookkit_plugins.cluster import journal, objects, signing
from hookkit_plugins.cluster.entry import Head, JournalError, Record
from hookkit_plugins.cluster.resolve import HEAD
from hookkit_plugins.cluster.settings import ClusterSettings


class News(NamedTuple):
    """What is to be taken in.

    :param records: every entry after those that it knows.
    :param checkpoints: what stands for entries that were not taken in; to be joined before.
    :param covered: entries that one of these stands for; not to be taken in.
    :param heads: the last entry of every node, with these.
    :param problems: for a node whose journal cannot be taken in, why.
    """

    records: list[Record]
    checkpoints: list[Record]
    covered: list[Record]
    heads: dict[str, Head]
    problems: dict[str, str]


def gather(
    repo: Repository,
    chosen: ClusterSettings,
    here: Mapping[str, str],
    taken: Mapping[str, Head],
    *,
    vouched: bool = False,
) -> News:
    """The entries of the journals ``here`` beyond what was ``taken`` in, and all that these know.

    :param vouched: all that they know was looked at when it came.
    """
    reached, problems = dict(taken), dict[str, str]()
    found: list[Record] = []
    checkpoints: list[Record] = []
    base = dict(taken)
    upto: dict[str, int] = {}
    waiting = list(here.items())
    while waiting:
        node, tip = waiting.pop(0)
        known = reached.get(node)
        if node in problems or (known and known.oid == tip):
            continue
        try:
            records = journal.read(repo, node, tip, known)
            # What was pushed was looked at when it came; what another journal brought along was not.
            looked_at = vouched or here.get(node) == tip
            if records and not looked_at and (wrong := signing.problem(repo, chosen, tip, node)):
                raise JournalError(f"the journal of {node} that others have", cause=wrong)
        except JournalError as error:
            problems[node] = f"{error.message}{f' ({error.cause})' if error.cause else ''}"
            continue
        if records and records[0].checkpoint:
            begins = records.pop(0)
            if not all(name in taken and taken[name].seq >= head.seq for name, head in begins.vector.items()):
                checkpoints.append(begins)
                upto |= {n: max(head.seq, upto.get(n, 0)) for n, head in begins.vector.items()}
            _raise(base, begins.vector)
            _raise(reached, begins.vector)
            # The same entries, told anew.
            base[node] = max(base[node], begins.vector[node], key=lambda head: (head.seq, head.oid == begins.oid))
        found += records
        if records:
            reached[node] = Head(records[-1].entry.seq, tip)
        for record in records:
            for other, seq in record.entry.past.items():
                if other not in reached or reached[other].seq < seq:
                    waiting.append((other, record.heads[other]))
    covered = [each for each in found if each.entry.seq <= upto.get(each.entry.node, 0)]
    complete, heads = _closed([each for each in found if each.entry.seq > upto.get(each.entry.node, 0)], base)
    _unpacked(repo, complete)
    return News(complete, checkpoints, covered, heads, problems)


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
    for record in in_order(found):
        entry = record.entry
        past = {**entry.past, entry.node: entry.seq - 1}
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
