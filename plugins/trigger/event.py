"""What is sent: the event, its signature, and when it is tried again. Pure."""

import base64
import hashlib
import hmac
import json
import os
import time
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from hookkit.api import RefUpdate

# Seconds until another try, the first and the last; doubled each time.
_FIRST, _LAST = 1.0, 900.0
# What passes by itself, although the server answered; RFC 9110.
_PASSES = {408, 425, 429}


class Origin(NamedTuple):
    """Where a push went, whose it was, and where it was pushed if it came here from another node."""

    repository: str
    node: str
    pusher: str | None
    origin: str | None = None


def event(name: str, identity: str, at: float, origin: Origin, updates: Sequence[RefUpdate]) -> bytes:
    """The event as it is sent: JSON.

    :param name: ``push``, or ``test``.
    :param identity: no other event has it.
    :param at: when, seconds since the epoch.
    """
    data: dict[str, Any] = {
        "event": name,
        "id": identity,
        "push": fingerprint(updates),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
        "repository": origin.repository,
        "node": origin.node,
        "pusher": origin.pusher,
        "origin": origin.origin,
        "updates": [
            {"ref": _text(each.ref), "old": each.old, "new": each.new, "change": _change(each)} for each in updates
        ],
    }
    return json.dumps(data).encode()


def fingerprint(updates: Sequence[RefUpdate]) -> str:
    """The same on every server that the same refs were pushed to, from the same values."""
    lines = sorted(f"{each.ref} {each.old} {each.new}\n" for each in updates)
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _change(update: RefUpdate) -> str:
    return "created" if update.creates else "deleted" if update.deletes else "moved"


def _text(name: str) -> str:
    # A ref name is bytes; JSON is Unicode.
    return os.fsencode(name).decode("utf-8", "replace")


def headers(name: str, identity: str, body: bytes, secret: bytes | None) -> dict[str, str]:
    """The headers that go with ``body``; the signature is GitHub's, which most receivers can check."""
    found = {
        "Content-Type": "application/json",
        "User-Agent": "hookkit",
        "X-Hookkit-Event": name,
        "X-Hookkit-Delivery": identity,
    }
    if secret is not None:
        found["X-Hub-Signature-256"] = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
    return found


def address(url: str) -> tuple[str, dict[str, str]]:
    """The URL without its user and password, and the header that has them; RFC 7617."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url, {}
    who, _, host = parts.netloc.rpartition("@")
    user, _, password = who.partition(":")
    token = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
    return urlunsplit(parts._replace(netloc=host)), {"Authorization": f"Basic {token}"}


def shown(url: str) -> str:
    """What may be shown of ``url``: the server. The rest is a secret with many of them."""
    return urlsplit(url).netloc.rpartition("@")[2]


def passes(status: int | None) -> bool:
    """Whether the server, rather than this event, is the problem.

    :param status: what it answered; None: nothing.
    """
    return status is None or status >= 500 or status in _PASSES


def pause(tries: int) -> float:
    """Seconds until another try, after so many that failed."""
    return min(_LAST, _FIRST * 2.0 ** min(tries - 1, 20))
