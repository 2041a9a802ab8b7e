"""A journal that went on twice: on a node that was restored from a backup and pushed to, and as other nodes had it before.

Two entries then have one number, and which one is meant nobody can tell. So the node gives its entries numbers that were
never used, in a checkpoint, which the others take for what it is: the journal, begun anew. What only the other way had,
those write down who have it.
"""

from typing import NamedTuple

from hookkit.api import Repository
from hookkit_plugins.cluster import former, journal
from hookkit_plugins.cluster.former import Former
from hookkit_plugins.cluster.resolve import HEAD, Claims, Entry, State


class Fork(NamedTuple):
    """Where two ways of one journal part.

    :param common: the last entry of both.
    :param last: the highest number of either.
    """

    common: int
    last: int


def fork(repo: Repository, one: str, other: str) -> Fork | None:
    """How this node's journals up to ``one`` and to ``other`` part; None: they have no entry in common.

    :raises JournalError: one of them cannot be read.
    """
    ours, theirs = (journal.read(repo, repo.node, tip, None) for tip in (one, other))
    shared = {record.oid: record.entry.seq for record in ours}
    common = max((shared[record.oid] for record in theirs if record.oid in shared), default=None)
    return None if common is None else Fork(common, max(ours[-1].entry.seq, theirs[-1].entry.seq))


def renumbered(state: State, node: str, way: Fork) -> State:
    """``state`` with new numbers for the entries of ``node`` after those that both ways have. Pure."""
    by = way.last - way.common

    def moved(part: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(
            each._replace(seq=each.seq + by) if each.node == node and each.seq > way.common else each for each in part
        )

    claims = {ref: Claims(moved(both.live), moved(both.unsettled)) for ref, both in state.claims.items()}
    return State({**state.vector, node: state.vector[node] + by}, claims)


def unheard_of(mine: State, theirs: State, known: Former) -> list[tuple[str, str]]:
    """Refs and values that ``theirs`` leaves behind without having known them. Pure.

    :param known: what refs were, by those who made ``theirs``; nothing: they have not said.
    """
    if not known:
        return []
    since = min(known.values()) if len(known) >= former.LIMIT else 0
    found: dict[tuple[str, str], None] = {}
    for ref, both in mine.claims.items():
        kept = {(e.node, e.seq, e.updates[ref]) for part in theirs.claims.get(ref, Claims()) for e in part}
        for each in (*both.live, *both.unsettled) if ref != HEAD else ():
            update = each.updates[ref]
            left = theirs.holds(each) and (each.node, each.seq, update) not in kept
            if left and update.new and each.time > since and former.mark(ref, update.new) not in known:
                found[ref, update.new] = None
    return [*found]
