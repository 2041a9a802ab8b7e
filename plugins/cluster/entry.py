"""One entry of a journal as the message of a commit. Pure.

alpha 12: main, -old (alice)

node alpha
seq 12
time 1764003000123
pusher alice
past bravo 7 5f2b...
update 709387f... e2375b5... refs/heads/main
update 8d1cfa0... - refs/heads/old
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from hookkit.api import HookkitError, one_line, short_ref
from hookkit_plugins.cluster.quoting import quoted, unquoted
from hookkit_plugins.cluster.resolve import HEAD, Entry, Update

_NODE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}"
_OID = r"[0-9a-f]{40}|[0-9a-f]{64}"
# As git-check-ref-format(1) has it, so that no entry can make a node fail for ever.
_BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|//|@\{|/\.|\.lock(?:/|$)|\.$|/$|\.lock$")
_NAMED = 4
# The end of the year 9999, in milliseconds: what comes later nobody can show.
_LAST_TIME = 253_402_300_799_999
NOTHING = "-"


class JournalError(HookkitError):
    """A journal is not what a journal has to be."""


def said(error: HookkitError) -> str:
    """What is wrong, and why, in one line."""
    return f"{error.message}{f' ({error.cause})' if error.cause else ''}"


class Head(NamedTuple):
    """The last entry of a node that is known, or of a way of its journal: its number, and its commit."""

    seq: int
    oid: str


class Record(NamedTuple):
    """An entry, and what its commit says beside it.

    :param oid: the commit; empty before it is written.
    :param before: the commit of the node's entry before it; empty: there is none, or a checkpoint took its place.
    :param heads: the commit of the last entry of each node in the entry's past.
    :param pusher: who pushed; None: nobody said.
    :param joins: with this entry the node has looked at all its refs for the first time.
    :param checkpoint: it stands for all entries that it knows, its own number included; what they come to is in its tree.
    :param forgets: nodes that will not come back.
    """

    entry: Entry
    oid: str = ""
    heads: Mapping[str, str] = {}
    pusher: str | None = None
    joins: bool = False
    checkpoint: bool = False
    forgets: tuple[str, ...] = ()
    before: str = ""

    @property
    def vector(self) -> dict[str, Head]:
        """The last entry of each node that is in this one's past, or is this one."""
        past = {node: Head(seq, self.heads[node]) for node, seq in self.entry.past.items()}
        return past | {self.entry.node: Head(self.entry.seq, self.oid)}


def is_node(name: str) -> bool:
    """Whether ``name`` can be that of a node."""
    return re.fullmatch(_NODE, name) is not None and not name.endswith((".lock", ".")) and ".." not in name


def is_name(name: str) -> bool:
    """Whether ``name`` can be that of a node, or of a way of its journal."""
    return is_node(node_of(name)) and re.fullmatch(r"(\+[0-9a-f]{8})?", name[len(node_of(name)) :]) is not None


def node_of(name: str) -> str:
    """The node that writes what goes by ``name``."""
    return name.partition("+")[0]


def way_of(name: str) -> str:
    """The digits by which a way of a journal is told from others; empty: it is not."""
    return name.partition("+")[2]


def followed(past: Mapping[str, int], node: str) -> int:
    """The number of the last entry of ``node`` that is in ``past``, on whichever way; 0: none is."""
    return max((seq for name, seq in past.items() if node_of(name) == node), default=0)


def is_ref(name: str) -> bool:
    """Whether ``name`` is one that git takes for a ref below ``refs/``, or ``HEAD``."""
    return name == HEAD or (name.startswith("refs/") and not _BAD_REF.search(name))


def message(record: Record) -> str:
    """The text of the commit."""
    entry = record.entry
    node, way = node_of(entry.node), way_of(entry.node)
    lines = [f"{node} {entry.seq}: {_subject(record)}", "", f"node {node}"]
    lines += [f"way {way}"] if way else []
    lines += [f"seq {entry.seq}", f"time {entry.time}"]
    lines += [f"pusher {one_line(record.pusher, 200)}"] if record.pusher else []
    lines += ["joins"] if record.joins else []
    lines += ["checkpoint"] if record.checkpoint else []
    lines += [f"forgets {node}" for node in record.forgets]
    lines += [f"past {node} {seq} {record.heads[node]}" for node, seq in sorted(entry.past.items())]
    lines += [
        f"update {quoted(old or NOTHING)} {quoted(new or NOTHING)} {quoted(ref)}"
        for ref, (old, new) in sorted(entry.updates.items())
    ]
    return "\n".join(lines) + "\n"


def _subject(record: Record) -> str:
    updates = sorted(record.entry.updates.items())
    names = [("" if new else "-") + quoted(short_ref(ref)) for ref, (_, new) in updates[:_NAMED]]
    names += [f"{len(updates) - _NAMED} more"] if len(updates) > _NAMED else []
    said = ", ".join(names) or ("checkpoint" if record.checkpoint else "nothing")
    said = f"forgets {', '.join(record.forgets)}" if record.forgets and not record.checkpoint else said
    return ("joins, " if record.joins else "") + said + (f" ({one_line(record.pusher, 60)})" if record.pusher else "")


def parse(oid: str, text: str) -> Record:
    """The entry that the commit ``oid`` is.

    :raises JournalError: it is none.
    """
    fields: dict[str, str] = {}
    past: dict[str, int] = {}
    heads: dict[str, str] = {}
    updates: dict[str, Update] = {}
    forgets: list[str] = []
    try:
        for line in text.partition("\n\n")[2].rstrip("\n").split("\n"):
            word, _, rest = line.partition(" ")
            if word == "past":
                node, seq, head = rest.split(" ")
                past[node], heads[node] = _number(seq), _checked(_OID, head)
            elif word == "update":
                old, new, ref = map(unquoted, rest.split(" "))
                updates[_ref(ref)] = Update(value_in(ref, old), value_in(ref, new))
            elif word == "forgets":
                forgets.append(rest)
            else:
                fields[word] = rest
        name = fields["node"] + (f"+{fields['way']}" if "way" in fields else "")
        if not is_node(fields["node"]) or not all(map(is_name, [name, *past])) or not all(map(is_node, forgets)):
            raise ValueError("a node's name")
        entry = Entry(name, _number(fields["seq"]), _time(fields["time"]), past, updates)
    except (ValueError, KeyError) as error:
        raise JournalError(f"{oid[:12]} is not an entry of a journal", cause=f"it has no good {error}") from None
    return Record(entry, oid, heads, fields.get("pusher"), "joins" in fields, "checkpoint" in fields, tuple(forgets))


def _number(text: str) -> int:
    return int(_checked(r"[1-9][0-9]{0,17}", text))


def _time(text: str) -> int:
    if (time := _number(text)) > _LAST_TIME:
        raise ValueError("time")
    return time


def _ref(text: str) -> str:
    if not is_ref(text) or text.startswith("refs/hookkit/"):
        raise ValueError("ref")
    return text


def value_in(ref: str, text: str) -> str | None:
    """The value that ``text`` says ``ref`` had or got.

    :raises ValueError: it can be none.
    """
    if text == NOTHING:
        return None
    if ref == HEAD:
        if not is_ref(text) or text == HEAD:
            raise ValueError("branch")
        return text
    return _checked(_OID, text)


def _checked(pattern: str, text: str) -> str:
    if not re.fullmatch(pattern, text):
        raise ValueError(one_line(text, 40) or "value")
    return text
