"""What remotes have in common: the host that is down for all of them or for none. Pure."""

import re


def host_of(url: str) -> str:
    """The host (and port) that ``url`` leads to, without an account; ``local`` for a path.

    URL forms: git-push(1), "GIT URLS".
    """
    found = re.match(r"(?s)(?!file:)[a-zA-Z][a-zA-Z0-9+.-]*://(?:[^/@]*@)?([^/]+)", url) or re.match(
        r"(?:[^/:@\[]+@)?(\[[^\]/]+\]|[^/:\[]+):(?!//)", url
    )
    return found[1].lower() if found else "local"
