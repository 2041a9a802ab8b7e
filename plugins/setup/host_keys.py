"""Host keys, and what to make of those that a server shows; pure."""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from hookkit.api import UsageError


class HostKey(NamedTuple):
    """A host key, and the name that ssh looks it up by; sshd(8), SSH_KNOWN_HOSTS FILE FORMAT."""

    name: str
    kind: str
    base64: str

    @property
    def fingerprint(self) -> str:
        """``SHA256:...``, as ssh shows it."""
        digest = hashlib.sha256(base64.b64decode(self.base64)).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"

    @property
    def line(self) -> str:
        """The line of a known_hosts file."""
        return " ".join(self)

    def __str__(self) -> str:
        word = re.sub(r"^(?:sk-)?(?:ssh-)?(\w+?)(?:-sha2-.*)?(?:@.*)?$", r"\1", self.kind)
        return f"{word.upper()} {self.fingerprint}"


def parse(lines: Iterable[str]) -> list[HostKey]:
    """The keys in the lines of a known_hosts file; not those of certificate authorities, nor what is no key."""
    found = []
    for line in lines:
        words = line.split()
        if len(words) >= 3 and not line.startswith(("#", "@")) and _is_base64(words[2]):
            found.append(HostKey(*words[:3]))
    return found


def fingerprint(text: str) -> str:
    """A fingerprint that somebody typed.

    :raises UsageError: it is none.
    """
    if not re.fullmatch(r"SHA256:[A-Za-z0-9+/]{43}=?", text):
        hint = "on the server: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"
        raise UsageError(f"{text!r} is not a fingerprint of a host key (SHA256:...)", hint=hint)
    return text.rstrip("=")


def contradicts(known: Sequence[HostKey], shown: HostKey) -> bool:
    """Whether a key is not the one of its kind that is known."""
    same_kind = [key.base64 for key in known if key.kind == shown.kind]
    return bool(same_kind) and shown.base64 not in same_kind


def _is_base64(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) > 40
    except binascii.Error:
        return False
