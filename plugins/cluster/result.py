"""What came of bringing refs and journals together."""

from typing import NamedTuple

from hookkit.api import RefUpdate


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
