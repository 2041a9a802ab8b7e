"""``hookkit setup``: the group; one module per command."""

import click

from hookkit_plugins.setup.clone import clone
from hookkit_plugins.setup.enroll.command import enroll
from hookkit_plugins.setup.join_command import join
from hookkit_plugins.setup.key_command import key
from hookkit_plugins.setup.pull_all import pull_all
from hookkit_plugins.setup.push_all import push_all
from hookkit_plugins.setup.remote_command import remote
from hookkit_plugins.setup.trust_command import trust


@click.group(name="setup", short_help="Get a server into the cluster; push and pull all branches.")
def setup() -> None:
    """Get a server into the cluster; carry the branches of a clone to and from all servers."""


setup.add_command(key)
setup.add_command(remote)
setup.add_command(trust)
setup.add_command(enroll)
setup.add_command(clone)
setup.add_command(join)
setup.add_command(push_all)
setup.add_command(pull_all)
