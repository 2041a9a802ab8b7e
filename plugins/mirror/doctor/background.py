"""The worker and the timer: whether something waits for a host and nobody is at it."""

import os
import sqlite3
import time
from collections.abc import Iterator
from functools import partial

from hookkit.api import Check, ago
from hookkit_plugins.mirror import calling
from hookkit_plugins.mirror.doctor.subject import Subject
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.stamps import last
from hookkit_plugins.mirror.waiting import opened, waiting_path

# Who has it run less often will read the warning once.
_QUIET = 6 * 3600.0


def checks(subject: Subject) -> Iterator[Check]:
    """One check for each host of the repository's remotes that something waits for, one for the timer if there was one."""
    yield from _timer(subject)
    yield from _workers(subject)


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
