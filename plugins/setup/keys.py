"""Public keys, and the names that gitosis and gitolite give them."""

import base64
import binascii
import re
from pathlib import Path
from typing import NamedTuple

from hookkit.api import UsageError, one_line

# OpenSSH's own names of types of keys; sshd(8), AUTHORIZED_KEYS FILE FORMAT. A certificate is no key of an account.
_TYPES = r"(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-nistp(?:256|384|521)|sk-(?:ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)"


class PublicKey(NamedTuple):
    """A public key: its type, its base64, and the comment, which says nothing."""

    kind: str
    base64: str
    comment: str = ""

    @property
    def material(self) -> str:
        """What makes it this key and no other."""
        return f"{self.kind} {self.base64}"

    def __str__(self) -> str:
        return f"{self.material} {self.comment}".strip()


def parse(text: str, where: str) -> PublicKey:
    """The only key in the text of a ``.pub`` file.

    :param where: the file, for errors.
    :raises UsageError: it has none, several, options before it, or holds something else, a private key above all.
    """
    if "PRIVATE KEY" in text:
        raise UsageError(
            f"{where} is a private key", hint="it must never leave its account: use the file that ends in .pub"
        )
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) != 1:
        raise UsageError(f"{where} holds {len(lines)} keys", hint="one public key per file")
    found = re.fullmatch(rf"({_TYPES})[ \t]+([A-Za-z0-9+/]+={{0,2}})(?:[ \t]+(.*))?", lines[0].strip())
    if found is None or not _is_consistent(found[1], found[2]):
        raise UsageError(f"{where} is not a public key of OpenSSH", cause=one_line(lines[0], 60))
    return PublicKey(found[1], found[2], one_line(found[3] or ""))


def read(path: Path) -> PublicKey:
    """The key in a ``.pub`` file.

    :raises UsageError: it cannot be read, or holds something else.
    """
    try:
        return parse(path.read_text(errors="replace"), str(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read", cause=str(error)) from None


def _is_consistent(kind: str, text: str) -> bool:
    """The base64 begins with the type again; RFC 4253, 6.6."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return len(data) > 40 and data[4 : 4 + int.from_bytes(data[:4])] == kind.encode()


def exported_name(hostname: str) -> str:
    """The name of this machine's key in an admin repository: ``git_<hostname>``, which both systems take."""
    plain = re.sub(r"\.{2,}", ".", re.sub(r"[^a-z0-9.-]+", "-", hostname.lower()))
    return "git_" + (plain.strip(".-") or "localhost")
