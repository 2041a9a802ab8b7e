"""A journal begins anew, with a checkpoint that stands for all that this node has taken in."""

import time

from hookkit.api import Repository
from hookkit_plugins.cluster import former, journal, telling
from hookkit_plugins.cluster.engine import bring_together
from hookkit_plugins.cluster.entry import JournalError, Record
from hookkit_plugins.cluster.former import Former
from hookkit_plugins.cluster.opening import locked, opened
from hookkit_plugins.cluster.resolve import Entry
from hookkit_plugins.cluster.result import Result
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.store import Store


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
        name = record.entry.node
        paths = telling.paths(repo, {**record.heads, name: before}, store.ways())
        written = journal.begin_anew(repo, chosen, record, store.state(), _once(repo), paths, before)
        with store.transaction():
            store.set_heads({name: written.vector[name]})
            store.set_fact("time", written.entry.time)
    result.note_journal(repo.node, before, written.oid)
    return result


def _planned(repo: Repository, store: Store) -> tuple[Record, str] | None:
    """The checkpoint that is to be written, and this node's last entry; None: it has none."""
    heads = store.heads()
    name = next((each for each, head in heads.items() if head.oid == journal.heads(repo).get(repo.node)), None)
    if name is None:
        return None
    own = heads.pop(name)
    past = {each: head.seq for each, head in heads.items()}
    now = max(int(time.time() * 1000), store.fact("time"))
    entry = Entry(name, own.seq, now, past, {})
    joined = bool(store.fact("joined"))
    gone = tuple(sorted(journal.forgotten(repo, own.oid)))
    record = Record(entry, "", {n: head.oid for n, head in heads.items()}, None, joined, checkpoint=True, forgets=gone)
    return record, own.oid


def _once(repo: Repository) -> Former:
    """What refs were, as far as the journals that are here tell: for a checkpoint, which takes their place."""
    parts: list[Former] = []
    for node, tip in journal.heads(repo).items():
        try:
            records = journal.read(repo, node, tip)
        except JournalError:
            continue  # what is no journal says nothing
        parts.append(former.of(record.entry for record in records))
        parts += [journal.former_of(repo, record) for record in records[:1] if record.checkpoint]
    return former.together(*parts)
