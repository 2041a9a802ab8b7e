"""The hook that was there before ``hookkit install``, and still runs."""

import os

KEPT_PREFIX = "hookkit-kept-"
"""An existing hook ``X`` is kept beside the stub as ``hookkit-kept-X``: what it finds beside itself, it still finds."""


def kept(stub: str, hook: str) -> str | None:
    """Where it is, if there is one that can be run.

    :param stub: the path of the stub; ``-`` for a hook started from git's configuration: the hook file is git's to run.
    """
    if stub == "-":
        return None
    path = os.path.join(os.path.dirname(stub), KEPT_PREFIX + hook)
    return path if os.access(path, os.X_OK) and not os.path.isdir(path) else None
