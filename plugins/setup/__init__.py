"""setup: what is typed once per server, or for all branches of a working clone.

Only declarations here; the work is imported when a command needs it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from hookkit.api import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def hookkit_commands() -> Sequence["click.Command"]:
    """``hookkit setup``."""
    from hookkit_plugins.setup.commands import setup

    return [setup]


@hookimpl
def hookkit_hookspecs() -> Sequence[Callable[..., object]]:
    """How others add kinds of servers to ``hookkit setup enroll``."""
    from hookkit_plugins.setup.enroll.hookspecs import SPECS

    return SPECS


@hookimpl
def hookkit_setup_enroll_backends(folder: str) -> Mapping[str, bool]:
    """gitosis, gitolite and plain ssh."""
    from hookkit_plugins.setup.enroll.backends import recognised

    return recognised(folder)


@hookimpl
def hookkit_setup_enroll_plan(
    backend: str, folder: str, keys: Mapping[str, str], repos: Sequence[str], group: str
) -> Mapping[str, object] | None:
    """What one of these has to change."""
    from hookkit_plugins.setup.enroll.backends import own_plan

    return own_plan(backend, folder, keys, repos, group)
