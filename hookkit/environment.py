"""The environment of processes, and the account's folder that it names. Every hook call imports this."""

import os
from collections.abc import Mapping

# `git rev-parse --local-env-vars` of git 2.39 to 2.55, and what git sets for hooks beside it: a git that works on another
# repository must see none of them. The quarantine path is not in git's own list, although it makes ref updates fail.
LOCAL_VARIABLES = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_PARAMETERS",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_PUSH_OPTION_COUNT",
        "GIT_QUARANTINE_PATH",
        "GIT_REF_PARANOIA",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
# What access layers call the person who pushes. Set by the server after authentication: a client cannot choose them.
_PUSHER_VARIABLES = ("GL_USER", "GITOSIS_USER", "GITEA_PUSHER_NAME", "GL_USERNAME", "REMOTE_USER", "LOGNAME", "USER")
_LOCAL_PREFIXES = ("GIT_PUSH_OPTION_", "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")


def clean_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """``environ`` (default: the process's) without what ties a git command to the repository whose hook runs."""
    environ = os.environ if environ is None else environ
    return {
        name: value
        for name, value in environ.items()
        if name not in LOCAL_VARIABLES and not name.startswith(_LOCAL_PREFIXES)
    }


def account_folder() -> str:
    """``$XDG_STATE_HOME/hookkit``, usually ``~/.local/state/hookkit``; it need not be there."""
    base = os.environ.get("XDG_STATE_HOME", "")
    return os.path.join(base if base.startswith("/") else os.path.expanduser("~/.local/state"), "hookkit")


def push_options(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The push options that git hands to hooks in ``GIT_PUSH_OPTION_*``; githooks(5)."""
    count = environ.get("GIT_PUSH_OPTION_COUNT", "0")
    return tuple(environ.get(f"GIT_PUSH_OPTION_{number}", "") for number in range(int(count) if count.isdigit() else 0))


def pusher(environ: Mapping[str, str]) -> str | None:
    """Who pushed, as the server's access layer names them, else the account's name."""
    return next((environ[name] for name in _PUSHER_VARIABLES if environ.get(name)), None)
