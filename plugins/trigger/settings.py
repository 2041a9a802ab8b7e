"""The options of the trigger plugin."""

from pathlib import Path
from urllib.parse import urlsplit

from hookkit.api import Option, Repository, is_pattern, options


def _is_http(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


URL = options.strings(
    "url",
    (),
    "Whom to tell: an event is posted there for every push.",
    allowed="http:// or https:// URLs; may be given several times",
    check=_is_http,
)
REFS = options.strings(
    "refs",
    ("refs/heads/*", "refs/tags/*"),
    "Of which refs to tell; a pattern that starts with '!' leaves out.",
    allowed="refs/..., '*' stands for anything, '!refs/...' leaves out; may be given several times",
    check=is_pattern,
)
SECRET_FILE = options.string(
    "secret-file",
    "",
    "A file with a secret in it, mode 0600: events are signed with it (HMAC-SHA256, X-Hub-Signature-256).",
    allowed="a path; '~' is the account's home, a relative one starts at the git directory",
)
WAIT = options.seconds(
    "wait", 2, "How long the pusher waits to hear whether the event was taken; 0: not at all. It is sent in any case."
)
KEEP = options.seconds("keep", 259_200, "How long an event that nobody takes is tried again before it is dropped.")
ONCE = options.boolean(
    "once",
    False,
    "Tell only of what was pushed to this server, not of what its peers have brought.",
)

OPTIONS: tuple[Option[object], ...] = (URL, REFS, SECRET_FILE, WAIT, KEEP, ONCE)


def secret_file(repo: Repository) -> Path | None:
    """Where ``repo`` has its secret; None: events are not signed.

    :raises ConfigError: the option is not allowed.
    """
    path = repo.settings("trigger").get(SECRET_FILE).strip()
    return repo.locate(path) if path else None
