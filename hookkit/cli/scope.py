"""Where a command writes configuration: ``--local``, ``--global`` or ``--system``, as git-config(1)."""

import functools
from collections.abc import Callable
from typing import TypeVar

import click

from hookkit import process, terminal
from hookkit.cli.context import Context
from hookkit.environment import clean_environment
from hookkit.errors import UsageError
from hookkit.gitconfig import GitConfig
from hookkit.process import Completed

R = TypeVar("R")

SCOPES = ("local", "global", "system")
_HELP = {"local": "For this repository (the default).", "global": "For this account.", "system": "For this machine."}


def scope_option(command: Callable[..., R]) -> Callable[..., R]:
    """Add the three options; the command takes the name of the one that was given as ``scope``."""

    @functools.wraps(command)
    def with_scope(*args: object, **given: object) -> R:
        chosen = [name for name in SCOPES if given.pop(name)]
        if len(chosen) > 1:
            raise UsageError(f"--{chosen[0]} and --{chosen[1]} exclude each other")
        return command(*args, scope=chosen[0] if chosen else "local", **given)

    decorated: Callable[..., R] = with_scope
    for name in reversed(SCOPES):
        decorated = click.option(f"--{name}", is_flag=True, help=_HELP[name])(decorated)
    return decorated


def write(context: Context, scope: str, *args: str, check: bool = True) -> Completed:
    """Run ``git config`` on the file of ``scope``.

    :raises GitError: it failed, and ``check`` is set.
    """
    if scope == "local":
        repo = context.repository()
        done = repo.git("config", "--local", *args, check=check)
        repo.reload()
        return done
    return process.git("config", f"--{scope}", *args, env=clean_environment(), check=check)


def warn_if_hidden(config: GitConfig, key: str, scope: str) -> None:
    """Say so if a narrower file than that of ``scope`` has the last word about a key with one value."""
    last = config.last(key)
    if last is not None and last.scope in (*SCOPES[: SCOPES.index(scope)], "worktree"):
        terminal.warn(f"{last.place} ({last.scope}) sets {last.key} too, and decides here")
