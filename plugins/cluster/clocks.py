"""Whose clock is ahead, as the journals tell. Pure.

No entry is earlier than one that its node has seen: a clock that is ahead makes the entries of all nodes lie in the future.
"""

import time
from collections.abc import Iterable

from hookkit_plugins.cluster.resolve import Entry

TOLERANCE = 5_000
"""Clocks that differ by less are good enough, in milliseconds."""


def ahead(entries: Iterable[Entry], now: int) -> list[str]:
    """The nodes of those of ``entries`` that lie in the future."""
    return [each.node for each in entries if each.time > now + TOLERANCE]


def first_ahead(entries: Iterable[Entry], now: int) -> list[Entry]:
    """Of each node whose own clock was ahead, its first entry that shows it.

    An entry that knows another one in the future may have its time from that.
    """
    first: dict[str, Entry] = {}
    for each in entries:
        if each.time > now + TOLERANCE and (each.node not in first or each.seq < first[each.node].seq):
            first[each.node] = each
    return [one for one in first.values() if not any(one.knows(other) for other in first.values() if other is not one)]


def shown(moment: int) -> str:
    """A time of an entry, in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment / 1000))
