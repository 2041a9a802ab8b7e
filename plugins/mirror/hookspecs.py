"""What the mirror plugin tells other plugins."""

from collections.abc import Mapping, Sequence

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


@hookspec
def hookkit_mirror_received(repo: Repository, fetched: Mapping[str, Mapping[str, str]]) -> Mapping[str, object] | None:
    """``hookkit mirror sync`` has asked these peers for their journals. Who implements it keeps journals here.

    To a ``peer`` only the refs below ``refs/hookkit/journal/`` are then sent, each named after the node whose journal it is;
    what becomes of them there is the plugin's business.

    ``fetched``: for each peer that answered, the journals that this repository did not have, or not so far: the node, and
    the ref here that they were fetched into, which is removed afterwards.

    The answer: ``pushes``, what the plugin did in consequence, each a list of the values of a :class:`hookkit.api.Push`, of
    which other plugins are told; ``notes``, lines for people; ``refused``, for each peer why its journals were not taken.
    """


NOTICES = (hookkit_mirror_stale, hookkit_mirror_recovered, hookkit_mirror_diverged)
"""What others are told about a remote."""

SPECS = (*NOTICES, hookkit_mirror_received)
