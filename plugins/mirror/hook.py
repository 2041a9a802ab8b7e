"""What happens after a push: it is written down for every remote, and sent to them while the pusher waits."""

import _sqlite3 as sqlite3  # as in ledger
import contextlib
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hookkit.api import ConfigError, Push, RefUpdate, Repository, ago, has_plugins, options
from hookkit_plugins.mirror import lines, noted, remotes, settings, trail, words
from hookkit_plugins.mirror.hookspecs import NOTICES
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.outbox_file import open_outbox
from hookkit_plugins.mirror.owing import pending
from hookkit_plugins.mirror.passing import identity, mark, onward
from hookkit_plugins.mirror.refs import Filter, filter_for
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.report import Report
from hookkit_plugins.mirror.settings import MirrorSettings
from hookkit_plugins.mirror.store import Outbox
from hookkit_plugins.mirror.values import Values

if TYPE_CHECKING:
    from hookkit_plugins.mirror.waiting import Breaker, Item


def after_push(repo: Repository, push: Push) -> None:
    """Mirror what ``push`` changed in ``repo``."""
    try:
        chosen = settings.read(repo)
        everyone = remotes.select(repo.config, repo.settings("mirror"), chosen.remotes)
    except ConfigError:
        # A mistake in the configuration is no reason to forget what happened: what turns out not to be wanted is dropped
        # by the next delivery.
        open_outbox(repo, _say, lambda outbox: outbox.owe(push.updates, remotes.names(repo.config))).close()
        raise
    ends_at = time.monotonic() + chosen.wait
    owed = _by_updates(push.updates, chosen, everyone)
    everyone = [remote for remote in everyone if any(remote in those for those in owed.values())]
    if not everyone:
        return
    told = trail.read(push.options)
    ends = told.ends_at(identity(repo), chosen.hops)
    targets = [remote for remote in everyone if not ends and not told.covers(remote.of, [mark(remote)])]
    say = _say if repo.settings().get(options.OUTPUT) != "none" else _silent
    covered = [remote for remote in everyone if remote not in targets]

    def owe(outbox: Outbox) -> None:
        for updates, those in owed.items():
            told_here, elsewhere = ([each.name for each in those if each in part] for part in (targets, covered))
            outbox.owe(updates, told_here, covered=elsewhere)

    outbox = open_outbox(repo, say, owe)
    try:
        _bring(repo, chosen, targets, covered, outbox, told, ends_at, say)
    finally:
        outbox.let_go()


def _bring(
    repo: Repository,
    chosen: MirrorSettings,
    targets: list[Remote],
    covered: list[Remote],
    outbox: Outbox,
    told: trail.Trail,
    ends_at: float,
    say: Callable[[str], None],
) -> None:
    """Bring what is written down to ``targets``, or leave it to the worker."""
    # What it sent us it has, but what it is owed is settled by asking it: a trail can be forged.
    targets += [remote for remote in covered if remote.of == told.sender and outbox.owed(remote.name)[0]]
    if not targets:
        return
    down, waited = _waiting(repo, targets, outbox, say) if chosen.worker else ({}, {})
    for remote, breaker in down.items():
        count = pending(repo, outbox, remote, filter_for(chosen, remote))
        say(words.offline(remote.name, count, ago(time.time() - breaker.since)))
    if chosen.wait == 0:
        _leave(repo, chosen, [remote for remote in targets if remote not in down], outbox, say)
        if down:
            _call_worker(repo, list(down), say)
        return
    # Those that are down too: what they are owed is this node's to deliver, and nobody else has to wait for them.
    further = onward(repo, targets, told)
    targets = [remote for remote in targets if remote not in down]
    later, late = list(down), list[Remote]()
    if targets:
        left, late = _send(repo, chosen, targets, outbox, further, ends_at, say, waited)
        later += left
    if later and chosen.worker:
        _call_worker(repo, later, say)
    # If somebody is late a thread is still at work, and what tells plugins forks.
    if not late and has_plugins(repo, *NOTICES):
        from hookkit_plugins.mirror import notices

        notices.tell(repo, say)


def _by_updates(
    updates: Sequence[RefUpdate], chosen: MirrorSettings, everyone: list[Remote]
) -> dict[tuple[RefUpdate, ...], list[Remote]]:
    """What is to be told, and to which of the remotes: peers are told something else than mirrors."""
    owed: dict[tuple[RefUpdate, ...], list[Remote]] = {}
    filters: dict[str, Filter] = {}
    for remote in everyone:
        mirrored = filters.setdefault(remote.kind, filter_for(chosen, remote))
        wanted = tuple(update for update in updates if update.ref in mirrored)
        if wanted:
            owed.setdefault(wanted, []).append(remote)
    return owed


