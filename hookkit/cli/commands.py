"""Which commands there are: hookkit's own, each imported when it is used, and those that plugins add."""

from collections.abc import Iterable
from importlib import import_module

import click

from hookkit import terminal
from hookkit.cli.context import Context
from hookkit.discovery import Found
from hookkit.errors import PluginError, UsageError
from hookkit.text import nearest

_OWN = {
    "install": "hookkit.cli.install:install",
    "uninstall": "hookkit.cli.install:uninstall",
    "status": "hookkit.cli.status:status",
    "doctor": "hookkit.cli.doctor:doctor",
    "metrics": "hookkit.cli.metrics:metrics",
    "run": "hookkit.cli.run:run",
    "config": "hookkit.cli.config:config",
    "plugins": "hookkit.cli.plugins:plugins",
    "completion": "hookkit.cli.completion:completion",
}
_ASKED = "hookkit.plugin_commands"


class Commands(click.Group):
    """The group ``hookkit``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names for ``--help`` and completion, in the order in which people meet them."""
        commands, problems = _of_plugins(ctx)
        if not ctx.resilient_parsing:
            for problem in problems:
                terminal.show_error(problem)
        return [*_OWN, *commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; hookkit's own need no plugin, so that a broken one can be switched off."""
        if cmd_name in _OWN:
            return _imported(_OWN[cmd_name])
        return _of_plugins(ctx)[0].get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, but an unknown command names the nearest, and the plugin that might have brought it."""
        name = args[0]
        if not ctx.resilient_parsing and not name.startswith("-") and self.get_command(ctx, name) is None:
            commands, problems = _of_plugins(ctx)
            meant = nearest(name, [*_OWN, *commands])
            raise UsageError(
                f"there is no command {name!r}",
                cause="\n".join(f"{problem.message}: {problem.cause}" for problem in problems) or None,
                hint=f"hookkit {meant}" if meant else "hookkit --help; commands of plugins that are off are not there",
            )
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """As click's, but a reader who has left (`| head`) is not the end of the program with a status of click's choice."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise NobodyReadsError from None


class NobodyReadsError(Exception):
    """Standard output is closed."""


def _imported(target: str) -> click.Command:
    module, _, attribute = target.partition(":")
    command = getattr(import_module(module), attribute)
    assert isinstance(command, click.Command)  # noqa: S101 - the table above is wrong otherwise
    return command


def _of_plugins(ctx: click.Context) -> tuple[dict[str, click.Command], list[PluginError]]:
    """The commands of the plugins that are on here, and why some are missing. Plugins are asked once per run."""
    known = ctx.meta.get(_ASKED)
    if known is None:
        from hookkit.cli import loading

        plugins = loading.load(loading.here(ctx.ensure_object(Context)), "hookkit_commands")
        commands, clashes = _merged(plugins.gather("hookkit_commands"))
        known = ctx.meta[_ASKED] = commands, [error for _, error in plugins.problems] + clashes
    found: tuple[dict[str, click.Command], list[PluginError]] = known
    return found


def _merged(answers: Iterable[tuple[Found, object]]) -> tuple[dict[str, click.Command], list[PluginError]]:
    """All commands by name; the first plugin keeps a name, and hookkit's own are not given away."""
    commands: dict[str, click.Command] = {}
    problems = []
    for found, answer in answers:
        for command in answer if isinstance(answer, (list, tuple)) else [answer]:
            if not isinstance(command, click.Command) or not command.name:
                what = "hookkit_commands must return a list of click commands"
            elif command.name in _OWN or command.name in commands:
                what = f"there is already a command {command.name!r}"
            else:
                commands[command.name] = command
                continue
            problems.append(PluginError(f"a command of plugin {found.name!r} is left out", cause=what))
    return commands, problems
