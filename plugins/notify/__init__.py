"""notify: tells people when a remote falls behind, diverges or recovers, by mail, chat or whatever apprise can reach.

Only declarations here. A hook writes the message down and leaves; a sender in the background gathers what comes together.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hookkit.api import Check, Option, Repository, hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def hookkit_options() -> Sequence[Option[object]]:
    """The options of this plugin."""
    from hookkit_plugins.notify.settings import OPTIONS

    return OPTIONS


@hookimpl
def hookkit_mirror_stale(repo: Repository, remote: str, since: float, pending: int, error: str | None) -> None:
    """A remote is behind."""
    from hookkit_plugins.notify import message, sender

    sender.leave(repo, "stale", message.stale(remote, since, pending, error))


@hookimpl
def hookkit_mirror_recovered(repo: Repository, remote: str) -> None:
    """It is in sync again."""
    from hookkit_plugins.notify import message, sender

    sender.leave(repo, "recovered", message.recovered(remote))


@hookimpl
def hookkit_mirror_diverged(repo: Repository, remote: str, refs: Sequence[str]) -> None:
    """It has what was never here."""
    from hookkit_plugins.notify import message, sender

    sender.leave(repo, "diverged", message.diverged(remote, refs))


@hookimpl
def hookkit_doctor(repo: Repository) -> Iterator[Check]:
    """Whether anybody would be reached."""
    from hookkit_plugins.notify.doctor import checks

    return checks(repo)


@hookimpl
def hookkit_commands() -> Sequence["click.Command"]:
    """``hookkit notify``."""
    from hookkit_plugins.notify.commands import notify

    return [notify]
