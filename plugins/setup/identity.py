"""This account's own key: made once, never overwritten."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import NamedTuple

from hookkit.api import HookkitError, run_program
from hookkit_plugins.setup import keys
from hookkit_plugins.setup.keys import PublicKey


class Identity(NamedTuple):
    """The key of this account.

    :param path: the private half.
    :param public: None: it is yet to be made.
    :param written: whether the public half is in its file.
    """

    path: Path
    public: PublicKey | None
    written: bool = False


def place() -> Path:
    """The identity that ssh uses by itself, so that git needs no configuration to use it; ssh(1), ``-i``."""
    return Path.home() / ".ssh" / "id_ed25519"


def look() -> Identity:
    """What is there.

    :raises HookkitError: it cannot be used by hooks: too open, with a passphrase, no key.
    """
    path = place()
    mode = _mode(path)
    if mode is None:
        if path.is_symlink() or path.with_suffix(".pub").exists():
            left = path if path.is_symlink() else path.with_suffix(".pub")
            hint = f"bring the private key back, or move what is left of it away: mv {left} {left}.old"
            raise HookkitError(f"the private key {path} is gone, {left} is still there", hint=hint)
        return Identity(path, None)
    if mode & 0o077:
        cause = f"{path} has mode {mode:04o}: ssh does not use a key that others can read"
        raise HookkitError("the key of this account is not private", cause=cause, hint=f"chmod 600 {path}")
    done = run_program(("ssh-keygen", "-y", "-P", "", "-f", str(path)))
    if done.status:
        cause = done.stderr.decode(errors="replace").strip()
        hint = f"hooks cannot type a passphrase; to take it away: ssh-keygen -p -f {path}"
        if "passphrase" not in cause:
            hint = f"if it is no key any more, move it away: mv {path} {path}.old"
        raise HookkitError(f"{path} cannot be used without being asked", cause=cause, hint=hint)
    public = keys.parse(done.text(), str(path))
    with contextlib.suppress(OSError, HookkitError):
        beside = keys.parse(path.with_suffix(".pub").read_text(errors="replace"), str(path))
        if beside.material == public.material:
            return Identity(path, beside, written=True)
    if path.with_suffix(".pub").exists():
        hint = f"mv {path}.pub {path}.pub.old"
        raise HookkitError(f"{path}.pub is not the public half of {path}", hint=hint)
    return Identity(path, public)


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise HookkitError(f"{path} cannot be looked at", cause=str(error)) from None


def make(comment: str) -> Identity:
    """Make the key. One that is there meanwhile stays.

    :raises HookkitError: it cannot be made.
    """
    path = place()
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".hookkit-", dir=path.parent) as folder:
            fresh = Path(folder) / path.name
            done = run_program(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(fresh)))
            if done.status:
                raise HookkitError("ssh-keygen makes no key", cause=done.stderr.decode(errors="replace").strip())
            # A link, unlike a rename, never replaces what is there.
            with contextlib.suppress(FileExistsError):
                os.link(fresh, path)
                fresh.with_suffix(".pub").replace(path.with_suffix(".pub"))
    except OSError as error:
        raise HookkitError(f"the key {path} cannot be made", cause=str(error)) from None
    return look()


def write_public(identity: Identity) -> None:
    """Write the public half of a key that has lost it."""
    path = identity.path.with_suffix(".pub")
    try:
        path.write_text(f"{identity.public}\n")
    except OSError as error:
        raise HookkitError(f"{path} cannot be written", cause=str(error)) from None
