"""What this repository calls itself and its remotes in trails, and the trail that it sends on."""

import os
from collections.abc import Iterable

from hookkit.api import Repository
from hookkit_plugins.mirror import trail
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.trail import Trail


def identity(repo: Repository) -> str:
    """What ``repo`` is called."""
    return trail.identity(os.uname().nodename, repo.node, str(repo.git_dir))


def mark(remote: Remote) -> str:
    """What ``remote`` is called."""
    return trail.fingerprint(remote.url, os.uname().nodename)


def onward(repo: Repository, remotes: Iterable[Remote], told: Trail | None = None) -> Trail:
    """The trail that goes to ``remotes``.

    :param told: the one that came; None: a new one begins here.
    """
    return (told or trail.read(())).onward(identity(repo), repo.node, map(mark, remotes))
