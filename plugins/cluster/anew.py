"""A journal begins anew, with a checkpoint that stands for all that this node has taken in."""

import time

from hookkit.api import Repository
from hookkit_plugins.cluster import former, journal, restoring
from hookkit_plugins.cluster.engine import bring_together
from hookkit_plugins.cluster.entry import Record
from hookkit_plugins.cluster.forks import Fork, united
from hookkit_plugins.cluster.former import Former
from hookkit_plugins.cluster.opening import locked, opened
from hookkit_plugins.cluster.resolve import Entry
from hookkit_plugins.cluster.result import Result
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.store import Store
from hookkit_plugins.cluster.working import Contains


def compact(repo: Repository, chosen: ClusterSettings) -> Result:
    """Have this node's journal begin anew, unless nothing has followed its last checkpoint.

    :raises HookkitError: it is not possible now.
    """
    result = bring_together(repo, chosen, scan=True)
    with locked(repo), opened(repo) as store:
        planned = _planned(repo, store)
        if planned is None or journal.last(repo, planned[1]).checkpoint:
            return result
        record, before = planned
        written = journal.begin_anew(repo, chosen, record, store.state(), _once(repo), before)
        with store.transaction():
            store.set_heads({repo.node: written.vector[repo.node]})
            store.set_fact("time", written.entry.time)
    result.note_journal(repo.node, before, written.oid)
    return result


def settle(repo: Repository, chosen: ClusterSettings, way: Fork) -> Result:
    """Have this node's journal begin anew with what both ways come to in which it went on.

    :raises HookkitError: it is not possible now.
    """
    result = Result()
    with locked(repo), opened(repo) as store:
        planned = _planned(repo, store)
        if planned is None:
            return result
        record, before = planned
        news, there = restoring.state_at(repo, chosen, Contains(repo), way.tip)
        state = united(store.state(), there, repo.node, way)
        heads = {**news.heads, **store.heads()}
        past = {node: head for node, head in heads.items() if node != repo.node}
        past |= {node: head for node, head in news.heads.items() if node in past and head.seq > past[node].seq}
        entry = record.entry._replace(
            seq=state.vector[repo.node],
            time=max(record.entry.time, *(each.entry.time for each in [*news.records, *news.checkpoints])),
            past={node: head.seq for node, head in past.items()},
        )
        record = record._replace(entry=entry, heads={node: head.oid for node, head in past.items()})
        once = former.together(_once(repo), restoring.known(repo, news))
        written = journal.begin_anew(repo, chosen, record, state, once, before)
        # The cache is made again from that.
        with store.transaction():
            store.forget_all()
    result.note_journal(repo.node, before, written.oid)
    return result


def _planned(repo: Repository, store: Store) -> tuple[Record, str] | None:
    """The checkpoint that is to be written, and this node's last entry; None: it has none."""
    heads = store.heads()
    own = heads.pop(repo.node, None)
    if own is None:
        return None
    past = {node: head.seq for node, head in heads.items()}
    now = max(int(time.time() * 1000), store.fact("time"))
    entry = Entry(repo.node, own.seq, now, past, {})
    joined = bool(store.fact("joined"))
    gone = tuple(sorted(journal.forgotten(repo, own.oid)))
    record = Record(entry, "", {n: head.oid for n, head in heads.items()}, None, joined, checkpoint=True, forgets=gone)
    return record, own.oid


def _once(repo: Repository) -> Former:
    """What refs were, as far as the journals that are here tell: for a checkpoint, which takes their place."""
    parts: list[Former] = []
    for node, tip in journal.heads(repo).items():
        records = journal.read(repo, node, tip, None)
        parts.append(former.of(record.entry for record in records))
        parts += [journal.former_of(repo, record) for record in records[:1] if record.checkpoint]
    return former.together(*parts)
