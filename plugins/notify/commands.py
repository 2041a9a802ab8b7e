"""``hookkit notify``."""

import time

import click

from hookkit.api import Repository, terminal
from hookkit_plugins.notify.delivery import addresses, send
from hookkit_plugins.notify.message import Message, digest
from hookkit_plugins.notify.settings import file_of


@click.group()
def notify() -> None:
    """Tell people when a remote falls behind, diverges or recovers."""


@notify.command()
@click.pass_context
def test(context: click.Context) -> None:
    """Send a message to everybody now, to see that it arrives."""
    repo: Repository = context.obj.repository()
    file = file_of(repo)
    send(file, *digest([Message(time.time(), repo.node, repo.name, "this is a test; nothing is wrong")]))
    addresses(file)  # those that are understood were told, and the others are named
    terminal.say(f"sent to everybody in {file}")
