"""What a checkpoint says: the claims that stand, one per line. Pure.

live alpha 12 1764003000123 709387f... e2375b5... refs/heads/main
lost bravo 7 1764002000000 - 5f2b... refs/heads/main
"""

from collections.abc import Mapping

from hookkit_plugins.cluster.entry import NOTHING, JournalError, is_node, is_ref, value_in
from hookkit_plugins.cluster.resolve import Claims, Entry, State, Update

_WORDS = ("live", "lost")


def text(state: State) -> str:
    """The text of ``state``, the same on every node that has the same entries.

    A deletion needs no line: what it deleted has none either, and it loses to every value that did not know it.
    """
    lines = [
        f"{word} {each.node} {each.seq} {each.time} {old or NOTHING} {new} {ref}"
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
            word, node, seq, time, old, new, ref = line.split(" ")
            if not is_node(node) or not is_ref(ref) or ref.startswith("refs/hookkit/"):
                raise ValueError(line)
            entry = Entry(node, int(seq), int(time), {}, {ref: Update(value_in(ref, old), value_in(ref, new))})
            parts.setdefault(ref, ([], []))[_WORDS.index(word)].append(entry)
    except ValueError as error:
        raise JournalError("a checkpoint cannot be read", cause=str(error)[:200]) from None
    return State(vector, {ref: Claims(tuple(live), tuple(lost)) for ref, (live, lost) in parts.items()})
