"""``hookkit plugins``: what is installed, where it comes from, what it hooks; on and off."""

import shlex
import sys
from pathlib import Path

import click

from hookkit import inspection, terminal
from hookkit.cli import completion, reinstall
from hookkit.cli.context import Context
from hookkit.cli.loading import Here, here
from hookkit.cli.plugin_rows import rows
from hookkit.cli.scope import scope_option, warn_if_hidden, write
from hookkit.discovery import Found
from hookkit.errors import PluginError, UsageError
from hookkit.options import ENABLED
from hookkit.text import nearest, shown

_MANY = 6


@click.group(short_help="List plugins, switch them on and off, start a new one.")
def plugins() -> None:
    """Show the plugins that are installed, switch them on and off, and start one of your own."""


@plugins.command("list", short_help="Every plugin that is installed, and whether it is on.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(context: Context, as_json: bool) -> None:
    """Every plugin that is installed, whether it is on here, and what it hooks."""
    found = rows(here(context), look_at_all=True)
    if as_json:
        terminal.as_json(
            [
                {
                    "name": row.name,
                    "distribution": row.distribution,
                    "version": row.version,
                    "state": row.state,
                    "enabled": row.enabled,
                    "scope": row.setting.scope if row.setting else None,
                    "origin": row.setting.place if row.setting else None,
                    "hooks": list(row.hooks),
                    "problem": row.problem,
                }
                for row in found
            ]
        )
        return
    table = [
        [
            row.name,
            row.state,
            f"{row.distribution} {row.version}",
            f"{row.setting.place} ({row.setting.scope})" if row.setting else "-",
            _in_short(row.hooks),
        ]
        for row in found
    ]
    terminal.table("", ["plugin", "state", "from", "set in", "hooks"], table)
    for row in found:
        if row.problem:
            terminal.warn(f"{row.name} of {row.distribution}: {row.problem}")


@plugins.command()
@click.argument("name", shell_complete=completion.plugins)
@scope_option
@click.pass_obj
def enable(context: Context, name: str, scope: str) -> None:
    """Have plugin NAME run, if it is fit to."""
    place = here(context)
    found = _installed(place, name)
    look = inspection.look(found, place.cache.plugins)
    if look.problem:
        raise PluginError(
            f"plugin {name!r} of {found.distribution} is not fit to run; nothing was changed", cause=look.problem
        )
    _switch(context, name, scope, on=True)
    terminal.say(f"{name} ({found.distribution} {found.version}) is on {_WHERE[scope]}")
    if look.hooks:
        terminal.say(f"it implements {_in_short(look.hooks)}")
    reinstall.after_change(context, scope)


@plugins.command()
@click.argument("name", shell_complete=completion.plugins)
@scope_option
@click.pass_obj
def disable(context: Context, name: str, scope: str) -> None:
    """Have plugin NAME not run; it is not loaded for that."""
    place = here(context)
    if place.config.last(ENABLED.config_key(name)) is None:
        _installed(place, name)
    _switch(context, name, scope, on=False)
    terminal.say(f"{name} is off {_WHERE[scope]}")
    reinstall.after_change(context, scope)


@plugins.command(short_help="Start the project of a plugin NAME, with a test.")
@click.argument("name")
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The project's folder, instead of hookkit-NAME in the current directory.",
)
@click.pass_obj
def new(context: Context, name: str, folder: Path | None) -> None:
    """Start the project of a plugin NAME: one hook, one option, a test; it works as it is."""
    from hookkit.cli.project import distribution, project

    made = project(name, here(context).cache.plugins)
    place = context.path / (folder or distribution(name))
    made.write(place)
    terminal.say(f"{place}: the plugin {name}, with its test")
    for path in made.files:
        terminal.say(f"  {path}")
    command = shlex.join((sys.executable, "-m", "pip", "install", f"{place}[test]"))
    terminal.say(f"hint: to install it next to hookkit: {command}")


_WHERE = {"local": "in this repository", "global": "for this account", "system": "on this machine"}


def _in_short(hooks: tuple[str, ...]) -> str:
    return f"{len(hooks)} hooks" if len(hooks) > _MANY else " ".join(hooks) or "-"


def _installed(place: Here, name: str) -> Found:
    """The plugin of that name; one that ships with hookkit goes before others that claim its name."""
    found = next((found for found in place.cache.plugins if found.name == name), None)
    if found is not None:
        return found
    names = [found.name for found in place.cache.plugins]
    meant = nearest(name, names)
    hint = f"did you mean {meant}?" if meant else f"installed are: {', '.join(dict.fromkeys(names))}"
    raise UsageError(f"there is no plugin {shown(name)!r}", hint=hint)


def _switch(context: Context, name: str, scope: str, *, on: bool) -> None:
    write(context, scope, "--replace-all", ENABLED.config_key(name), "true" if on else "false")
    warn_if_hidden(here(context).config, ENABLED.config_key(name), scope)
