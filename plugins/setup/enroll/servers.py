"""The servers that have an admin repository: asked before, pushed to, asked again."""

import re
import time
from collections.abc import Sequence
from typing import NamedTuple

from hookkit.api import Failure, Kind, NetworkResult, Repository, failures, git_over_network, redact
from hookkit_plugins.setup import pushing, remotes
from hookkit_plugins.setup.enroll.admin_clone import Clone

_TRIES = 3
_PAUSE = 1.0


class Server(NamedTuple):
    """A place that the admin repository is pushed to.

    :param name: what it is called; the remote's name.
    :param target: what git pushes to: the remote, or, if it has several URLs, one of these.
    :param url: its URL.
    """

    name: str
    target: str
    url: str


class Seen(NamedTuple):
    """What a server says about the branch.

    :param oid: its commit; None: the branch is not there, or it did not answer.
    """

    server: Server
    oid: str | None = None
    failure: Failure | None = None


class Outcome(NamedTuple):
    """What became of a server: ``pushed``, ``up to date``, ``not asked`` or ``failed``.

    :param answered: it takes pushes; what has failed is what came after.
    """

    server: Server
    result: str
    failure: Failure | None = None
    answered: bool = False


def all_servers(repo: Repository) -> list[Server]:
    """All remotes, that of the checked-out branch first; one with several URLs is several servers.

    :raises UsageError: there is none.
    """
    found = []
    for name in remotes.chosen(repo, ()):
        urls = repo.git("remote", "get-url", "--push", "--all", name).text().split("\n")
        single = len(urls) == 1
        found += [Server(name if single else f"{name} ({redact(url)})", name if single else url, url) for url in urls]
    return found


def look(clone: Clone, server: Server, timeout: float) -> Seen:
    """Ask a server, as anybody would who fetches from it."""
    ref = f"refs/heads/{clone.branch}"
    for number in range(1, _TRIES + 1):
        result = git_over_network(clone.repo, "ls-remote", "--quiet", "--", server.url, ref, timeout=timeout)
        if result.status == 0:
            return Seen(server, _oid(result.stdout, ref))
        failure = failures.classify(result.status, result.stderr, result.seconds)
        if not failure.kind.passes or number == _TRIES:
            break
        time.sleep(_PAUSE)
    return Seen(server, failure=failure)


def _oid(listed: str, ref: str) -> str | None:
    return next((oid for oid, _, name in (line.partition("\t") for line in listed.split("\n")) if name == ref), None)


def push(clone: Clone, server: Server, complaint: str | None, timeout: float) -> Outcome:
    """Push the branch to one server, and see whether it still answers, with what was pushed.

    :param complaint: what it says to a push whose content it does not take.
    """
    ref = f"refs/heads/{clone.branch}"
    fixed = ("--porcelain", "--no-force", "--no-mirror", "--no-prune", "--no-follow-tags")
    config = [(f"remote.{server.target}.mirror", "false")] if server.target != server.url else []
    args = ("push", *fixed, "--", server.target, f"{ref}:{ref}")
    result = git_over_network(clone.repo, *args, timeout=timeout, config=config)
    pushed = pushing.read(server.name, result)
    if not pushed.ok:
        rejected = [Failure(Kind.REFUSED, each.why) for each in pushed.rejected]
        return Outcome(server, "failed", pushed.failure or rejected[0])
    complained = _complaint(complaint, result)
    if complained:
        return Outcome(server, "failed", Failure(Kind.REFUSED, complained), answered=True)
    seen = look(clone, server, timeout)
    if seen.failure is not None:
        return Outcome(server, "failed", seen.failure, answered=True)
    if seen.oid != clone.head:
        return Outcome(
            server, "failed", Failure(Kind.REFUSED, "it has another commit than the one pushed"), answered=True
        )
    return Outcome(server, "pushed" if pushed.moved else "up to date")


def _complaint(pattern: str | None, result: NetworkResult) -> str | None:
    found = re.search(pattern, result.stderr) if pattern else None
    return found[0].removeprefix("remote:").strip() if found else None


def ahead(repo: Repository, seen: Sequence[Seen], head: str) -> list[Seen]:
    """The servers that have commits which ``head`` lacks."""
    return [each for each in seen if each.oid and each.oid != head and not repo.is_ancestor(each.oid, head)]
