"""A journal that went on twice: on a node that was restored from a backup and pushed to, and as other nodes had it before.

Two entries then have one number, and which one is meant nobody can tell. So the node puts what both ways come to into a
checkpoint, with numbers that were never used, and the others take that for what it is: the journal, begun anew. What even
the node has never heard of, those write down who have it.
"""

from typing import NamedTuple

from hookkit.api import Repository
from hookkit_plugins.cluster import former, journal
from hookkit_plugins.cluster.entry import Record
from hookkit_plugins.cluster.former import Former
from hookkit_plugins.cluster.resolve import HEAD, Claims, Entry, State, join


class Fork(NamedTuple):
    """Where two ways of one journal part.

    :param common: the last entry of both.
    :param last: the highest number of either.
    :param tip: where the way ends that is not the one here.
    """

    common: int
    last: int
    tip: str


def fork(repo: Repository, one: str, other: str) -> Fork | None:
    """How this node's journals up to ``one`` and to ``other`` part.

    :returns: None: the first is only behind, or they have nothing in common.
    :raises JournalError: one of them cannot be read.
    """
    ours, theirs = (journal.read(repo, repo.node, tip, None) for tip in (one, other))
    shared = {record.oid: record.entry.seq for record in ours}
    common = max((shared[record.oid] for record in theirs if record.oid in shared), default=None)
    if common is None and theirs[0].checkpoint:
        common = _known(ours, journal.former_of(repo, theirs[0]))
    elif common is None and ours[0].checkpoint:
        common = _known(theirs, journal.former_of(repo, ours[0]))
    if common is None or common == ours[-1].entry.seq:
        return None
    return Fork(common, max(ours[-1].entry.seq, theirs[-1].entry.seq), other)


def _known(records: list[Record], known: Former) -> int:
    """The last of ``records`` up to which a checkpoint that remembers ``known`` knew them all."""
    last = 0
    for record in records:
        if not former.of([record.entry]).keys() <= known.keys():
            break
        last = record.entry.seq
    return last


def united(here: State, there: State, node: str, way: Fork) -> State:
    """What both ways of the journal of ``node`` come to, with numbers for their entries that neither had. Pure."""
    by = way.last - way.common
    # That far they know each other; what one of them replaced or deleted until then, is.
    both = join(_moved(here, node, way.common, by), _moved(there, node, way.common, 2 * by))
    return State({**both.vector, node: way.last + 2 * by}, both.claims)


def _moved(state: State, node: str, common: int, by: int) -> State:
    def moved(part: tuple[Entry, ...]) -> tuple[Entry, ...]:
        return tuple(
            each._replace(seq=each.seq + by) if each.node == node and each.seq > common else each for each in part
        )

    claims = {ref: Claims(moved(both.live), moved(both.unsettled)) for ref, both in state.claims.items()}
    return State({**state.vector, node: common}, claims)


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
