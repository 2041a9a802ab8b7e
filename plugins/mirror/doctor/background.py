"""The worker and the timer: whether something waits and nobody is at it."""

import contextlib
import os
import shlex
import sqlite3
import time
from collections.abc import Iterator
from functools import partial

from hookkit.api import Check, HookkitError, ago
from hookkit_plugins.mirror import calling
from hookkit_plugins.mirror.doctor.subject import QUIET, Subject
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.locks import held
from hookkit_plugins.mirror.refs import filter_for
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.stamps import last
from hookkit_plugins.mirror.status import Standing, standings
from hookkit_plugins.mirror.waiting import damaged, opened, waiting_path
from hookkit_plugins.mirror.words import refs

# Seconds until a hook that has written down what it owes has begun to deliver it.
_BEGINS = 3.0
# So long, in seconds, a hook may still be at it where somebody delivers; and where nobody can know whether somebody does.
_SOON = 120.0


def checks(subject: Subject) -> Iterator[Check]:
    """One check for each host of the repository's remotes that something waits for, one for the timer if there was one."""
    yield from _timer(subject)
    yield from _workers(subject)
    yield from _lost()
    if subject.settings.worker:
        yield from _forgotten(subject)
    elif not subject.has_timer:
        yield from _by_hand(subject)


def _timer(subject: Subject) -> Iterator[Check]:
    ran = last(subject.repo.path.resolve())
    if ran is None:
        return
    cause = f"hookkit mirror sync --all ran {ago(time.time() - ran)} ago"
    if time.time() - ran > QUIET:
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


def _lost() -> Iterator[Check]:
    """What waited when the index was damaged; this repository's part of it is found below, that of others is not."""
    with contextlib.suppress(OSError):
        for path in damaged():
            cause = (
                f"{path} was damaged and put aside: what waited then, in all repositories of this account, is not known"
            )
            hint = (
                f"hookkit mirror sync --all DIR, for each folder with repositories; then: rm {shlex.quote(str(path))}*"
            )
            yield Check("index of what waits", "warning", cause, hint)


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
                _sync(remote),
                partial(_leave, subject, remote),
            )


def _by_hand(subject: Subject) -> Iterator[Check]:
    """What remotes lack where nobody but people delivers."""
    for remote, what in _lacking(subject):
        cause = f"{what}, workers are off here and no timer runs"
        yield Check(f"waiting for {remote.name}", "warning", cause, _sync(remote))


def _sync(remote: Remote) -> str:
    return f"hookkit mirror sync {shlex.quote(remote.of)}"


def _lacking(subject: Subject) -> Iterator[tuple[Remote, str]]:
    """The remotes that lack something which nobody delivers just now, and what."""
    now = time.time()
    here = subject.repo.refs()
    found = standings(subject.repo)
    busy = held(subject.repo, [each.remote.name for each in found])
    for each in found:
        waiting = each.pending - len(each.held)
        if each.known.compared is None and not waiting:
            # Written down nowhere: it is new, has got another name or URL, or the outbox was lost.
            mirrored = filter_for(subject.settings, each.remote)
            if not each.known.error and any(ref in mirrored for ref in here):
                yield each.remote, "it was never compared with what is here"
        elif waiting > 0 and each.since is not None and not _is_on_its_way(subject, each, busy, now - each.since):
            yield each.remote, f"{refs(waiting)} behind since {ago(now - each.since)}"


def _is_on_its_way(subject: Subject, standing: Standing, busy: set[str] | None, age: float) -> bool:
    """Whether whoever pushed ``age`` seconds ago may be delivering to the remote, or about to.

    :param busy: the remotes that somebody delivers to; None: that cannot be known.
    """
    soon = max(_SOON, 2 * subject.settings.wait)
    if busy is None:
        return age < soon
    if standing.remote.name in busy:
        return True
    # A hook that still delivers to others leaves what failed, or has not had its turn, to a worker when it ends.
    return age < (soon if busy else _BEGINS) and bool(busy or not standing.known.error)


def _leave(subject: Subject, remote: Remote) -> None:
    problem = calling.leave(subject.repo, [remote])
    if problem:
        raise HookkitError(problem)
