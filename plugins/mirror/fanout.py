"""Delivering to several remotes at the same time."""

import _sqlite3 as sqlite3  # as in ledger
import contextlib
import threading
from collections.abc import Callable, Iterable

from hookkit.api import Failure, Kind, Repository, bug
from hookkit_plugins.mirror import history
from hookkit_plugins.mirror.delivery import Delivery
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.report import Report
from hookkit_plugins.mirror.retry import Deadline
from hookkit_plugins.mirror.settings import MirrorSettings
from hookkit_plugins.mirror.store import Outbox
from hookkit_plugins.mirror.trail import Trail
from hookkit_plugins.mirror.unreached import Unreached, skipped
from hookkit_plugins.mirror.values import Values

# A network command ends at the deadline by itself; what follows it is short. In seconds.
_AFTER = 1.0


def deliver(
    repo: Repository,
    settings: MirrorSettings,
    remotes: Iterable[Remote],
    outbox: Outbox,
    trail: Trail | None,
    deadline: Deadline,
    done: Callable[[Report], None],
    *,
    by: str,
    full: bool = False,
    lock_timeout: float = 0,
    values: Values | None = None,
) -> list[Remote]:
    """Bring ``remotes`` up to date in parallel, at most ``settings.jobs`` at a time.

    :param by: who delivers, for the record.
    :param values: what refs are here, as far as that was looked up.
    :param done: is told about each remote as it is ready; one call at a time.
    :returns: the remotes that were not ready by the deadline.
    :raises Exception: what ``done`` raised; the others were completed first.
    """
    waiting = in_turn(remotes)
    unfinished = {remote.name: remote for remote in waiting}
    guard = threading.Lock()
    shared = values or Values(repo)
    hosts = Unreached()
    broken: list[Exception] = []

    def work() -> None:
        while True:
            with guard:
                if not waiting:
                    return
                remote = waiting.pop(0)
            report = _tried(one, remote, outbox)
            try:
                with guard:
                    if unfinished.pop(remote.name, None):
                        done(report)
            except Exception as error:  # handed to the caller, below
                broken.append(error)
            history.record(repo, report, by)

    def one(remote: Remote, own: Outbox) -> Report:
        if known := hosts.failure(remote):
            return skipped(repo, settings, own, remote, known)
        report = Delivery(repo, settings, remote, own, trail, deadline, shared).run(
            full=full, lock_timeout=lock_timeout
        )
        if not report.taken:
            hosts.note(remote, report.failure)
        return report

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(settings.jobs, len(waiting)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive() and not deadline.is_over(by=_AFTER):
            thread.join(deadline.left() + _AFTER)
    with guard:
        late = list(unfinished.values())
        unfinished.clear()
    if broken:
        raise broken[0]
    return late


def in_turn(remotes: Iterable[Remote]) -> list[Remote]:
    """First one of each host, then another one of each: many on a host that is frozen keep no other host waiting. Pure."""
    hosts: dict[str, int] = {}
    turns: list[tuple[int, Remote]] = []
    for remote in remotes:
        host = host_of(remote.url)
        hosts[host] = hosts.get(host, 0) + 1
        turns.append((hosts[host], remote))
    return [remote for _, remote in sorted(turns, key=lambda each: each[0])]


def _tried(one: Callable[[Remote, Outbox], Report], remote: Remote, outbox: Outbox) -> Report:
    """What ``one`` reports; what fails on this side is a failure too, and the other remotes do not suffer from it."""
    queued = 0
    try:
        with contextlib.closing(outbox.another()) as own:
            queued = own.owed(remote.name)[0]
            return one(remote, own)
    except (OSError, sqlite3.Error) as error:
        failure = Failure(Kind.REFUSED, f"on this side: {error}", "hookkit doctor looks why")
    except Exception as error:  # a bug that this remote brings to light
        found = bug(error, f"delivering to {remote.name}")
        failure = Failure(Kind.REFUSED, f"{found.message}: {found.cause}", found.hint)
    return Report(remote, queued=queued, failure=failure)
