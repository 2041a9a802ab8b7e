"""Whether git-lfs can be used."""

from collections.abc import Iterator

from hookkit.api import Check, Repository
from hookkit_plugins.lfs.bringing import INSTALL


def checks(repo: Repository) -> Iterator[Check]:
    """Whether it is there."""
    done = repo.git("lfs", "version", check=False)
    if done.status:
        yield Check("git-lfs", "problem", "git-lfs is not installed: nothing is sent to remotes", INSTALL)
    else:
        yield Check("git-lfs", "ok", done.text().partition(" ")[0])
