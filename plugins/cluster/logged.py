"""What ``hookkit cluster log`` shows of an entry."""

from collections.abc import Iterable

from hookkit.api import GitError, Repository, short_ref
from hookkit_plugins.cluster import clocks, journal
from hookkit_plugins.cluster.entry import JournalError, Record, node_of, said
from hookkit_plugins.cluster.status import Bad


def entries(repo: Repository, nodes: Iterable[str]) -> tuple[list[Record], list[Bad]]:
    """The entries of the journals of ``nodes``, newest first, and what is no journal."""
    heads = journal.heads(repo)
    found: list[Record] = []
    bad: list[Bad] = []
    for node in nodes:
        try:
            found += journal.read(repo, node, heads[node])
        except (JournalError, GitError) as error:
            bad.append(Bad(f"{journal.JOURNALS}{node}", said(error)))
    return sorted(found, key=lambda record: record.entry.rank, reverse=True), bad


def what(record: Record) -> str:
    """What an entry says, in one line."""
    parts = [
        f"{short_ref(ref)} {_value(old)}..{_value(new)}" for ref, (old, new) in sorted(record.entry.updates.items())
    ]
    parts = [", ".join(parts[:3]) + (f", and {len(parts) - 3} more" if len(parts) > 3 else "")] if parts else []
    # A checkpoint repeats what was said before.
    if record.checkpoint:
        parts.append("begins anew")
    else:
        parts += [f"forgets {', '.join(record.forgets)}"] if record.forgets else []
        parts = ["joins", *parts] if record.joins else parts
    return "; ".join(parts) or "nothing"


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
        "joins": record.joins,
        "checkpoint": record.checkpoint,
        "forgets": list(record.forgets),
        "updates": [{"ref": ref, "old": old, "new": new} for ref, (old, new) in entry.updates.items()],
    }
