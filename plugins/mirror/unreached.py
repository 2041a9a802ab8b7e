"""Hosts that did not answer while many remotes were looked at: asking for each of them again would take hours."""

import threading

from hookkit.api import Failure, Repository
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.owing import pending
from hookkit_plugins.mirror.refs import filter_for
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.report import Report
from hookkit_plugins.mirror.settings import MirrorSettings
from hookkit_plugins.mirror.store import Outbox

# One repository, or remote, may fail for reasons of its own: its ssh settings, say.
_ENOUGH = 2


def skipped(repo: Repository, chosen: MirrorSettings, outbox: Outbox, remote: Remote, failure: Failure) -> Report:
    """Write down that ``remote``, whose host has not answered others, is not asked."""
    outbox.failed(remote.name, remote.shown_url, failure.kind.value, str(failure))
    since = outbox.known(remote.name, remote.shown_url).failing_since
    queued = pending(repo, outbox, remote, filter_for(chosen, remote)) - len(outbox.held(remote.name))
    return Report(remote, queued=queued, failing_since=since, failure=failure)


class Unreached:
    """What several threads have found out about hosts."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._failures: dict[str, list[Failure]] = {}
        self._answered: set[str] = set()

    def note(self, remote: Remote, failure: Failure | None) -> None:
        """Remember whether the host of ``remote``, which was asked, answered."""
        host = host_of(remote.url)
        with self._guard:
            if failure is not None and failure.kind.unreachable:
                self._failures.setdefault(host, []).append(failure)
            else:
                self._answered.add(host)

    def failure(self, remote: Remote) -> Failure | None:
        """Why ``remote`` need not be asked; None: nobody knows."""
        host = host_of(remote.url)
        with self._guard:
            found = self._failures.get(host, [])
            return found[-1] if len(found) >= _ENOUGH and host not in self._answered else None
