"""Where git goes for a URL: the server, the user and the port that it would give to ssh, in git's own judgement."""

from itertools import pairwise
from typing import NamedTuple

from hookkit.api import Repository, UsageError, git_over_network, one_line, redact

_MARK = "hookkit-would-run "
# Started by git as ssh would be: it prints what it was given, and nothing is connected to.
_PRINT = {"GIT_SSH_COMMAND": f"printf >&2 '{_MARK}%s\\n'", "GIT_SSH_VARIANT": "ssh", "GIT_ALLOW_PROTOCOL": "ssh"}
_PATIENCE = 20.0


class Place(NamedTuple):
    """An account on a server, as a URL names it.

    :param host: as ssh is given it: a name, an alias in the account's ssh configuration, or an address.
    """

    host: str
    user: str | None = None
    port: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """ssh's arguments."""
        port = () if self.port is None else ("-p", self.port)
        return (*port, "--", self.host if self.user is None else f"{self.user}@{self.host}")


def checked(url: str) -> str:
    """A URL, or path, that git can be given.

    :raises UsageError: it is none.
    """
    if not url or url.startswith("-") or not url.isprintable():
        hint = "for example git@bravo.example.org:project.git or ssh://git@bravo.example.org:2222/~/project.git"
        raise UsageError(f"{redact(url)!r} is not a URL", hint=hint)
    return url


def where(repo: Repository, url: str) -> Place | None:
    """Where a push to ``url`` goes, ``url.*.insteadOf`` and the like considered; None: not over ssh.

    :raises UsageError: git refuses the URL.
    """
    args = ("push", "--dry-run", "--porcelain", "--", url, ":refs/hookkit/place")
    result = git_over_network(repo, *args, timeout=_PATIENCE, environ=_PRINT)
    given = [line.removeprefix(_MARK) for line in result.stderr.split("\n") if line.startswith(_MARK)]
    if given:
        return read(given)
    if " blocked" in result.stderr:
        raise UsageError(f"git does not go to {redact(url)}", cause=one_line(result.stderr.splitlines()[0]))
    return None


def read(given: list[str]) -> Place:
    """The place among ssh's arguments, of which the last is the command to be run there. Pure."""
    account, port = given[-2], None
    for option, value in pairwise(given):
        if option == "-p":
            port = value
    user, at, host = account.rpartition("@")
    return Place(host, user if at else None, port)
