"""Taking in what is not told entry by entry: a checkpoint, and all that there is when the cache is gone."""

import time

from hookkit.api import Repository
from hookkit_plugins.cluster import journal, objects
from hookkit_plugins.cluster.entry import Record
from hookkit_plugins.cluster.gather import News
from hookkit_plugins.cluster.resolve import HEAD, Entry, join
from hookkit_plugins.cluster.store import Move, Store
from hookkit_plugins.cluster.working import Contains, Working, base_of

# What no ref ever is: what is planned with it is only looked at.
_LOOK = "?"


def join_checkpoint(repo: Repository, store: Store, record: Record) -> set[str]:
    """Take in what the checkpoint ``record`` stands for; the refs that may change by it."""
    before = store.state()
    joined = join(before, journal.state_of(repo, record))
    changed = {ref: claims for ref, claims in joined.claims.items() if before.claims.get(ref) != claims}
    values = [each.updates[ref].new for ref, both in changed.items() for part in both for each in part if ref != HEAD]
    objects.unpack(repo, record.oid, list(dict.fromkeys(value for value in values if value)))
    known = store.heads()
    with store.transaction(durable=True):
        store.set_claims(changed)
        store.set_heads({n: head for n, head in record.vector.items() if n not in known or known[n].seq < head.seq})
        store.set_fact("time", max(store.fact("time"), record.entry.time))
        # Should this be interrupted, the refs are looked at all the same.
        store.plan({ref: Move(ref, _LOOK) for ref in changed})
    return {*changed}


def rebuild(repo: Repository, store: Store, contains: Contains, news: News) -> News:
    """The cache is gone: begin with what this node had carried out when it wrote its last entry.

    :returns: what is left to be taken in.
    """
    mine = [each for each in news.records if each.entry.node == repo.node]
    begun = [each for each in news.checkpoints if each.entry.node == repo.node]
    for record in begun:
        join_checkpoint(repo, store, record)
    seen = [each for each in news.records if each in mine or (mine and mine[-1].entry.knows(each.entry))]
    working = Working(store, contains, seen, store.all_refs())
    made = {ref: Move(base_of(ref), value) for part in working.resolved for ref, value in part.items()}
    with store.transaction():
        store.set_claims(working.claims)
        store.set_heads({each.entry.node: each.vector[each.entry.node] for each in seen})
        store.set_applied(made)
        store.set_fact("time", max([store.fact("time"), *(each.entry.time for each in seen)]))
        store.set_fact("joined", int(any(each.joins for each in [*begun, *mine])))
        store.unplan()
    left = [each for each in news.records if each not in seen]
    return news._replace(records=left, checkpoints=[each for each in news.checkpoints if each not in begun])


def compact(repo: Repository, store: Store) -> tuple[Record, str] | None:
    """The checkpoint that stands for all that was taken in here, and this node's last entry; None: it has none.

    :returns: without a commit: it is yet to be written.
    """
    heads = store.heads()
    own = heads.pop(repo.node, None)
    if own is None:
        return None
    past = {node: head.seq for node, head in heads.items()}
    now = max(int(time.time() * 1000), store.fact("time"))
    entry = Entry(repo.node, own.seq, now, past, {})
    joined = bool(store.fact("joined"))
    return Record(entry, "", {n: head.oid for n, head in heads.items()}, None, joined, checkpoint=True), own.oid
