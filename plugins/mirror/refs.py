"""Which refs are mirrored."""

from typing import Protocol

from hookkit.api import RefPatterns, short_ref
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
    """Decides by the patterns of ``hookkit.mirror.refs``."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self._patterns = RefPatterns(patterns, DEFAULT_REFS)

    def __contains__(self, ref: str) -> bool:
        """Whether ``ref`` is mirrored."""
        return not ref.startswith(OWN) and ref in self._patterns


def short(ref: str) -> str:
    """``ref`` as people read it."""
    return f"journal of {ref.removeprefix(JOURNALS)}" if ref.startswith(JOURNALS) else short_ref(ref)
