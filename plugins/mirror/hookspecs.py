"""What the mirror plugin tells other plugins, and asks them."""

from collections.abc import Mapping, Sequence

from hookkit.api import Failure, RefUpdate, Repository, hookspec


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
def hookkit_mirror_before_push(
    repo: Repository, remote: str, url: str, updates: Sequence[RefUpdate], seconds: float
) -> Failure | None:
    """``updates`` are about to be sent to a remote: bring what has to be there before them.

    A failure that is returned, or a plugin that fails, is a failure of the delivery: nothing is sent to this remote for now,
    and it is tried again as after any other failure of that kind. Deletions are not among ``updates``; ``old`` is what the
    remote is believed to have. It may be called again for what was sent already.

    ``url``: where the push goes, as it is: there may be a password in it. ``seconds``: how long all plugins may take, in the
    place of ``hookkit.<plugin>.timeout``; what takes longer is ended.
    """


@hookspec
def hookkit_mirror_received(repo: Repository, fetched: Mapping[str, Mapping[str, str]]) -> Mapping[str, object] | None:
    """``hookkit mirror sync`` has asked these peers for their journals. Who implements it keeps journals here.

    To a ``peer`` only the refs below ``refs/hookkit/journal/`` are then sent, each named after the node whose journal it is;
    what becomes of them there is the plugin's business.

    ``fetched``: for each peer that answered, the journals that this repository did not have, or not so far: the node, and
    the ref here that they were fetched into, which is removed afterwards.

    The answer: ``pushes``, what the plugin did in consequence, each a list of the values of a :class:`hookkit.api.Push`, of
    which other plugins are told; ``notes``, lines for people; ``problems``, lines about what is not as the journals say;
    ``refused``, for each peer why its journals were not taken. With a problem, or a refusal, ``sync`` ends with 1.
    """


@hookspec
def hookkit_mirror_compared(repo: Repository, there: Mapping[str, Mapping[str, str]]) -> Mapping[str, str] | None:
    """``hookkit mirror sync`` or ``hookkit doctor`` has seen the refs of these peers: are they what the journals come to?

    Called after :func:`hookkit_mirror_received`, once there is nothing more to be sent. While pushes are on their way to a
    peer, its refs and its journals may disagree: it is asked again for some seconds, and people are told only of what is
    answered in the same words every time.

    ``there``: for each peer, its refs. The answer: for peers with which something is wrong, what, in a line.
    """


NOTICES = (hookkit_mirror_stale, hookkit_mirror_recovered, hookkit_mirror_diverged)
"""What others are told about a remote."""

SPECS = (*NOTICES, hookkit_mirror_received, hookkit_mirror_compared, hookkit_mirror_before_push)
