"""What people and other plugins are told about what the engine did. Pure."""

from collections.abc import Sequence

from hookkit.api import Push, RefUpdate, short_ref, shown
from hookkit_plugins.cluster.advice import Lost, cure, fate
from hookkit_plugins.cluster.journal import JOURNALS
from hookkit_plugins.cluster.result import Conflict, Result
from hookkit_plugins.cluster.status import Kept, kept_at

NOTE = "hookkit: note: "
"""Lines that begin so reach whoever pushed, on whichever node they are said."""
MANY = 5
"""So many conflicts are told of one by one."""


def pushes(result: Result, me: str, options: tuple[str, ...] = ()) -> list[Push]:
    """What other plugins are told: the journals that moved, and what was carried out, by the node where it was pushed.

    :param options: of the push that brought other nodes' journals.
    """
    told: list[Push] = []
    own = _journals(result, {me})
    if own:
        told.append(Push(own))
    brought = _journals(result, {*result.journals} - {me})
    if brought:
        told.append(Push(brought, options))
    groups: dict[tuple[str | None, str | None], list[RefUpdate]] = {}
    for moved in result.moved:
        groups.setdefault((moved.node, moved.pusher), []).append(moved.update)
    told += [Push(tuple(updates), (), pusher, node) for (node, pusher), updates in groups.items()]
    return told


def _journals(result: Result, nodes: set[str]) -> tuple[RefUpdate, ...]:
    moved = {node: pair for node, pair in result.journals.items() if node in nodes}
    return tuple(
        RefUpdate(f"{JOURNALS}{node}", old or "0" * len(new), new) for node, (old, new) in sorted(moved.items())
    )


def lines(result: Result) -> list[str]:
    """What people are told: the conflicts that arose, and what is wrong."""
    return conflicts(result) + problems(result)


def conflicts(result: Result) -> list[str]:
    """The conflicts that arose."""
    said = [f"{NOTE}{_conflict(each)}" for each in result.conflicts[:MANY]]
    if len(result.conflicts) > MANY:
        said.append(f"{NOTE}and {len(result.conflicts) - MANY} more conflicts: hookkit cluster conflicts")
    return said


def problems(result: Result) -> list[str]:
    """What is not as it is to be."""
    return [f"hookkit: {_wrong(what, why)}" for what, why in sorted(result.problems.items())]


def reminders(kept: Sequence[Kept]) -> list[str]:
    """What whoever pushes to a ref is told about losers that are still kept."""
    said = [
        f"{NOTE}{short_ref(each.ref)}: {each.oid[:7]}, pushed to {each.node}, is still kept as {each.kept}"
        for each in kept
    ]
    return said[:MANY]


def _conflict(conflict: Conflict) -> str:
    node = kept_at(conflict.kept, conflict.oid).node
    by = f" by {shown(conflict.pusher)}" if conflict.pusher else ""
    lost = Lost(conflict.ref, conflict.kept, conflict.winner, conflict.beside, conflict.merges)
    return f"{fate(lost)}; {conflict.oid[:7]}, pushed to {node}{by}, is kept as {conflict.kept}; {cure(lost)}"


def _wrong(what: str, why: str) -> str:
    if what.startswith("refs/") or what == "HEAD":
        return (
            f"{short_ref(what)} cannot be made what it is on the other nodes ({why}); the next push or sync tries again"
        )
    return f"the journal of {what} is not followed: {why}; see {JOURNALS}{what}"
