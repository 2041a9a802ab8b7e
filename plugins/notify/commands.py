"""``hookkit notify``."""

import os
import time
from pathlib import Path

import click

from hookkit.api import GitConfig, Repository, Settings, UsageError, options, terminal
from hookkit_plugins.notify.delivery import addresses, send
from hookkit_plugins.notify.message import Message, digest
from hookkit_plugins.notify.settings import FILE, file_of


@click.group()
def notify() -> None:
    """Tell people when a remote falls behind, diverges or recovers."""


@notify.command()
@click.pass_context
def test(context: click.Context) -> None:
    """Send a message to everybody now, to see that it arrives.

    Outside of a repository: to whom the account's configuration names.
    """
    try:
        repo: Repository = context.obj.repository()
    except UsageError:
        # Enabled for the whole account: what holds in its repositories, unless they say otherwise.
        config = GitConfig.of_account()
        file = Path(Settings(config, "notify").get(FILE)).expanduser()
        node, name = Settings(config, None).get(options.NODE) or os.uname().nodename, "the account"
    else:
        file, node, name = file_of(repo), repo.node, repo.name
    send(file, *digest([Message(time.time(), node, name, "this is a test; nothing is wrong")]))
    addresses(file)  # those that are understood were told, and the others are named
    terminal.say(f"sent to everybody in {file}")
