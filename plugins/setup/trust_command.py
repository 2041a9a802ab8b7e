"""``hookkit setup trust``."""

from pathlib import Path

import click

from hookkit.api import Repository, terminal
from hookkit_plugins.setup import keys, signers
from hookkit_plugins.setup.key_command import DRY_RUN


@click.command(short_help="Let a server sign for what it does here.")
@click.argument("name")
@click.argument("file", metavar="FILE.pub", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@DRY_RUN
@click.pass_context
def trust(context: click.Context, name: str, file: Path, dry_run: bool) -> None:
    """Let the server NAME sign for what it does in this repository, with the key in FILE.pub.

    The file of signers gets a line; what is in it stays as it is.
    """
    repo: Repository = context.obj.repository()
    key = keys.read(file)
    node = signers.checked_node(name)
    change = signers.change(repo, node, key) if dry_run else signers.trust(repo, node, key)
    if not change.needed:
        terminal.say(f"{change.path}: {name} has this key already, nothing changed")
    elif dry_run:
        for line in change.diff():
            terminal.say(line)
    else:
        terminal.say(f"{change.path}: {name} signs with {key.kind} from now on")