def _send(
    repo: Repository,
    chosen: MirrorSettings,
    targets: list[Remote],
    outbox: Outbox,
    further: trail.Trail,
    ends_at: float,
    say: Callable[[str], None],
    waited: dict[Remote, "Item"],
) -> tuple[list[Remote], list[Remote]]:
    """Deliver while the pusher waits; the remotes that are left for the worker, and those that were not ready in time.

    :param waited: what was left to a worker before.
    """
    values = Values(repo)
    # While the rest is imported: the same debts are owed to all.
    values.look_up(outbox.debts(targets[0].name, waiting=True))
    # Only now: most pushes between nodes, and those whose remotes are all down, end without.
    from hookkit_plugins.mirror.fanout import deliver
    from hookkit_plugins.mirror.retry import Deadline

    only_failures = repo.settings().get(options.OUTPUT) == "failures"
    left: list[Remote] = []
    settled: list[Remote] = []
    unreachable: dict[str, str] = {}

    def done(report: Report) -> None:
        if not (only_failures and report.ok):
            # Where something has to be changed first, typing it would change nothing.
            passes = report.failure and (report.failure.kind.passes or report.failure.kind.unreachable)
            by_hand = passes and report.queued and not chosen.worker
            say(lines.line(report, time.time()) + (words.BY_HAND if by_hand else ""))
        for note in report.notes:
            if noted.is_new(note):
                say(note)
        if report.taken or report.failure:
            left.append(report.remote)
        elif report.remote in waited:
            settled.append(report.remote)
        if report.failure and report.failure.kind.unreachable:
            unreachable[host_of(report.remote.url)] = report.failure.cause

    deadline = Deadline(ends_at - time.monotonic())
    late = deliver(repo, chosen, targets, outbox, further, deadline, done, by="push", values=values)
    _leave(repo, chosen, late, outbox, say)
    if unreachable and chosen.worker:
        _trip(unreachable)
    if settled:
        from hookkit_plugins.mirror import calling

        calling.settled(settled, waited)
    return left, late


def _waiting(
    repo: Repository, targets: list[Remote], outbox: Outbox, say: Callable[[str], None]
) -> tuple[dict[Remote, "Breaker"], dict[Remote, "Item"]]:
    """The remotes whose host is known to be down: nobody waits for them; and what waits for a worker of the others."""
    from hookkit_plugins.mirror.waiting import opened, waiting_path

    down: dict[Remote, Breaker] = {}
    waited: dict[Remote, Item] = {}
    try:
        if not waiting_path().exists():
            return down, waited
        with opened(say) as index:
            for remote in targets:
                host = host_of(remote.url)
                if breaker := index.breaker(host):
                    down[remote] = breaker
                    outbox.failed(remote.name, remote.shown_url, "offline", f"offline: {breaker.error}")
                elif item := index.waits(host, str(repo.git_dir), remote.name):
                    waited[remote] = item
    except (OSError, sqlite3.Error):
        return {}, {}  # then they are asked themselves
    return down, waited


def _trip(unreachable: dict[str, str]) -> None:
    """Remember which hosts do not answer; without it the next push waits for them too, nothing else."""
    from hookkit_plugins.mirror.waiting import opened

    with contextlib.suppress(OSError, sqlite3.Error), opened() as index:
        for host, cause in unreachable.items():
            index.trip(host, cause)


def _leave(
    repo: Repository, chosen: MirrorSettings, targets: list[Remote], outbox: Outbox, say: Callable[[str], None]
) -> None:
    """Leave ``targets`` to the worker, if there is to be one, and say so."""
    if targets:
        called = chosen.worker and _call_worker(repo, targets, say)
        for remote in targets:
            say(words.queued(remote.name, outbox.owed(remote.name)[0], by_worker=called))


def _call_worker(repo: Repository, targets: list[Remote], say: Callable[[str], None]) -> bool:
    from hookkit_plugins.mirror.calling import leave

    problem = leave(repo, targets, say)
    if problem:
        say(f"hookkit: no worker could be called ({problem}); deliver: hookkit mirror sync")
    return problem is None


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _silent(line: str) -> None:
    """The repository wants no output from plugins."""
