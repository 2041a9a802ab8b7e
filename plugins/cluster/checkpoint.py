"""What a checkpoint says: the claims that stand, one per line, and the entries that it stands for. Pure.

live alpha 12 1764003000123 709387f... e2375b5... refs/heads/main
lost bravo 7 1764002000000 - 5f2b... refs/heads/main

bravo 6 8d1cfa0... bravo
bravo 7 5f2b... bravo
"""

import re
from collections.abc import Mapping

from hookkit_plugins.cluster.entry import NOTHING, JournalError, is_name, is_ref, value_in
from hookkit_plugins.cluster.quoting import quoted, unquoted
from hookkit_plugins.cluster.resolve import Claims, Entry, State, Update
from hookkit_plugins.cluster.ways import Step

PATH_LIMIT = 1000
"""So many entries up to the last one of each name are told of, the newest. A line of each has about 70 bytes."""

_WORDS = ("live", "lost")


def text(state: State) -> str:
    """The text of ``state``, the same on every node that has the same entries.

    A deletion needs no line: what it deleted has none either, and it loses to every value that did not know it.
    """
    lines = [
        f"{word} {each.node} {each.seq} {each.time} {quoted(old or NOTHING)} {quoted(new)} {quoted(ref)}"
        for ref, claims in state.claims.items()
        for word, part in zip(_WORDS, claims, strict=True)
        for each in part
        for old, new in (each.updates[ref],)
        if new
    ]
    return "".join(f"{line}\n" for line in sorted(lines))


def parse(said: str, vector: Mapping[str, int]) -> State:
    """The state that ``said`` describes.

    :raises JournalError: it describes none.
    """
    parts: dict[str, tuple[list[Entry], list[Entry]]] = {}
    try:
        for line in said.removesuffix("\n").split("\n") if said else ():
            word, node, seq, time, *names = line.split(" ")
            old, new, ref = map(unquoted, names)
            if not is_name(node) or not is_ref(ref) or ref.startswith("refs/hookkit/"):
                raise ValueError(line)
            entry = Entry(node, int(seq), int(time), {}, {ref: Update(value_in(ref, old), value_in(ref, new))})
            parts.setdefault(ref, ([], []))[_WORDS.index(word)].append(entry)
    except ValueError as error:
        raise JournalError("a checkpoint cannot be read", cause=str(error)[:200]) from None
    return State(vector, {ref: Claims(tuple(live), tuple(lost)) for ref, (live, lost) in parts.items()})


def paths_text(paths: Mapping[str, list[Step]]) -> str:
    """The text of ``paths``: by a name, the entries up to its last one, oldest first."""
    return "".join(
        f"{last} {step.seq} {step.oid} {step.name}\n"
        for last, path in sorted(paths.items())
        for step in path[-PATH_LIMIT:]
    )


def parse_paths(said: str) -> dict[str, list[Step]]:
    """The opposite of :func:`paths_text`.

    :raises JournalError: it is none.
    """
    paths: dict[str, list[Step]] = {}
    for line in said.splitlines():
        last, _, rest = line.partition(" ")
        found = re.fullmatch(r"([1-9][0-9]{0,17}) ([0-9a-f]{40}|[0-9a-f]{64}) (\S+)", rest)
        if not found or not is_name(last) or not is_name(found[3]):
            raise JournalError("what a checkpoint says of the entries before it cannot be read", cause=repr(line[:60]))
        path = paths.setdefault(last, [])
        # The first of all has none before it; of others that is not known any more.
        before = path[-1].oid if path else "" if found[1] == "1" else None
        path.append(Step(found[2], int(found[1]), before, found[3]))
    return paths
