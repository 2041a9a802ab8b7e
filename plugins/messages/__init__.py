"""messages: what a commit message must be like; checked in a clone when somebody commits, on a server when it is pushed.

Only declarations here.
"""

from collections.abc import Sequence
from pathlib import Path

from hookkit.api import Option, Push, Refusal, Repository, hookimpl


@hookimpl
def hookkit_options() -> Sequence[Option[object]]:
    """The options of this plugin."""
    from hookkit_plugins.messages.settings import OPTIONS

    return OPTIONS


@hookimpl
def hookkit_commit_msg(repo: Repository, path: Path) -> Refusal | None:
    """Refuse a commit while its message can still be changed with ease."""
    from hookkit_plugins.messages.clone import check

    return check(repo, path)


@hookimpl
def hookkit_pre_receive(repo: Repository, push: Push) -> Refusal | None:
    """Refuse a push with new commits whose messages are not as they must be."""
    from hookkit_plugins.messages.server import check

    return check(repo, push)
