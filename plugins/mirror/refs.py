"""Which refs are mirrored."""

from fnmatch import translate
from re import compile as compile_pattern
from typing import Protocol

from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.settings import DEFAULT_REFS, MirrorSettings

OWN = "refs/hookkit/"
"""What hookkit keeps in a repository; never mirrored."""
JOURNALS = f"{OWN}journal/"
"""The journals of the nodes, by which peers come to the same refs; nothing else is sent to a peer that has them."""


class Filter(Protocol):
    """Which refs something is about."""

    def __contains__(self, ref: str) -> bool:
        """Whether it is about ``ref``."""
        ...


class Journals:
    """The filter that lets journals pass and nothing else."""

    def __contains__(self, ref: str) -> bool:
        """Whether ``ref`` is a journal."""
        return ref.startswith(JOURNALS)


def filter_for(settings: MirrorSettings, remote: Remote) -> Filter:
    """Which refs ``remote`` is sent."""
    return Journals() if settings.journals and remote.kind == "peer" else RefFilter(settings.refs)


class RefFilter:
    """Decides by the patterns of ``hookkit.mirror.refs``: one that includes must match, none that leaves out may."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        left_out = [pattern[1:] for pattern in patterns if pattern[0] in "!^"]
        included = [pattern for pattern in patterns if pattern[0] not in "!^"] or list(DEFAULT_REFS)
        self._included = [compile_pattern(translate(pattern)) for pattern in included]
        self._left_out = [compile_pattern(translate(pattern)) for pattern in left_out]

    def __contains__(self, ref: str) -> bool:
        """Whether ``ref`` is mirrored."""
        if ref.startswith(OWN) or not any(pattern.match(ref) for pattern in self._included):
            return False
        return not any(pattern.match(ref) for pattern in self._left_out)


def short(ref: str) -> str:
    """``ref`` as git shows it: without ``refs/heads/``, ``refs/tags/`` or ``refs/``."""
    if ref.startswith(JOURNALS):
        return f"journal of {ref.removeprefix(JOURNALS)}"
    for prefix in ("refs/heads/", "refs/tags/", "refs/"):
        if ref.startswith(prefix):
            return ref[len(prefix) :]
    return ref
