"""setup: what is typed once per server, or for all branches of a working clone.

Only declarations here; the work is imported when a command needs it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hookkit.api import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def hookkit_commands() -> Sequence["click.Command"]:
    """``hookkit setup``."""
    from hookkit_plugins.setup.commands import setup

    return [setup]
