"""trigger: tells an HTTP server, such as a CI system, what was pushed.

Only declarations here. The hook writes an event down and waits a moment; a sender in the background delivers it, however
long that takes.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hookkit.api import Check, Option, Push, Repository, hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def hookkit_options() -> Sequence[Option[object]]:
    """The options of this plugin."""
    from hookkit_plugins.trigger.settings import OPTIONS

    return OPTIONS


@hookimpl
def hookkit_post_receive(repo: Repository, push: Push) -> None:
    """Tell of a push."""
    from hookkit_plugins.trigger.hook import after_push

    after_push(repo, push)


@hookimpl
def hookkit_doctor(repo: Repository) -> Iterator[Check]:
    """Whether there is anybody to tell, and what nobody has taken."""
    from hookkit_plugins.trigger.doctor import checks

    return checks(repo)


@hookimpl
def hookkit_commands() -> Sequence["click.Command"]:
    """``hookkit trigger``."""
    from hookkit_plugins.trigger.commands import trigger

    return [trigger]
