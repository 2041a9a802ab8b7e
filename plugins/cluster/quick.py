"""The answer to pushes that no rule of this plugin is about, before they happen: what is to change is written down.

What touches refs of hookkit's own, and mistakes in the configuration, are judged the long way; see
:mod:`~hookkit_plugins.cluster.guard`.
"""

import json
import os
import time
from collections.abc import Sequence

from hookkit.quick import Call, pusher
from hookkit_plugins.cluster.late import watch

FOLDER = "pushes"
"""Where the pushes that are under way are written down, in the plugin's folder."""

COMING = "coming"
"""Where those are whose post-receive has not begun."""

_JUDGED = ("refs/hookkit/", "refs/conflicts/")
_NOTHING_TO_EXPLAIN = ("enabled", "key", "signers")


def settled(call: Call) -> bool:
    """Whether the push may go on, and is written down."""
    if call.hook != "pre-receive":
        return False
    for key, values in call.config.items():
        plugin, _, name = key.removeprefix("hookkit.").rpartition(".")
        if plugin == "cluster" and not (name in _NOTHING_TO_EXPLAIN and all(values)):
            return False
    folder = os.path.join(call.common_dir, "hookkit", "cluster", FOLDER)
    # Not splitlines() and split(): a ref's name may contain what Unicode takes for the end of a line, or a space.
    fields = [line.split(" ", 2) for line in os.fsdecode(call.stdin).split("\n") if line]
    updates = [(ref, old, new) for old, new, ref in fields]
    if not updates or any(ref.startswith(_JUDGED) for ref, _, _ in updates) or not os.path.isdir(folder):
        return False
    who = pusher(os.environ)
    write_down(folder, updates, who)
    expect(os.path.dirname(folder), updates, who)
    return True


def expect(folder: str, updates: Sequence[tuple[str, str, str]], who: str | None) -> None:
    """Have post-receive called for a push, should git end without it.

    That is a net below the net: where it cannot be had, no push is refused, and the next one, or sync, makes good what
    is missing.

    :param folder: the plugin's.
    """
    coming = os.path.join(folder, COMING)
    try:
        os.makedirs(coming, exist_ok=True)
        mark = write_down(coming, updates, who)
    except OSError:
        return
    watch(mark)


def write_down(folder: str, updates: Sequence[tuple[str, str, str]], who: str | None) -> str:
    """Write down in ``folder`` what a push is about to change: refs with their old and new values.

    :returns: the file.
    :raises OSError: that cannot be written.
    """
    name = f"{time.time_ns()}-{os.getpid()}"
    temporary = os.path.join(folder, f".{name}")
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump({"updates": updates, "pusher": who}, file)
    mark = os.path.join(folder, name)
    os.replace(temporary, mark)
    return mark
