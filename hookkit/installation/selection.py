"""Which hooks are to be installed. Pure."""

from collections.abc import Mapping, Sequence

from hookkit.catalogue import HOOKS
from hookkit.errors import UsageError
from hookkit.text import nearest

Taken = Mapping[str, str]
"""Hooks that cannot be had in a repository, and why."""


def select(
    asked: Sequence[str] | None, asked_before: Sequence[str], needed: Mapping[str, Sequence[str]], taken: Taken
) -> tuple[list[str], list[str]]:
    """The hooks, in the catalogue's order, and what people should know about those that are left out.

    :param asked: exactly these; None: what is needed, and what was asked for before.
    :param needed: hook to the plugins that need it.
    :raises UsageError: what is asked for does not exist, or cannot be had.
    """
    for hook in asked or ():
        if hook not in HOOKS:
            meant = nearest(hook, list(HOOKS))
            raise UsageError(
                f"there is no git hook {hook!r}", hint=f"did you mean {meant}?" if meant else "git help hooks"
            )
        if hook in taken:
            hint = "use pre-receive: it sees all refs of a push, and can refuse" if hook == "update" else None
            raise UsageError(f"the hook {hook} cannot be had here", cause=taken[hook], hint=hint)
    wanted = set(asked) if asked is not None else {*needed, *asked_before}
    notes = [
        f"{hook} is left out ({taken.get(hook, '--hooks does not name it')}), but {' and '.join(plugins)} would use it"
        for hook, plugins in needed.items()
        if plugins and (hook in taken or hook not in wanted)
    ]
    return [hook for hook in HOOKS if hook in wanted and hook not in taken], notes
