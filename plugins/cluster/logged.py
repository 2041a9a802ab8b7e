"""What ``hookkit cluster log`` shows of an entry."""

from hookkit.api import short_ref
from hookkit_plugins.cluster import clocks
from hookkit_plugins.cluster.entry import Record, node_of


def what(record: Record) -> str:
    """What an entry says, in one line."""
    said = [
        f"{short_ref(ref)} {_value(old)}..{_value(new)}" for ref, (old, new) in sorted(record.entry.updates.items())
    ]
    more = f", and {len(said) - 3} more" if len(said) > 3 else ""
    return ("joins; " if record.joins else "") + (", ".join(said[:3]) or "nothing") + more


def _value(value: str | None) -> str:
    return "none" if value is None else short_ref(value) if value.startswith("refs/") else value[:7]


def when(record: Record) -> str:
    """Its time, in UTC."""
    return clocks.shown(record.entry.time)


def data(record: Record) -> dict[str, object]:
    """An entry as JSON values."""
    entry = record.entry
    return {
        "node": node_of(entry.node),
        "seq": entry.seq,
        "time": when(record),
        "pusher": record.pusher,
        "followed": dict(entry.past),
        "updates": [{"ref": ref, "old": old, "new": new} for ref, (old, new) in entry.updates.items()],
    }
