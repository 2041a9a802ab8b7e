"""Where the stubs of the chosen hooks go, and which of them have to be written."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from hookkit.errors import UsageError
from hookkit.installation import stub
from hookkit.installation.layout import Layout
from hookkit.installation.slot import Kind, Slot, content

_PROC_RECEIVE = "proc-receive"

# A script that runs what is named after itself: `for each in $0.*`, as gitolite's driver of repository-specific hooks does.
_RUNS_NAMESAKES = re.compile(rb"""\$\{?0\}?["']?\.[\w*]""")
# A script that asks for its own name.
_ASKS_NAME = re.compile(rb"""basename\W+\$\{?0|\$\{0##|argv\[0\]""")


def stub_mode(folder: Path) -> int:
    """The permissions of a stub: who may use the repository in ``folder`` may run it, its owner alone may change it."""
    return folder.stat().st_mode & 0o755 | 0o700


def place(where: Layout, hooks: Iterable[str], *, asked: bool) -> tuple[list[Slot], list[str]]:
    """The slots of ``hooks`` in which stubs can be put, and what people should know about the others.

    :param asked: the hooks were asked for by name.
    :raises UsageError: something is in the way.
    """
    slots, notes = [], []
    for hook in hooks:
        each = where.slot(hook)
        _check(each)
        if hook == _PROC_RECEIVE and (each.holds is Kind.HOOK or each.keeps):
            why = f"{each.path} is there, and its conversation with git cannot be shared"
            if asked:
                raise UsageError(
                    f"the hook {hook} cannot be had here", cause=why, hint="move that hook away, or leave it out"
                )
            notes.append(f"{hook} is left out: {why}")
        else:
            slots.append(each)
    return slots, notes


def _check(each: Slot) -> None:
    held = each.holds
    if held is Kind.ODD:
        raise UsageError(
            f"{each.path} is in the way", cause="it is not a file", hint="move it away, then install again"
        )
    if held is Kind.HOOK and each.kept is None:
        raise UsageError(f"{each.path} is in the way", cause="hookkit did not write it", hint="give it another name")
    if held is Kind.HOOK and each.keeps and not each.is_double:
        raise UsageError(
            f"{each.path} was replaced after hookkit had been installed",
            cause=f"the hook from before that is still kept, as {each.kept}, and only one of them can run",
            hint="remove one of the two, or make one of both, then install again",
        )
    if held is Kind.HOOK and _RUNS_NAMESAKES.search(content(each.path)):
        raise UsageError(
            f"{each.path} runs the files that are named after it, and hookkit would keep it under another name",
            cause=f"it uses $0 followed by a suffix, which would find nothing as {each.kept and each.kept.name}",
            hint=f"move those files to hooks.d/{each.hook}/ for the plugin scripts, or name them in full in that hook"
            " (gitolite: take `option hook` for this repository out of its configuration)",
        )


def change(each: Slot, text: bytes, mode: int) -> str:
    """What writing the stub ``text`` there changes, in words; empty if it is there already."""
    held = each.holds
    if held is Kind.STUB:
        old = each.path.read_bytes()
        if old == text:
            return "" if each.path.stat().st_mode & 0o7777 == mode else f"{each.hook}: stub made executable again"
        gone = stub.interpreter(old)
        why = f"it started {gone}" if gone != stub.interpreter(text) else "it was of another version"
        return f"{each.hook}: stub written anew ({why})"
    if held is Kind.HOOK or each.keeps:
        return f"{each.hook}: stub written; the hook that was there is kept as {each.kept and each.kept.name} and runs first"
    return f"{each.hook}: stub written"


def warnings(each: Slot) -> Iterator[str]:
    """What people should know before a stub is put there."""
    if each.path.is_symlink() and each.path.readlink().parent.name == "common":
        yield f"{each.hook} was a link that `gitolite setup` makes again: after it, run `hookkit install` again"
    if each.holds is Kind.HOOK and each.kept is not None and _ASKS_NAME.search(content(each.path)):
        yield f"{each.hook} asks for its own name, which is {each.kept.name} now: see that it still does what it should"
