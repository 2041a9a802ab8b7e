"""``hookkit setup``: the group; each command has a module of its own."""

import click

from hookkit_plugins.setup.key_command import key


@click.group(name="setup")
def setup() -> None:
    """Make a server part of the cluster: each step can be repeated, and changes nothing the second time."""


setup.add_command(key)
