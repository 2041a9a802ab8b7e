"""Taking in what is not told entry by entry: a checkpoint, and all that there is when the cache is gone."""

from collections.abc import Collection, Mapping

from hookkit.api import Repository
from hookkit_plugins.cluster import former, journal, objects
from hookkit_plugins.cluster.entry import JournalError, Record, node_of
from hookkit_plugins.cluster.former import Former
from hookkit_plugins.cluster.gather import News
from hookkit_plugins.cluster.resolve import HEAD, Claims, State, add, join, outcome
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.store import Move, Store
from hookkit_plugins.cluster.telling import everything, survey
from hookkit_plugins.cluster.ways import PartedError, Ways, claimed
from hookkit_plugins.cluster.working import Contains, Working, base_of

# What no ref ever is: what is planned with it is only looked at.
_LOOK = "?"


def stands_for(repo: Repository, record: Record, ways: Ways) -> State:
    """What the entries came to that the checkpoint ``record`` stands for.

    :raises JournalError: it does not say.
    """
    state = journal.state_of(repo, record)
    if not ways.starts:
        return state
    # A checkpoint has the number of the last entry that it stands for: what is claimed is that entry's.
    paths = journal.paths_of(repo, record).values()
    steps = {(step.name, step.seq): step.oid for path in paths for step in reversed(path)}
    claims = {
        ref: Claims(*(tuple(claimed(each, steps, ways) for each in part) for part in both))
        for ref, both in state.claims.items()
    }
    return State(state.vector, claims)


def join_checkpoint(repo: Repository, store: Store, record: Record, ways: Ways) -> set[str]:
    """Take in what the checkpoint ``record`` stands for; the refs that may change by it."""
    before = store.state()
    joined = join(before, stands_for(repo, record, ways))
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


def _unpack(repo: Repository, record: Record, claims: Mapping[str, Claims]) -> None:
    objects.unpack(repo, record.oid, State({}, claims).values())


def rebuild(repo: Repository, chosen: ClusterSettings, store: Store, contains: Contains, tip: str) -> News:
    """The cache is gone: begin with what this node had carried out when it wrote ``tip``, its last entry.

    :returns: the entries and checkpoints by which that is known.
    :raises JournalError: this node's own journal cannot be read.
    """
    news, ways = everything(repo, chosen, [(repo.node, tip)], Ways())
    if repo.node in news.problems:
        raise JournalError("this node's own journal cannot be read", cause=news.problems[repo.node])
    claims = claims_of(repo, contains, news, ways)
    made = {
        ref: Move(base_of(ref), value)
        for part in outcome(claims, contains)
        for ref, value in part.items()
        # What is left out here was never made.
        if ref == HEAD or chosen.covers(base_of(ref))
    }
    told = [*news.checkpoints, *news.covered, *news.records]
    with store.transaction():
        store.forget_all()
        store.set_ways(ways)
        store.set_claims(claims)
        store.set_heads(news.heads)
        store.set_applied(made)
        store.set_fact("rebuilt", 1)
        store.set_fact("time", max(each.entry.time for each in told))
        store.set_fact("joined", int(any(each.joins for each in told if node_of(each.entry.node) == repo.node)))
    return news


def tell_apart(
    repo: Repository,
    chosen: ClusterSettings,
    store: Store,
    contains: Contains,
    parted: PartedError,
    seen: Collection[str],
) -> set[str]:
    """What was taken in, called as it is known now that ways of a journal have parted; the refs that may change by it.

    :param seen: commits about which was learned before.
    """
    ends = store.heads()
    tips = [(node_of(name), head.oid) for name, head in ends.items()]
    ways = store.ways()
    ways = ways.with_(survey(repo, parted, [*seen, *(tip for node, tip in tips if node == parted.node)], ways))
    here = repo.object_types(sorted({tip for _, tip in tips}))
    news, ways = everything(repo, chosen, [each for each in tips if each[1] in here], ways, [*seen, *parted.tips])
    claims = claims_of(repo, contains, news, ways)
    before = store.state().claims
    with store.transaction():
        store.forget_claims()
        store.set_ways(ways)
        store.set_claims(claims)
        store.set_heads(news.heads)
    return {ref for ref in {**before, **claims} if before.get(ref) != claims.get(ref)}


def claims_of(repo: Repository, contains: Contains, news: News, ways: Ways) -> dict[str, Claims]:
    """What everything that there is comes to."""
    state = State({}, {})
    for record in news.checkpoints:
        state = join(state, stands_for(repo, record, ways))
        _unpack(repo, record, state.claims)
    claims = dict(state.claims)
    for record in news.records:
        add(claims, record.entry, contains)
    return claims


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
