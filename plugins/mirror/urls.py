"""What a URL is made of; URL forms: git-push(1), "GIT URLS". Pure, and without ``re``: every covered push comes by here."""

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_SCHEME = _LETTERS | frozenset("0123456789+.-")

Parts = tuple[str, str, str, str]
"""Scheme with ``://`` (empty for scp's way of writing), account (empty: none), host with port, path."""


def parts(url: str) -> Parts | None:
    """The parts of ``url``; None: it is a path."""
    return _schemed(url) or _scp_like(url)


def _schemed(url: str) -> Parts | None:
    scheme, found, rest = url.partition("://")
    if not found or scheme[:1] not in _LETTERS or not _SCHEME.issuperset(scheme):
        return None
    authority, slash, path = rest.partition("/")
    user, at, host = authority.partition("@")
    return (scheme + found, user, host, slash + path) if at else (scheme + found, "", authority, slash + path)


def _scp_like(url: str) -> Parts | None:
    user, at, rest = url.partition("@")
    if at and user and not set(user) & set("/:") and (found := _host(rest)):
        return ("", user, *found)
    found = _host(url)
    return ("", "", *found) if found else None


def _host(text: str) -> tuple[str, str] | None:
    """Host and path of ``host:path``; a host in brackets may have colons."""
    end = text.find("]") if text.startswith("[") else -1
    if end > 0 and "/" not in text[:end] and text[end + 1 : end + 2] == ":":
        return text[: end + 1], text[end + 2 :]
    host, colon, path = text.partition(":")
    return (host, path) if colon and host and "/" not in host else None
