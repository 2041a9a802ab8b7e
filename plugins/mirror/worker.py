"""The worker of one host: delivers what waits for it, of all repositories of this account, until nothing waits.

Started detached by a hook, or by ``hookkit mirror worker``. It keeps nothing in its head: killed at any point, the index
and the outboxes say what is left, and the next hook or command starts another one.
"""

import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from hookkit.api import HookkitError, Kind, Repository, log_line
from hookkit_plugins.mirror import history, notices, remotes, settings
from hookkit_plugins.mirror.delivery import Delivery
from hookkit_plugins.mirror.link import Link
from hookkit_plugins.mirror.outbox_file import open_outbox
from hookkit_plugins.mirror.passing import onward
from hookkit_plugins.mirror.retry import Deadline, DeliveryError
from hookkit_plugins.mirror.starting import lock_path
from hookkit_plugins.mirror.waiting import Item, Waiting, delay, opened, waiting_path

# ssh's servers take ten sessions over one connection (MaxSessions); leave some to others.
_AT_ONCE = 8
# How long it stays when nothing waits: the next push of a burst finds it running.
_LINGER = 3.0
_TICK = 0.2
# Seconds between two looks whether somebody is to be told that a remote is stale.
_LOOK = 60.0
# Seconds until another try, first and last: for what passes by itself, and for what somebody has to change.
_PASSING, _LASTING = (0.5, 30.0), (30.0, 900.0)
_PASS = {Kind.BUSY, Kind.LATE, Kind.DISK_FULL, Kind.SLOW}
# A probe that takes longer is no answer.
_PROBE_LIMIT = 12.0

Say = Callable[[str], None]


class _DownError(Exception):
    """The host cannot be reached."""


def main() -> None:
    """``python -c ... HOST``: what :func:`work` does, its log on standard error."""
    host = sys.argv[1]
    try:
        work(host, log_line)
    except (OSError, sqlite3.Error) as error:
        log_line(f"{host}: the worker ends: {error}")
        sys.exit(1)


def work(host: str, say: Say, linger: float = _LINGER) -> bool:
    """Deliver what waits for ``host`` until nothing does; False if another worker is at it.

    :param linger: seconds to stay when nothing waits.
    """
    from filelock import FileLock, Timeout

    path = waiting_path()
    while True:
        # Whoever looks whether a worker runs holds the lock for a moment.
        lock = FileLock(lock_path(str(path.parent), host), timeout=2, fallback_to_soft=False)
        try:
            lock.acquire()
        except Timeout:
            return False
        try:
            with opened() as index:
                _serve(host, path, index, say, linger)
        finally:
            lock.release()
        # Who found the lock taken after our last look has written down before what waits.
        if not path.exists():
            return True
        with opened() as index:
            if not index.count(host):
                return True


def _serve(host: str, path: Path, index: Waiting, say: Say, linger: float) -> None:
    idle_since = looked = time.monotonic()
    # An index that was removed, with its account perhaps, has nothing to say any more.
    while path.exists():
        down = index.breaker(host)
        pause = down.probe_at - time.time() if down else 0
        if pause <= 0 and (items := index.due(host, 1 if down else 4 * _AT_ONCE)):
            # Its threads end with the round: what tells plugins forks.
            concerned: set[str] = set()
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                _round(
                    host,
                    index,
                    items,
                    pool,
                    partial(_deliver, probe=down is not None, say=say, concerned=concerned),
                    say,
                )
            _tell(concerned, say)
            idle_since = time.monotonic()
        elif index.count(host):
            if time.monotonic() - looked > _LOOK:
                _tell(index.repositories(host), say)
                looked = time.monotonic()
            time.sleep(min(max(pause, _TICK), 1.0))
            idle_since = time.monotonic()
        elif time.monotonic() - idle_since > linger:
            return
        else:
            time.sleep(_TICK)


def _tell(repositories: Iterable[str], say: Say) -> None:
    """Have plugins told what became of the remotes."""
    for each in sorted(repositories):
        # What is wrong with one of them, the delivery has said.
        with contextlib.suppress(HookkitError):
            notices.tell(Repository.discover(each), say)


def _round(
    host: str,
    index: Waiting,
    items: list[Item],
    pool: ThreadPoolExecutor,
    attempt: Callable[[Item], float | None],
    say: Say,
) -> None:
    """Try ``items`` at the same time; one that finds the host down stops those that have not begun."""
    down = index.breaker(host)
    futures = {item: pool.submit(attempt, item) for item in items}
    for item, future in futures.items():
        if future.cancelled():
            continue
        try:
            pause = future.result()
        except _DownError as error:
            for other in futures.values():
                other.cancel()
            # Once a round: eight at a time that fail are one failure of the host.
            if not (known := index.breaker(host)) or known == down:
                seconds = index.trip(host, str(error))
                say(f"{host} is down ({error}); next try in {seconds:.1f}s, {index.count(host)} waiting")
            continue
        except Exception as error:  # a bug in one repository's delivery must not keep the others from theirs
            say(f"{item.repository} {item.remote}: {type(error).__name__}: {error}")
            # An outbox that was damaged under it is begun anew by the next try.
            pause = delay(item.tries, *(_PASSING if isinstance(error, sqlite3.Error) else _LASTING))
        else:
            if index.breaker(host) == down and down is not None:
                index.mend(host)
                say(f"{host} is back")
        if pause is None:
            index.done(host, item)
        else:
            index.later(host, item, pause)


def _deliver(item: Item, *, probe: bool, say: Say, concerned: set[str]) -> float | None:
    """Bring one remote of one repository up to date.

    :param probe: ask for one ref first: a host that was down may be still.
    :param concerned: gets the repository if other plugins want to be told what becomes of it.
    :returns: seconds until it is to be tried again; None: there is nothing left to try.
    :raises _DownError: its host cannot be reached.
    """
    try:
        repo = Repository.discover(item.repository)
        if not settings.is_on(repo):
            return None
        chosen = settings.read(repo)
        everyone = remotes.select(repo.config, repo.settings("mirror"), chosen.remotes)
    except HookkitError as error:
        say(f"{item.repository}: {error}")
        # One that is gone waits for nobody; what is wrong in its configuration somebody may change.
        return delay(item.tries, *_LASTING) if os.path.isdir(item.repository) else None  # noqa: PTH112
    remote = next((each for each in everyone if each.name == item.remote), None)
    if remote is None:
        return None
    if notices.is_wanted(repo):
        concerned.add(item.repository)
    outbox = open_outbox(repo, say)
    try:
        if probe:
            try:
                Link(repo, chosen._replace(attempts=1), remote, outbox, Deadline(_PROBE_LIMIT)).refs(
                    ["refs/heads/main"]
                )
            except DeliveryError as error:
                if error.failure.kind.unreachable:
                    outbox.failed(remote.name, remote.shown_url, error.failure.kind.value, str(error.failure))
                    raise _DownError(error.failure.cause) from None
        further = onward(repo, everyone)
        report = Delivery(repo, chosen, remote, outbox, further, Deadline(chosen.deadline)).run(full=False)
    finally:
        outbox.close()
    history.record(repo, report, "worker")
    for note in report.notes:
        say(f"{item.repository}: {note}")
    if report.failure is None:
        return delay(item.tries, *_PASSING) if report.taken else None
    say(f"{item.repository} {remote.name}: {report.failure}")
    if report.failure.kind.unreachable:
        raise _DownError(report.failure.cause)
    return delay(item.tries, *(_PASSING if report.failure.kind in _PASS else _LASTING))
