"""What remotes have in common: the host that is down for all of them or for none. Pure."""

from hookkit_plugins.mirror.urls import parts

LOCAL = "local"
"""What the host of a path is called."""


def host_of(url: str) -> str:
    """The host (and port) that ``url`` leads to, without an account; ``local`` for a path."""
    found = parts(url)
    if found is None:
        return LOCAL
    scheme, _, host, path = found
    # What looks like a scheme, and is none, is no host either.
    return host.lower() if host and scheme != "file://" and (scheme or not path.startswith("//")) else LOCAL
