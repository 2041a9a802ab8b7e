"""``hookkit setup``: the group; one module per command."""

from importlib import import_module

import click

_COMMANDS = {
    "clone": "clone:clone",
    "enroll": "enroll.command:enroll",
    "join": "join_command:join",
    "key": "key_command:key",
    "pull-all": "pull_all:pull_all",
    "push-all": "push_all:push_all",
    "remote": "remote_command:remote",
    "trust": "trust_command:trust",
}


class _Group(click.Group):
    """Each command is imported when it is used: whoever types one of another plugin has this group looked at too."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        return [*_COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        # Of one that there is not, click names the nearest of those that it has.
        for name in (cmd_name,) if cmd_name in _COMMANDS else _COMMANDS:
            module, _, attribute = _COMMANDS[name].partition(":")
            self.add_command(getattr(import_module(f"hookkit_plugins.setup.{module}"), attribute), name)
        return super().get_command(ctx, cmd_name)


@click.group(name="setup", cls=_Group, short_help="Get a server into the cluster; push and pull all branches.")
def setup() -> None:
    """Get a server into the cluster; carry the branches of a clone to and from all servers."""
