"""What the mirror plugin tells other plugins."""

from collections.abc import Sequence

from hookkit.api import Repository, hookspec


@hookspec
def hookkit_mirror_stale(
    repo: Repository, remote: str, url: str, since: float, pending: int, error: str | None
) -> None:
    """A remote is behind for longer than ``hookkit.mirror.stale-after``; told once, until it has recovered.

    ``since``: seconds since the epoch; ``pending``: refs that it is owed; ``error``: its last failure.
    """


@hookspec
def hookkit_mirror_recovered(repo: Repository, remote: str, url: str) -> None:
    """A remote that others were told about, as stale or diverged, is in sync again."""


@hookspec
def hookkit_mirror_diverged(repo: Repository, remote: str, url: str, refs: Sequence[str]) -> None:
    """Refs of a remote have moved to what was never here, and are left alone; told once for each, until it has recovered."""


SPECS = (hookkit_mirror_stale, hookkit_mirror_recovered, hookkit_mirror_diverged)
