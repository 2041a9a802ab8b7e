"""``hookkit setup``: the group; one module per command."""

import click

from hookkit_plugins.setup.clone import clone
from hookkit_plugins.setup.pull_all import pull_all
from hookkit_plugins.setup.push_all import push_all


@click.group(name="setup")
def setup() -> None:
    """Get repositories from another server; carry the branches of a clone to and from all servers."""


setup.add_command(clone)
setup.add_command(push_all)
setup.add_command(pull_all)
