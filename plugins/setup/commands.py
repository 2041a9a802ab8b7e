"""``hookkit setup``: the group; one module per command."""

import click

from hookkit_plugins.setup.push_all import push_all


@click.group(name="setup")
def setup() -> None:
    """Carry the branches of a clone to all servers."""


setup.add_command(push_all)
