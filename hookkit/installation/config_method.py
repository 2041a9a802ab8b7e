"""Hooks that git starts from its configuration: ``hook.<name>.command`` and ``.event``, git 2.54 and newer; git-hook(1)."""

import re

from hookkit import process
from hookkit.catalogue import HOOKS
from hookkit.environment import clean_environment
from hookkit.errors import UsageError
from hookkit.installation import stub

SINCE = (2, 54)

TAKEN = {"proc-receive": "git starts proc-receive from a hook file only"}
"""Hooks that cannot be had so, and why."""


def settings(hooks: list[str], python: str) -> dict[str, str]:
    """The configuration that has git start hookkit for ``hooks``.

    A command is not told for which event it is started: each has one of its own. git refuses to work where an event has
    no command: the command comes first.
    """
    lines = {}
    for hook in hooks:
        lines[f"hook.hookkit-{hook}.command"] = stub.command(HOOKS[hook], python)
        lines[event_key(hook)] = hook
    return lines


def event_key(hook: str) -> str:
    """The key that registers ``hook``."""
    return f"hook.hookkit-{hook}.event"


def is_ours(key: str) -> bool:
    """Whether ``key`` is one of these."""
    return key.startswith("hook.hookkit-")


def check(version: tuple[int, ...]) -> None:
    """Whether git of this ``version`` can.

    :raises UsageError: it is too old.
    """
    if version < SINCE:
        raise UsageError(
            f"git {_dotted(version)} does not start hooks from its configuration",
            cause=f"--method config needs git {_dotted(SINCE)} or newer",
            hint="hookkit install --method stub",
        )


def git_version() -> tuple[int, ...]:
    """The version of the git on the path."""
    said = process.git("version", env=clean_environment()).text()
    found = re.search(r"\d+(?:\.\d+)+", said)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
