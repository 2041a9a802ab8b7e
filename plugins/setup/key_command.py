"""``hookkit setup key``."""

import getpass
import socket
from pathlib import Path

import click

from hookkit.api import HookkitError, UsageError, terminal
from hookkit_plugins.setup import identity, keys
from hookkit_plugins.setup.keys import PublicKey

DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")


@click.command(short_help="Make this account's key, print its public half.")
@click.option(
    "--export",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Write the public key into this folder, as git_<hostname>.pub.",
)
@DRY_RUN
def key(export: Path | None, dry_run: bool) -> None:
    """Make this account's ed25519 key, if it has none, and print the public half.

    It is ~/.ssh/id_ed25519, which ssh uses by itself. One that is there is never overwritten.
    """
    found = identity.look()
    would = "would be " if dry_run else ""
    changed = found.public is None or not found.written
    if found.public is None:
        if not dry_run:
            found = identity.make(f"{getpass.getuser()}@{socket.gethostname()}")
        terminal.say(f"{found.path}: {would}made")
    elif not found.written:
        if not dry_run:
            identity.write_public(found)
        terminal.say(f"{found.path}.pub: {would}written")
    if export is not None:
        changed |= _export(found.public, export / f"{keys.exported_name(socket.getfqdn())}.pub", dry_run)
    if not changed:
        terminal.say(f"{found.path}: nothing changed")
    if found.public is not None:
        terminal.say(str(found.public))


def _export(public: PublicKey | None, file: Path, dry_run: bool) -> bool:
    """Whether something changed, or would."""
    if file.exists():
        if public and keys.parse(file.read_text(errors="replace"), str(file)).material == public.material:
            return False
        raise UsageError(f"{file} holds another key", hint="nothing is overwritten: remove it, or export elsewhere")
    if public and not dry_run:
        try:
            file.write_text(f"{public}\n")
        except OSError as error:
            raise HookkitError(f"{file} cannot be written", cause=str(error)) from None
    terminal.say(f"{file}: {'would be ' if dry_run else ''}written")
    return True
