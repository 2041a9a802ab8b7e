"""What people read about a remote that nobody waits for. Pure; imports nothing: such hooks are to be over soon."""

BY_HAND = "; deliver: hookkit mirror sync"
"""What is said where no worker delivers."""


def queued(remote: str, count: int, *, by_worker: bool) -> str:
    """The line about a remote that nobody waited for; ``by_worker``: a worker delivers it."""
    return f"hookkit: {remote}  {refs(count)} queued{'' if by_worker else BY_HAND}"


def offline(remote: str, count: int, lasting: str) -> str:
    """The line about a remote whose host is known to be down, for a time such as ``4m``."""
    return f"hookkit: {remote}  offline for {lasting}, {refs(count)} queued"


def refs(count: int) -> str:
    """A number of refs."""
    return f"{count} ref{'' if count == 1 else 's'}"
