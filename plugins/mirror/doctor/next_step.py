"""What to type after a connection has failed, with the remote's own names in it. Pure."""

import re
import shlex

from hookkit.api import Failure, Kind, redact
from hookkit_plugins.mirror.doctor.subject import Subject
from hookkit_plugins.mirror.remotes import Remote

_URL = re.compile(r"(?:git\+)?ssh://(?:(?P<user>[^@/]+)@)?(?P<host>\[[^\]]+\]|[^:/]+)(?::(?P<port>\d+))?/")
_SCP_LIKE = re.compile(r"(?:(?P<user>[^@/:]+)@)?(?P<host>\[[^\]]+\]|[^:/]+):(?P<port>)(?!//)")


def next_step(subject: Subject, remote: Remote, failure: Failure) -> str:
    """The command that finds out more, or mends it."""
    login = _login(remote.url)
    match failure.kind:
        case Kind.HOST_KEY if login and "HAS CHANGED" in failure.cause and failure.hint:
            return failure.hint.replace("ssh-keygen -R HOST", f"ssh-keygen -R {_known_as(remote.url)}")
        case Kind.HOST_KEY if login and "HAS CHANGED" not in failure.cause and "verification failed" in failure.cause:
            return f"compare the fingerprint that this shows with the owner's: {login}; {failure.hint or ''}"
        case Kind.AUTH if login:
            return f"let this account's public key in there; try it: {login}"
        case Kind.OFFLINE | Kind.TIMEOUT | Kind.SERVER | Kind.BUSY if login:
            why = f"{failure.hint}; " if failure.hint else ""
            later = ", it is delivered later" if subject.goes_on else "; when it answers: hookkit mirror sync"
            return f"{why}nothing is lost{later}; to see more: {login}"
        case Kind.MISSING:
            return f"create it there, or correct the URL: {subject.git} remote set-url {shlex.quote(remote.of)} URL"
    return failure.hint or f"to see more: {subject.git} ls-remote {shlex.quote(redact(remote.of))}"


def _known_as(url: str) -> str:
    """What the server of ``url`` is called in known_hosts; sshd(8)."""
    found = _URL.match(url) or _SCP_LIKE.match(url)
    assert found  # noqa: S101 - there is a login
    host = found["host"].strip("[]")
    return shlex.quote(f"[{host}]:{found['port']}" if found["port"] else host)


def _login(url: str) -> str:
    """The ssh command that opens the same connection; empty if the URL is not one of ssh."""
    found = _URL.match(url) or _SCP_LIKE.match(url)
    if not found or ("://" in url and not _URL.match(url)):
        return ""
    user = (found["user"] or "").partition(":")[0]
    host = found["host"].strip("[]")
    if (user or host).startswith("-"):
        return ""  # ssh would take it for an option
    port = f" -p {found['port']}" if found["port"] else ""
    return f"ssh{port} {shlex.quote(f'{user}@{host}' if user else host)}"
