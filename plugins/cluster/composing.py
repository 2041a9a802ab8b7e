"""What entries say about what changed on a node. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from hookkit_plugins.cluster.entry import Head, Record, followed, node_of
from hookkit_plugins.cluster.resolve import Entry, Update

_REFS_IN_ONE = 1000


class About(NamedTuple):
    """What entries say beside updates.

    :param pusher: who is said to have pushed.
    :param joins: what is here stands beside what others have: whoever joins knows nobody's entries yet.
    :param forgets: nodes that will not come back.
    """

    pusher: str | None
    joins: bool = False
    forgets: tuple[str, ...] = ()


def composed(
    local: Mapping[str, Update], name: str, taken: Mapping[str, Head], about: About, time: int
) -> list[Record]:
    """The entries that say ``local``, one after the other; at least one.

    :param name: what they are called.
    :param taken: the last entry of every name that this node has taken in.
    :param time: milliseconds since the epoch.
    """
    me = node_of(name)
    others = {each: head for each, head in taken.items() if each != name and (node_of(each) == me or not about.joins)}
    past = {each: head.seq for each, head in others.items()}
    heads = {each: head.oid for each, head in others.items()}
    own = taken.get(name)
    seq = max(own.seq if own else 0, followed(past, me))
    refs = sorted(local)
    parts = [refs[start : start + _REFS_IN_ONE] for start in range(0, len(refs), _REFS_IN_ONE)] or [[]]
    return [
        Record(
            Entry(name, seq + number, time, past, {ref: local[ref] for ref in part}),
            "",
            heads,
            about.pusher,
            # Not before all is said.
            about.joins and part is parts[-1],
            forgets=about.forgets,
        )
        for number, part in enumerate(parts, 1)
    ]
