"""What refs once were: so that an old copy of the repository, when it joins, is not taken for news. Pure.

A checkpoint carries it in the place of the entries that said so. Of each value only a mark is kept, from which neither the
ref nor the object can be told: what is compacted away may be a secret, and so may its name.
"""

import hashlib
import heapq
import os
import re
from collections.abc import Iterable, Mapping

from hookkit_plugins.cluster.entry import JournalError
from hookkit_plugins.cluster.resolve import Entry

LIMIT = 100_000
"""So many are kept, the newest. A line of each in a checkpoint has 31 bytes."""

Former = Mapping[str, int]
"""Marks, and the time of the last entry that named the value, in milliseconds since the epoch."""


def mark(ref: str, value: str | None) -> str:
    """The mark of ``value`` as one of ``ref``; None: it was not there."""
    return hashlib.sha256(os.fsencode(f"{ref}\0{value or ''}")).hexdigest()[:16]


def of(entries: Iterable[Entry]) -> dict[str, int]:
    """The marks of every value that a ref had or got in ``entries``."""
    found: dict[str, int] = {}
    for entry in entries:
        for ref, both in entry.updates.items():
            for value in both:
                name = mark(ref, value)
                found[name] = max(entry.time, found.get(name, 0))
    return found


def together(*parts: Former, limit: int = LIMIT) -> dict[str, int]:
    """All of them, the newest ``limit``; in whatever order and however often they are put together, the same."""
    found: dict[str, int] = {}
    for part in parts:
        for name, time in part.items():
            found[name] = max(time, found.get(name, 0))
    return dict(heapq.nlargest(limit, found.items(), key=lambda each: (each[1], each[0])))


def text(former: Former) -> str:
    """The text of ``former``, a mark per line."""
    return "".join(f"{name} {time}\n" for name, time in sorted(former.items()))


def parse(said: str) -> dict[str, int]:
    """The opposite of :func:`text`.

    :raises JournalError: it is none.
    """
    found: dict[str, int] = {}
    for line in said.splitlines():
        if not re.fullmatch(r"[0-9a-f]{16} [1-9][0-9]{0,17}", line):
            raise JournalError("what a checkpoint remembers cannot be read", cause=repr(line[:60]))
        name, time = line.split(" ")
        found[name] = int(time)
    return found
