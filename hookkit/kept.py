"""The hook that was there before ``hookkit install``, and still runs."""

import os

KEPT_PREFIX = "hookkit-kept-"
"""An existing hook ``X`` is kept beside the stub as ``hookkit-kept-X``: what it finds beside itself, it still finds."""

STUB_MARK = b"# This hook is hookkit's ("
"""In the second line of every stub."""

RESTORED = "HOOKKIT_RESTORED"
"""Set in the environment of a hook that an uninstallation has put back while its stub was running."""


def kept(stub: str, hook: str) -> str | None:
    """Where it is, if there is one that can be run.

    :param stub: the path of the stub; ``-`` for a hook started from git's configuration: the hook file is git's to run.
    """
    if stub == "-":
        return None
    path = os.path.join(os.path.dirname(stub), KEPT_PREFIX + hook)
    return path if _can_run(path) else None


def restored(stub: str) -> str | None:
    """The hook, if ``hookkit uninstall`` has put it back into its place since the stub was started from there.

    Not in a hook that was itself started for that reason: one that has copied the stub's text would go on for ever.
    """
    if stub == "-" or RESTORED in os.environ or not _can_run(stub):
        return None
    try:
        with open(stub, "rb") as file:
            return None if STUB_MARK in file.read(100) else stub
    except OSError:
        return stub


def _can_run(path: str) -> bool:
    return os.access(path, os.X_OK) and not os.path.isdir(path)
