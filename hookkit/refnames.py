"""Names of refs: which of them patterns mean, and how people read them. Pure."""

from collections.abc import Sequence


class RefPatterns:
    """Decides by patterns: one that includes must match, none that leaves out may.

    :param patterns: ``refs/...``, where ``*`` stands for anything, slashes too; one that starts with ``!`` or ``^``
        leaves out.
    :param default: what is included where no pattern includes anything.
    """

    def __init__(self, patterns: Sequence[str], default: Sequence[str] = ()) -> None:
        # Only now: not every hook call has patterns.
        import re
        from fnmatch import translate

        left_out = [pattern[1:] for pattern in patterns if pattern[0] in "!^"]
        included = [pattern for pattern in patterns if pattern[0] not in "!^"] or default
        self._included = [re.compile(translate(pattern)) for pattern in included]
        self._left_out = [re.compile(translate(pattern)) for pattern in left_out]

    def __contains__(self, ref: str) -> bool:
        """Whether ``ref`` is meant."""
        return any(each.match(ref) for each in self._included) and not any(each.match(ref) for each in self._left_out)


def is_pattern(text: str) -> bool:
    """Whether ``text`` is a pattern as :class:`RefPatterns` takes it."""
    return text.lstrip("!^").startswith("refs/")


def short_ref(ref: str) -> str:
    """``ref`` as git shows it: without ``refs/heads/``, ``refs/tags/`` or ``refs/``."""
    for prefix in ("refs/heads/", "refs/tags/", "refs/"):
        if ref.startswith(prefix):
            return ref[len(prefix) :]
    return ref
