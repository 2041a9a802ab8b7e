"""What may be shown: secrets removed, control characters made harmless, one line where one line is due."""

# Patterns, not compiled ones: most hook calls use none, and do not even import re.

# userinfo in a URL (RFC 3986, 3.2.1): the password, or the whole of it where there is no user name.
_USERINFO = r"(?i)(?P<scheme>\b[a-z][a-z0-9+.-]*://)(?P<user>[^\s/@:]*)(?P<secret>:[^\s/@]*)?@"
# Query parameters, headers and environment assignments that carry tokens.
_QUERY = r"(?i)(?P<name>\b(?:access_token|private_token|token|password|passwd|secret|api_key|sig)=)[^\s&;'\"]+"
_HEADER = r"(?i)(?P<name>\b(?:authorization|private-token|x-api-key):\s*)[^\r\n'\"]+"
# Escape sequences first (ECMA-48: CSI, OSC and two-byte ones), then what is left of C0, DEL and C1.
_ESCAPE = r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\^_]?|\x9b[0-?]*[ -/]*[@-~]"
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"


def redact(text: str) -> str:
    """``text`` with passwords and tokens replaced by ``***``.

    User names stay (``ssh://git@host`` would be unreadable without), except over http(s) where a lone user name is
    usually a token.
    """
    import re

    def hide(match: re.Match[str]) -> str:
        scheme, user = match["scheme"], match["user"]
        if match["secret"] is not None:
            return f"{scheme}{user}:***@"
        return f"{scheme}***@" if scheme.lower().startswith("http") else match[0]

    if "@" in text:
        text = re.sub(_USERINFO, hide, text)
    if "=" in text:
        text = re.sub(_QUERY, r"\g<name>***", text)
    return re.sub(_HEADER, r"\g<name>***", text) if ":" in text else text


def utf8(text: str) -> str:
    """``text`` for what takes nothing but Unicode: bytes of names and paths that are no UTF-8 are written ``\\xE9``."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def plain(text: str | bytes) -> str:
    """``text`` without control characters; line feeds and tabs stay. Bytes are read as UTF-8."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if text.isascii() and text.isprintable():
        return text
    import re

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(_CONTROL, "", re.sub(_ESCAPE, "", text))


def shown(text: str | bytes) -> str:
    """``text`` as it may be shown to anybody: :func:`plain` and :func:`redact`."""
    return redact(plain(text))


def one_line(text: str | bytes, limit: int = 300) -> str:
    """``text`` on one line of at most ``limit`` characters, as it may be shown."""
    line = " ".join(shown(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def ago(seconds: float) -> str:
    """A duration in the largest sensible unit: ``45s``, ``4m``, ``3h``, ``2d``."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{int(max(seconds, 0))}s"


def nearest(word: str, known: list[str]) -> str | None:
    """The known word that was most likely meant, if there is one."""
    import difflib

    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return found[0] if found else None
