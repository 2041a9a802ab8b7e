"""Whether git is new enough."""

from collections.abc import Iterator

from hookkit.installation import config_method
from hookkit.repository import Repository
from hookkit.values import Check

OLDEST = (2, 39)


def checks(_repo: Repository) -> Iterator[Check]:
    """The version of the git that this process finds."""
    version = config_method.git_version()
    words = ".".join(map(str, version)) or "of an unknown version"
    if version < OLDEST:
        cause = f"git is {words}; hookkit needs {'.'.join(map(str, OLDEST))} or newer"
        yield Check("git", "problem", cause, "upgrade git, here: command -v git")
    else:
        yield Check("git", "ok", words)
