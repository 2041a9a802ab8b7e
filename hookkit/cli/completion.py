"""Completion of what people type: the script for their shell, and what may stand in the place of names."""

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem, get_completion_class

from hookkit.catalogue import HOOKS
from hookkit.cli.context import Context

_VARIABLE = "_HOOKKIT_COMPLETE"
_SHELLS = ("bash", "zsh", "fish")
_EPILOG = """\b
eval "$(hookkit completion bash)"        in ~/.bashrc
eval "$(hookkit completion zsh)"         in ~/.zshrc, after compinit
hookkit completion fish | source         in ~/.config/fish/config.fish"""


@click.command(short_help="Print a script that completes commands in your shell.", epilog=_EPILOG)
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script by which SHELL completes commands, options, and the names of plugins, hooks and options."""
    made = get_completion_class(shell)
    assert made is not None  # noqa: S101 - click has all of _SHELLS
    script = made(context.find_root().command, {}, "hookkit", _VARIABLE).source()
    # click's own line for fish cuts what a command does at its first comma.
    script = script.replace('(string split "," $completion)', '(string split --max 1 "," $completion)')
    # Through a pipe, into a shell: as it is.
    click.echo(script)


def hooks(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """git's hooks."""
    return _beginning(typed, HOOKS)


def plugins(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The plugins that are installed."""
    from hookkit.cli.loading import here

    return _beginning(typed, {found.name for found in here(_place(context)).cache.plugins})


def keys(context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """The options that may be set here."""
    from hookkit.cli.loading import here
    from hookkit.cli.options import declared, settings

    place = here(_place(context))
    known = {setting.key for setting in settings(declared(place), place.config)}
    # Without a remote there is a word in brackets in its place, which nobody can set.
    return _beginning(typed, {key for key in known if "<" not in key})


def folders(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Folders, which the shell knows best."""
    return [CompletionItem(typed, type="dir")]


def files(_context: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Files, which the shell knows best."""
    return [CompletionItem(typed, type="file")]


def _place(context: click.Context) -> Context:
    return context.find_object(Context) or Context()


def _beginning(typed: str, names: Iterable[str]) -> list[CompletionItem]:
    return [CompletionItem(name) for name in sorted(names) if name.startswith(typed)]
