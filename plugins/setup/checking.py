"""What the other end of a remote lets this account do, one line each; pure."""

from collections.abc import Iterator

from hookkit.api import Check, Failure, Kind, Probed

_OLDEST = (2, 39)
# What is passed on the way to a push, in this order.
_STEPS = ("connection", "login", "repository", "write access")
_FAILED_AT = {
    Kind.HOST_KEY: 0,
    Kind.OFFLINE: 0,
    Kind.TIMEOUT: 0,
    Kind.SERVER: 0,
    Kind.BUSY: 0,
    Kind.AUTH: 1,
    Kind.MISSING: 2,
}


def checks(said: Probed, kind: str, host: str | None = None) -> Iterator[Check]:
    """What was seen on the way to a push.

    :param kind: ``peer`` or ``mirror``.
    :param host: the server, if its host key is pinned.
    """
    passed = {
        "connection": "this is the server whose host key is pinned" if host else "it answers",
        "login": "this account is let in",
        "repository": "it is there",
        "write access": "a push would be taken",
    }
    failed = len(_STEPS) if said.failure is None else _FAILED_AT.get(said.failure.kind, 3)
    if said.failure is not None and said.failure.kind is Kind.DENIED:
        # Who decides on access says the same about a repository that is not there.
        del passed["repository"]
    yield from (Check(step, "ok", passed[step]) for step in _STEPS[:failed] if step in passed)
    if said.failure is not None:
        yield Check(_STEPS[failed], "problem", str(said.failure), _hint(said.failure, host))
        return
    yield _version(said, kind)
    yield _push_options(said, kind)


def _hint(failure: Failure, host: str | None) -> str:
    if failure.kind is Kind.AUTH:
        return f"let this account's public key in{f' at {host}' if host else ' there'}; hookkit setup key prints it"
    if failure.kind is Kind.HOST_KEY:
        return "compare its fingerprint with its owner's, then --fingerprint SHA256:..."
    if failure.kind is Kind.DENIED:
        return "correct the repository's name, or have this account's key given write access to it there"
    return failure.hint or "run this again when that has passed"


def _version(said: Probed, kind: str) -> Check:
    software = said.software or "it does not say what it runs"
    if kind == "peer" and said.version and said.version < _OLDEST:
        return Check("git", "problem", f"{software}: a peer needs {'.'.join(map(str, _OLDEST))}", "upgrade git there")
    return Check("git", "ok", software)


def _push_options(said: Probed, kind: str) -> Check:
    if said.push_options:
        return Check("push options", "ok", "taken")
    if kind == "peer":
        hint = "install hookkit there, or there: git config receive.advertisePushOptions true"
        return Check("push options", "warning", "not taken: pushes go in circles until nothing is left to send", hint)
    return Check("push options", "ok", "not taken, which a mirror need not")
