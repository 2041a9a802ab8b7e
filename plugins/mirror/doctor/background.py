"""The worker and the timer: whether something waits and nobody is at it."""

import os
import shlex
import sqlite3
import time
from collections.abc import Iterator
from functools import partial

from hookkit.api import Check, HookkitError, ago
from hookkit_plugins.mirror import calling
from hookkit_plugins.mirror.doctor.subject import Subject
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.refs import filter_for
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.stamps import last
from hookkit_plugins.mirror.status import standings
from hookkit_plugins.mirror.waiting import opened, waiting_path

# Who has it run less often will read the warning once.
_QUIET = 6 * 3600.0
# Until then whoever pushed may still be at it.
_SOON = 120.0


def checks(subject: Subject) -> Iterator[Check]:
    """One check for each host of the repository's remotes that something waits for, one for the timer if there was one."""
    yield from _timer(subject)
    yield from _workers(subject)
    if subject.settings.worker:
        yield from _forgotten(subject)


def _timer(subject: Subject) -> Iterator[Check]:
    ran = last(subject.repo.path.resolve())
    if ran is None:
        return
    cause = f"hookkit mirror sync --all ran {ago(time.time() - ran)} ago"
    if time.time() - ran > _QUIET:
        yield Check("timer", "warning", cause, "systemctl --user list-timers hookkit-sync.timer, or crontab -l")
    else:
        yield Check("timer", "ok", cause)


def _workers(subject: Subject) -> Iterator[Check]:
    try:
        if not waiting_path().exists():
            return
        with opened() as index:
            counts = {host: index.count(host) for host in {host_of(each.url) for each in subject.remotes}}
    except (OSError, sqlite3.Error) as error:
        yield Check("worker", "warning", f"what waits for it cannot be read: {error}", "hookkit mirror sync")
        return
    for host, count in sorted(counts.items()):
        if count and calling.is_running(host):
            yield Check(f"worker for {host}", "ok", f"is at it, {count} waiting")
        elif count:
            start = partial(calling.start, host, os.environ)
            yield Check(
                f"worker for {host}", "problem", f"none is running, {count} waiting", "hookkit mirror worker", start
            )


def _forgotten(subject: Subject) -> Iterator[Check]:
    """What remotes lack, and no worker has been told of."""
    lacking = dict(_lacking(subject))
    try:
        waiting = calling.waiting(subject.repo, lacking)
    except (OSError, sqlite3.Error):
        return  # has been said
    for remote, what in lacking.items():
        if remote not in waiting:
            yield Check(
                f"waiting for {remote.name}",
                "warning",
                f"{what}, and no worker knows of it",
                f"hookkit mirror sync {shlex.quote(remote.of)}",
                partial(_leave, subject, remote),
            )


def _lacking(subject: Subject) -> Iterator[tuple[Remote, str]]:
    now = time.time()
    here = subject.repo.refs()
    for each in standings(subject.repo):
        waiting = each.pending - len(each.held)
        if each.known.compared is None and not waiting:
            # Written down nowhere: it is new, has got another name or URL, or the outbox was lost.
            mirrored = filter_for(subject.settings, each.remote)
            if not each.known.error and any(ref in mirrored for ref in here):
                yield each.remote, "it was never compared with what is here"
        elif waiting > 0 and each.since is not None and now - each.since > max(_SOON, 2 * subject.settings.wait):
            yield each.remote, f"{waiting} ref{'' if waiting == 1 else 's'} behind since {ago(now - each.since)}"


def _leave(subject: Subject, remote: Remote) -> None:
    problem = calling.leave(subject.repo, [remote])
    if problem:
        raise HookkitError(problem)
