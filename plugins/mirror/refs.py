"""Which refs are mirrored."""

from hookkit.api import RefPatterns
from hookkit_plugins.mirror.settings import DEFAULT_REFS

OWN = "refs/hookkit/"
"""What hookkit keeps in a repository; never mirrored."""


class RefFilter:
    """Decides by the patterns of ``hookkit.mirror.refs``."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self._patterns = RefPatterns(patterns, DEFAULT_REFS)

    def __contains__(self, ref: str) -> bool:
        """Whether ``ref`` is mirrored."""
        return not ref.startswith(OWN) and ref in self._patterns
