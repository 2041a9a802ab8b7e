"""What came of bringing refs and journals together."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hookkit.api import RefUpdate
from hookkit_plugins.cluster.entry import Record, node_of
from hookkit_plugins.cluster.resolve import HEAD
from hookkit_plugins.cluster.store import Move
from hookkit_plugins.cluster.working import base_of


class Moved(NamedTuple):
    """A ref that was carried out here: pushed where, by whom; ``node`` None: a merge that was made here."""

    update: RefUpdate
    node: str | None
    pusher: str | None


class Conflict(NamedTuple):
    """A value that lost, and what it lost to.

    :param kept: the conflict ref; :param ref: what it was pushed to; :param winner: what that is now, None: nothing.
    :param beside: a ref that exists, and beside which ``ref`` cannot; :param merges: whether it can be merged.
    """

    kept: str
    ref: str
    oid: str
    winner: str | None
    pusher: str | None = None
    beside: str | None = None
    merges: bool = True


class Result:
    """What came of it."""

    def __init__(self) -> None:
        self.journals: dict[str, tuple[str | None, str]] = {}
        self.moved: list[Moved] = []
        self.conflicts: list[Conflict] = []
        self.kept: dict[str, str] = {}
        self.problems: dict[str, str] = {}

    def note_journal(self, node: str, old: str | None, new: str) -> None:
        """The journal of ``node`` has moved."""
        first = self.journals.get(node, (old, new))[0]
        self.journals[node] = (first, new)

    def note_moves(
        self, moves: Mapping[str, Move], before: Mapping[str, str], records: Iterable[Record], here: str
    ) -> None:
        """``moves`` were carried out, as ``records`` say, on the node ``here``.

        :param before: what the refs were.
        """
        by = {base_of(ref): record for record in records for ref in record.entry.updates}
        for ref, move in sorted(moves.items()):
            if ref == HEAD:
                continue
            record = by.get(move.base)
            node, pusher = (node_of(record.entry.node), record.pusher) if record else (here, None)
            zero = "0" * len(move.value or before.get(ref) or "")
            self.moved.append(Moved(RefUpdate(ref, before.get(ref) or zero, move.value or zero), node, pusher))
