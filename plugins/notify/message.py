"""What people are told, in words. Pure."""

import time
from collections.abc import Sequence
from typing import NamedTuple

_LINES = 40


class Message(NamedTuple):
    """Something that happened on ``node`` in ``repository``, at a time in seconds since the epoch."""

    at: float
    node: str
    repository: str
    text: str


def stale(remote: str, since: float, pending: int, error: str | None) -> str:
    """A remote is behind."""
    refs = f"{pending} ref{'' if pending == 1 else 's'}"
    return f"{remote} is behind: {refs} since {_time(since)}" + (f" ({error})" if error else "")


def recovered(remote: str) -> str:
    """A remote is in sync again."""
    return f"{remote} is in sync again"


def diverged(remote: str, refs: Sequence[str]) -> str:
    """A remote has what was never here."""
    more = f" and {len(refs) - 3} more" if len(refs) > 3 else ""
    return f"{remote} has diverged: {', '.join(refs[:3])}{more}; see: hookkit status"


def digest(messages: Sequence[Message]) -> tuple[str, str]:
    """One title and text for ``messages``, of which there is at least one."""
    first = messages[0]
    if len(messages) == 1:
        title = f"hookkit on {first.node}: {first.repository}"
        return title, f"{first.text}\n"
    title = f"hookkit on {first.node}: {len(messages)} messages"
    lines = [f"{_time(each.at)}  {each.repository}: {each.text}" for each in messages[:_LINES]]
    if len(messages) > _LINES:
        lines.append(f"and {len(messages) - _LINES} more: hookkit status --all DIR")
    return title, "\n".join(lines) + "\n"


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
