"""What the lab takes from :mod:`hookkit.testing.leaks`."""

from hookkit.testing.leaks import (
    LOCK,
    PLACE,
    PREFIX,
    command,
    descendants,
    end,
    left,
    mounts,
    processes,
    remove,
    remove_orphans,
    rules,
    signal_all,
)

__all__ = [
    "LOCK",
    "PLACE",
    "PREFIX",
    "command",
    "descendants",
    "end",
    "left",
    "mounts",
    "processes",
    "remove",
    "remove_orphans",
    "rules",
    "signal_all",
]
