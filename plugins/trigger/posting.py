"""Posting one event."""

import http.client
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

from hookkit.api import one_line
from hookkit_plugins.trigger.event import address, headers

# Seconds without a sign of life.
_PATIENCE = 10.0


class Posted(NamedTuple):
    """How it ended.

    :param status: what the server answered; None: nothing.
    :param problem: why it was not taken, fit to be shown; None: it was.
    """

    status: int | None
    problem: str | None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Whoever is told has been chosen by the repository's owner, and nobody else is."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def post(url: str, name: str, identity: str, body: bytes, secret_file: str) -> Posted:
    """Post an event.

    :param secret_file: the file that has the secret; empty: it is not signed.
    """
    try:
        secret = Path(secret_file).read_bytes().strip() if secret_file else None
    except OSError as error:
        return Posted(None, f"the secret cannot be read: {error.strerror}")
    place, credentials = address(url)
    request = urllib.request.Request(  # noqa: S310 - the option takes http and https only
        place, body, headers(name, identity, body, secret) | credentials, method="POST"
    )
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=_PATIENCE) as answer:
            return Posted(answer.status, None)
    except urllib.error.HTTPError as error:
        with error:
            where = ", which leads elsewhere: that is not followed" if 300 <= error.code < 400 else ""
            return Posted(error.code, f"HTTP {error.code} {one_line(error.reason or '', 80)}".rstrip() + where)
    except TimeoutError:
        return Posted(None, f"no answer within {_PATIENCE:.0f}s")
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return Posted(None, f"no answer within {_PATIENCE:.0f}s")
        return Posted(None, one_line(getattr(reason, "strerror", None) or str(reason) or type(reason).__name__, 120))
