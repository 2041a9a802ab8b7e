"""mirror: every push goes to all remotes.

Only declarations here; the work is imported when a hook or a command needs it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from hookkit.api import Check, Metric, Option, Push, Repository, Section, hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def hookkit_options() -> Sequence[Option[object]]:
    """The options of this plugin."""
    from hookkit_plugins.mirror.settings import OPTIONS

    return OPTIONS


@hookimpl
def hookkit_hookspecs() -> Sequence[Callable[..., object]]:
    """What other plugins can be told."""
    from hookkit_plugins.mirror.hookspecs import SPECS

    return SPECS


@hookimpl
def hookkit_install(repo: Repository) -> dict[str, str]:
    """A receiver that takes push options, and that has on disk what it acknowledged."""
    wanted = {"receive.advertisePushOptions": "true"}
    flushed = repo.config.last("core.fsync")
    # What the owner has set may be more than that already; git-config(1).
    if flushed is None or not {"added", "all"} & set((flushed.value or "").split(",")):
        wanted["core.fsync"] = "committed"
    return wanted


@hookimpl
def hookkit_post_receive(repo: Repository, push: Push) -> None:
    """Mirror what was pushed."""
    from hookkit_plugins.mirror.hook import after_push

    after_push(repo, push)


@hookimpl
def hookkit_status(repo: Repository) -> Sequence[Section]:
    """One row per remote."""
    from hookkit_plugins.mirror.status import sections

    return sections(repo)


@hookimpl
def hookkit_doctor(repo: Repository) -> Iterator[Check]:
    """The remotes, what they are owed, and what in their configuration does harm."""
    from hookkit_plugins.mirror.doctor import checks

    return checks(repo)


@hookimpl
def hookkit_metrics(repo: Repository) -> Iterator[Metric]:
    """How far the remotes are behind, and what deliveries came to."""
    from hookkit_plugins.mirror.metrics import metrics

    return metrics(repo)


@hookimpl
def hookkit_commands() -> Sequence["click.Command"]:
    """``hookkit mirror``."""
    from hookkit_plugins.mirror.commands import mirror

    return [mirror]
