"""Taking in what is not told entry by entry: a checkpoint, and all that there is when the cache is gone."""

from collections.abc import Mapping

from hookkit.api import Repository
from hookkit_plugins.cluster import forks, former, journal, objects
from hookkit_plugins.cluster.entry import JournalError, Record
from hookkit_plugins.cluster.former import Former
from hookkit_plugins.cluster.gather import News, gather
from hookkit_plugins.cluster.resolve import HEAD, Claims, State, add, join, outcome
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.store import Move, Store
from hookkit_plugins.cluster.working import Contains, Working, base_of

# What no ref ever is: what is planned with it is only looked at.
_LOOK = "?"


def join_checkpoint(repo: Repository, store: Store, record: Record) -> set[str]:
    """Take in what the checkpoint ``record`` stands for; the refs that may change by it."""
    before = store.state()
    joined = join(before, journal.state_of(repo, record))
    changed = {ref: claims for ref, claims in joined.claims.items() if before.claims.get(ref) != claims}
    _unpack(repo, record, changed)
    known = store.heads()
    with store.transaction(durable=True):
        store.set_claims(changed)
        store.set_heads({n: head for n, head in record.vector.items() if n not in known or known[n].seq < head.seq})
        store.set_fact("time", max(store.fact("time"), record.entry.time))
        # Should this be interrupted, the refs are looked at all the same.
        store.plan({ref: Move(ref, _LOOK) for ref in changed})
    return {*changed}


def unheard_of(repo: Repository, store: Store, record: Record) -> list[tuple[str, str]]:
    """Refs and values that stand here, and that the checkpoint ``record`` leaves behind without having known them."""
    return forks.unheard_of(store.state(), journal.state_of(repo, record), journal.former_of(repo, record))


def _unpack(repo: Repository, record: Record, claims: Mapping[str, Claims]) -> None:
    values = [each.updates[ref].new for ref, both in claims.items() for part in both for each in part if ref != HEAD]
    objects.unpack(repo, record.oid, list(dict.fromkeys(value for value in values if value)))


def rebuild(repo: Repository, chosen: ClusterSettings, store: Store, contains: Contains, tip: str) -> News:
    """The cache is gone: begin with what this node had carried out when it wrote ``tip``, its last entry.

    :returns: the entries and checkpoints by which that is known.
    :raises JournalError: this node's own journal cannot be read.
    """
    news, state = state_at(repo, chosen, contains, tip)
    claims = state.claims
    made = {ref: Move(base_of(ref), value) for part in outcome(claims, contains) for ref, value in part.items()}
    everything = [*news.checkpoints, *news.covered, *news.records]
    with store.transaction():
        store.forget_all()
        store.set_claims(claims)
        store.set_heads(news.heads)
        store.set_applied(made)
        store.set_fact("rebuilt", 1)
        store.set_fact("time", max(each.entry.time for each in everything))
        store.set_fact("joined", int(any(each.joins for each in everything if each.entry.node == repo.node)))
    return news


def state_at(repo: Repository, chosen: ClusterSettings, contains: Contains, tip: str) -> tuple[News, State]:
    """What all that ``tip``, an entry of this node, knows comes to; and the entries and checkpoints that say so.

    :raises JournalError: this node's own journal cannot be read.
    """
    news = gather(repo, chosen, {repo.node: tip}, {}, vouched=True)
    if repo.node in news.problems:
        raise JournalError("this node's own journal cannot be read", cause=news.problems[repo.node])
    state = State({}, {})
    for record in news.checkpoints:
        state = join(state, journal.state_of(repo, record))
        _unpack(repo, record, state.claims)
    claims = dict(state.claims)
    for record in news.records:
        add(claims, record.entry, contains)
    return news, State({node: head.seq for node, head in news.heads.items()}, claims)


def take_in(store: Store, contains: Contains, news: News) -> None:
    """Take in the entries that there are beside those; nothing is carried out."""
    working = Working(store, contains, news.records)
    with store.transaction():
        store.set_claims(working.claims)
        store.set_heads(news.heads)
        store.set_fact("time", max([store.fact("time"), *(each.entry.time for each in news.records)]))


def known(repo: Repository, *parts: News) -> Former:
    """What refs once were, as far as the journals tell."""
    checkpoints = [journal.former_of(repo, record) for news in parts for record in news.checkpoints]
    found = former.of(record.entry for news in parts for record in [*news.covered, *news.records])
    for each in checkpoints:
        found |= each
    return found
