"""What came of bringing one remote up to date."""

from typing import TYPE_CHECKING, NamedTuple

from hookkit_plugins.mirror.plan import Change
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.store import Held

if TYPE_CHECKING:
    from hookkit.api import Failure


class Sent(NamedTuple):
    """A change that the remote has taken; ``forced``: it was not a fast-forward."""

    change: Change
    forced: bool


class Report(NamedTuple):
    """What one delivery did.

    :param sent: what the remote has taken.
    :param held: what it has not taken, and why.
    :param queued: how many refs it is still owed that are not held.
    :param failing_since: since when it cannot be reached, seconds since the epoch.
    :param failure: why the delivery ended early, if it did.
    :param taken: somebody else is delivering to it and will deliver this too.
    :param seconds: how long it took.
    :param notes: what the remote wants whoever pushed to know, whole lines.
    """

    remote: Remote
    sent: tuple[Sent, ...] = ()
    held: tuple[Held, ...] = ()
    queued: int = 0
    failing_since: float | None = None
    failure: "Failure | None" = None
    taken: bool = False
    seconds: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing is left to do or to look at."""
        return self.failure is None and not self.held
