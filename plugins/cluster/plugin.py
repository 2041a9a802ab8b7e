"""cluster: the same refs on every node, and nothing acknowledged is lost.

Only declarations here; the work is imported when a hook or a command needs it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from hookkit.api import Check, Metric, Option, Push, Refusal, Repository, Section, hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def hookkit_options() -> Sequence[Option[object]]:
    """The options of this plugin."""
    from hookkit_plugins.cluster.settings import OPTIONS

    return OPTIONS


@hookimpl
def hookkit_pre_receive(repo: Repository, push: Push) -> Refusal | None:
    """Journals are written by their nodes only."""
    from hookkit_plugins.cluster import guard, settings

    return guard.before_push(repo, settings.read(repo), push)


@hookimpl(tryfirst=True)
def hookkit_post_receive(repo: Repository, push: Push) -> Sequence[Push]:
    """Write down what was pushed, carry out what other nodes wrote."""
    from hookkit_plugins.cluster.hooks import after_push

    return after_push(repo, push)


@hookimpl
def hookkit_mirror_received(repo: Repository, fetched: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    """Take the journals that the peers have."""
    from hookkit_plugins.cluster.hooks import received

    return received(repo, fetched)


@hookimpl
def hookkit_mirror_compared(repo: Repository, there: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Find the peers that do not carry out the journals that they have."""
    from hookkit_plugins.cluster.comparing import compare

    return compare(repo, there)


@hookimpl
def hookkit_status(repo: Repository) -> Sequence[Section]:
    """The conflicts."""
    from hookkit_plugins.cluster.status import sections

    return sections(repo)


@hookimpl
def hookkit_doctor(repo: Repository) -> Iterator[Check]:
    """The key, the keys of the others, the journals."""
    from hookkit_plugins.cluster.doctor import checks

    return checks(repo)


@hookimpl
def hookkit_metrics(repo: Repository) -> Iterator[Metric]:
    """How many entries there are, and how many conflicts."""
    from hookkit_plugins.cluster.status import metrics

    return metrics(repo)


@hookimpl
def hookkit_commands() -> Sequence["click.Command"]:
    """``hookkit cluster``."""
    from hookkit_plugins.cluster.commands import cluster

    return [cluster]
