"""Which names are meant, and which names accounts may have. Pure."""

import fnmatch
import re
from collections.abc import Iterable, Mapping, Sequence

from hookkit.api import nearest

# What gitosis takes for a key's file and for a member; anything else it skips with a warning that nobody sees.
_GITOSIS = r"[a-zA-Z][a-zA-Z0-9_.-]*(?:@[a-zA-Z][a-zA-Z0-9.-]*)?"
# gitolite's $USERNAME_PATT.
_GITOLITE = r"[0-9a-zA-Z][-0-9a-zA-Z._@+]*"
# In rules these stand for others; gitolite's role names.
_ROLES = ("CREATOR", "READERS", "WRITERS")


def repositories(globs: Sequence[str], names: Iterable[str], admin: str | None = None) -> tuple[list[str], list[str]]:
    """The names that ``globs`` match, in their order, and the reasons why some match nothing.

    ``*`` matches ``/`` too. The admin repository is only meant if it is named in full: who may write to it may do anything.
    """
    known = list(dict.fromkeys(names))
    meant = {glob: [name for name in known if _matches(name, glob, admin)] for glob in globs}
    reasons = []
    for glob in (glob for glob, found in meant.items() if not found):
        like = nearest(glob, known)
        reasons.append(f"no repository is called {glob!r}" + (f", did you mean {like}?" if like else ""))
    return [name for name in known if any(name in found for found in meant.values())], reasons


def _matches(name: str, glob: str, admin: str | None) -> bool:
    return name == glob or (name != admin and fnmatch.fnmatchcase(name, glob))


def about_others(group: str, new: Sequence[str], others: Iterable[str]) -> list[str]:
    """A note if those who join a group get more than was asked for.

    :param others: what the group has access to beside that.
    """
    names = " ".join(others)
    return (
        [f"{group} has access to more already, which {', '.join(new)} will have too: {names}"] if new and names else []
    )


def wrong_for_gitosis(name: str) -> str | None:
    """Why gitosis would not take this name of an account."""
    return _ending(name) or _pattern(name, _GITOSIS, "gitosis", "a letter first, then letters, digits, _ . -")


def wrong_for_gitolite(name: str) -> str | None:
    """Why gitolite would not take this name, or would take it for another."""
    if name in _ROLES:
        return f"{name} stands for others in gitolite's rules"
    cut = re.search(r"@[^.]+$", name)
    if cut:
        return f"gitolite would cut {cut[0]} from the name {name}: it takes that for one of several keys"
    return _ending(name) or _pattern(name, _GITOLITE, "gitolite", "a letter or digit first, then these and _ . - + @")


def _ending(name: str) -> str | None:
    # The article's mistake: members are written without it.
    return f"the name {name} ends in .pub: a name is without, and its file with it" if name.endswith(".pub") else None


def _pattern(name: str, pattern: str, who: str, allowed: str) -> str | None:
    return None if re.fullmatch(pattern, name) else f"{who} does not take the name {name!r}: {allowed}"


def wrong_names(names: Mapping[str, str | None]) -> list[str]:
    """The reasons, of those that have one."""
    return [reason for reason in names.values() if reason]
