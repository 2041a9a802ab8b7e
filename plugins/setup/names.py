"""Names of repositories, and what is made of them: where they are at the source, and here. Pure."""

import re
from urllib.parse import quote

from hookkit.api import UsageError, redact

_HINT = "names are as at the source, without .git: project, team/project"


def repository(text: str) -> str:
    """A name as it is used from here on: without ``.git``.

    :raises UsageError: it could lead somewhere else.
    """
    name = text.removesuffix(".git")
    parts = name.split("/")
    why = None
    if not name or any(part in ("", ".", "..") for part in parts):
        why = "it leads out of the folder" if ".." in parts or name.startswith("/") else "a part of it is empty"
    elif any(part.startswith("-") for part in parts):
        why = "it looks like an option"
    elif any(part.endswith(".git") for part in parts):
        why = "it is inside of another repository"
    elif re.search(r"[\x00-\x1f\x7f]", name):
        why = "it has a control character in it"
    if why:
        raise UsageError(f"{text!r} is not a repository's name", cause=why, hint=_HINT)
    return name


def checked_pattern(pattern: str) -> str:
    """A URL with ``{}`` in the place of the repository's name.

    :raises UsageError: it is none.
    """
    if "{}" not in pattern or pattern.startswith("-"):
        hint = "for example git@alpha:{}.git or ssh://git@alpha:2222/{}.git"
        raise UsageError(f"{redact(pattern)} is not a URL with {{}} in the place of the name", hint=hint)
    return pattern


def url(pattern: str, name: str) -> str:
    """Where ``name`` is; in a URL with a scheme git would take ``%`` for the beginning of a code."""
    return pattern.replace(
        "{}", quote(name, safe="/~@+,:!$'()*=&;", errors="surrogateescape") if "://" in pattern else name
    )


def host(pattern: str) -> str:
    """The name of the source's host, made fit for a remote's name; ``source`` where there is none."""
    found = re.match(r"[a-z][a-z0-9+.-]*://(?:[^/]*@)?(\[[^\]]*\]|[^/:]*)", pattern) or re.match(
        r"(?:[^/:@]*@)?(\[[^\]]*\]|[^/:\[]+):", pattern
    )
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", found[1]).strip("-.") if found else ""
    return name or "source"


def checked_remote(name: str) -> str:
    """A name that a remote can have.

    :raises UsageError: it is none.
    """
    if not re.fullmatch(r"(?!.*\.\.)(?!.*\.lock$)[A-Za-z0-9_][A-Za-z0-9._-]*(?<!\.)", name):
        hint = "letters, digits, . _ - and no dot at its end, no two beside each other"
        raise UsageError(f"{name!r} cannot be a remote's name", hint=hint)
    return name
