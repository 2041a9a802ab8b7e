"""What remotes have in common: the host that is down for all of them or for none. Pure."""

import os

from hookkit.quick import utf8
from hookkit_plugins.mirror.urls import parts


def host_of(url: str) -> str:
    """The host (and port) that ``url`` leads to, without an account; for a path the folder that it is in.

    That a disk does not answer says nothing about another one.
    """
    found = parts(url)
    scheme, _, host, path = found or ("", "", "", url)
    # What looks like a scheme, and is none, is no host either.
    if host and scheme != "file://" and (scheme or not path.startswith("//")):
        return utf8(host.lower())
    return utf8(os.path.dirname((path if scheme else url).rstrip("/")) or ".")
