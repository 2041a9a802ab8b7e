"""One try of the worker to bring one remote of one repository up to date."""

import os
from collections.abc import Callable
from typing import NamedTuple

from hookkit.api import HookkitError, Kind, Repository
from hookkit_plugins.mirror import calling, history, notices, remotes, settings
from hookkit_plugins.mirror.delivery import Delivery
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.link import Link
from hookkit_plugins.mirror.outbox_file import open_outbox
from hookkit_plugins.mirror.passing import onward
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.retry import Deadline, DeliveryError
from hookkit_plugins.mirror.settings import MirrorSettings
from hookkit_plugins.mirror.store import Outbox
from hookkit_plugins.mirror.waiting import LONGEST, Item, delay

# Seconds until another try, first and last: for what passes by itself, and for what somebody has to change.
PASSING, LASTING = (0.5, 30.0), (30.0, LONGEST)
_PASS = {Kind.BUSY, Kind.LATE, Kind.DISK_FULL, Kind.SLOW}
# A probe that takes longer is no answer.
_PROBE_LIMIT = 12.0

Say = Callable[[str], None]


class DownError(Exception):
    """The host cannot be reached."""


class Tried(NamedTuple):
    """What a try came to.

    :param pause: seconds until it is to be tried again; None: there is nothing left to try.
    :param answered: the host was asked, and is there.
    :param wanted: other plugins want to be told what becomes of the repository.
    """

    pause: float | None
    answered: bool = False
    wanted: bool = False


def attempt(host: str, item: Item, *, probe: bool, say: Say) -> Tried:
    """Deliver what ``item`` waits for.

    :param probe: ask for one ref first: a host that was down may be still.
    :raises DownError: ``host`` cannot be reached.
    """
    try:
        repo = Repository.discover(item.repository)
        # What is written down in a repository that hookkit was removed from would bring its folder back.
        if not repo.state_dir.is_dir() or not settings.is_on(repo):
            return Tried(None)
        chosen = settings.read(repo)
        everyone = remotes.select(repo.config, repo.settings("mirror"), chosen.remotes)
    except HookkitError as error:
        say(f"{item.repository}: {error}")
        # One that is gone waits for nobody; what is wrong in its configuration somebody may change.
        return Tried(delay(item.tries, *LASTING) if os.path.isdir(item.repository) else None)  # noqa: PTH112
    remote = next((each for each in everyone if each.name == item.remote), None)
    if remote is None:
        return Tried(None)
    if host_of(remote.url) != host:
        # Its URL was changed: it is another worker's, and says nothing about this host.
        problem = calling.leave(repo, [remote])
        if problem:
            say(f"{item.repository} {remote.name}: {problem}")
        return Tried(delay(item.tries, *LASTING) if problem else None)
    outbox = open_outbox(repo, say)
    try:
        if probe:
            _probe(repo, chosen, remote, outbox)
        further = onward(repo, everyone)
        report = Delivery(repo, chosen, remote, outbox, further, Deadline(chosen.deadline, patient=True)).run(
            full=False
        )
    finally:
        outbox.close()
    history.record(repo, report, "worker")
    for note in report.notes:
        say(f"{item.repository}: {note}")
    wanted = notices.is_wanted(repo)
    if report.failure is None:
        return Tried(delay(item.tries, *PASSING) if report.taken else None, answered=not report.taken, wanted=wanted)
    say(f"{item.repository} {remote.name}: {report.failure}")
    if report.failure.kind.unreachable:
        raise DownError(report.failure.cause)
    pause = delay(item.tries, *(PASSING if report.failure.kind in _PASS else LASTING))
    return Tried(pause, answered=True, wanted=wanted)


def _probe(repo: Repository, chosen: MirrorSettings, remote: Remote, outbox: Outbox) -> None:
    try:
        Link(repo, chosen._replace(attempts=1), remote, outbox, Deadline(_PROBE_LIMIT)).refs(["refs/heads/main"])
    except DeliveryError as error:
        if error.failure.kind.unreachable:
            outbox.failed(remote.name, remote.shown_url, error.failure.kind.value, str(error.failure))
            raise DownError(error.failure.cause) from None
