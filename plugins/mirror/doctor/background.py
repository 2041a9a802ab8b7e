"""The worker: whether something waits for a host and nobody is at it."""

import os
import sqlite3
from collections.abc import Iterator
from functools import partial

from hookkit.api import Check
from hookkit_plugins.mirror import calling
from hookkit_plugins.mirror.doctor.subject import Subject
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.waiting import opened, waiting_path


def checks(subject: Subject) -> Iterator[Check]:
    """One check for each host of the repository's remotes that something waits for."""
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
