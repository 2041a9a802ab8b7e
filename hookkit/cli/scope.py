"""Where a command writes configuration: ``--local``, ``--global`` or ``--system``, as git-config(1)."""

from collections.abc import Callable
from typing import TypeVar

import click

from hookkit import process
from hookkit.cli.context import Context
from hookkit.process import Completed

F = TypeVar("F", bound=Callable[..., object])

SCOPES = ("local", "global", "system")


def scope_option(command: F) -> F:
    """Add the three options; the command takes the name of one of them as ``scope``."""
    helps = {
        "local": "For this repository (the default).",
        "global": "For this account.",
        "system": "For this machine.",
    }
    for name in reversed(SCOPES):
        command = click.option(
            f"--{name}", "scope", flag_value=name, default="local" if name == "local" else None, help=helps[name]
        )(command)
    return command


def write(context: Context, scope: str, *args: str, check: bool = True) -> Completed:
    """Run ``git config`` on the file of ``scope``.

    :raises GitError: it failed, and ``check`` is set.
    """
    if scope == "local":
        repo = context.repository()
        done = repo.git("config", "--local", *args, check=check)
        repo.reload()
        return done
    return process.git("config", f"--{scope}", *args, env=process.clean_environment(), check=check)
