"""``hookkit cluster verify`` and ``log``: the journals, read from their beginning."""

from typing import NamedTuple

from hookkit.api import Repository, short_ref
from hookkit_plugins.cluster import clocks, journal, signing
from hookkit_plugins.cluster.entry import Record, node_of
from hookkit_plugins.cluster.resolve import HEAD, outcome
from hookkit_plugins.cluster.restoring import claims_of
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.status import forgotten
from hookkit_plugins.cluster.telling import everything
from hookkit_plugins.cluster.ways import Ways
from hookkit_plugins.cluster.working import Contains, base_of


class Verified(NamedTuple):
    """What the journals come to, compared with the refs."""

    nodes: int
    entries: int
    refs: int
    problems: list[str]


def verify(repo: Repository, chosen: ClusterSettings) -> Verified:
    """Work out every ref from the journals alone and compare."""
    problems: list[str] = []
    heads = journal.heads(repo)
    keyless = _forgotten_without_key(repo, chosen)
    for node, tip in sorted(heads.items()):
        # Whoever forgets a node takes its key away: what it wrote was looked at when it came.
        if node not in keyless and (wrong := signing.problem(repo, chosen, tip, node)):
            problems.append(f"the journal of {node}: {wrong}")
    news, ways = everything(repo, chosen, heads.items(), Ways())
    problems += news.problems.values()
    contains = Contains(repo)
    resolved = outcome(claims_of(repo, contains, news, ways), contains)
    wanted = {
        ref: value for part in resolved for ref, value in part.items() if ref != HEAD and chosen.covers(base_of(ref))
    }
    actual = {ref: oid for ref, oid in repo.refs().items() if chosen.covers(base_of(ref))}
    problems += [
        f"{ref} is {actual.get(ref, 'not there')}, by the journals {wanted.get(ref, 'not there')}"
        for ref in sorted({*wanted, *actual})
        if wanted.get(ref) != actual.get(ref)
    ]
    entries = len(news.checkpoints) + len(news.covered) + len(news.records)
    return Verified(len(heads), entries, len(wanted), problems)


def _forgotten_without_key(repo: Repository, chosen: ClusterSettings) -> set[str]:
    gone = forgotten(repo)
    try:
        return gone - signing.trusted(chosen.signers) if gone else gone
    except OSError:
        return gone


def what(record: Record) -> str:
    """What an entry says, in one line."""
    said = [
        f"{short_ref(ref)} {_value(old)}..{_value(new)}" for ref, (old, new) in sorted(record.entry.updates.items())
    ]
    more = f", and {len(said) - 3} more" if len(said) > 3 else ""
    return ("joins; " if record.joins else "") + (", ".join(said[:3]) or "nothing") + more


def _value(value: str | None) -> str:
    return "none" if value is None else short_ref(value) if value.startswith("refs/") else value[:7]


def when(record: Record) -> str:
    """Its time, in UTC."""
    return clocks.shown(record.entry.time)


def data(record: Record) -> dict[str, object]:
    """An entry as JSON values."""
    entry = record.entry
    return {
        "node": node_of(entry.node),
        "seq": entry.seq,
        "time": when(record),
        "pusher": record.pusher,
        "followed": dict(entry.past),
        "updates": [{"ref": ref, "old": old, "new": new} for ref, (old, new) in entry.updates.items()],
    }
