"""``hookkit mirror sync``: one repository, or every one below a folder."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hookkit.api import Failure, HookkitError, Repository, UsageError, summary, terminal
from hookkit_plugins.mirror import calling, lines, notices, remotes, settings
from hookkit_plugins.mirror.comparing import Refs, idle
from hookkit_plugins.mirror.fanout import deliver
from hookkit_plugins.mirror.many import each_below
from hookkit_plugins.mirror.outbox_file import open_outbox
from hookkit_plugins.mirror.passing import onward
from hookkit_plugins.mirror.peers import receive
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.report import Report
from hookkit_plugins.mirror.retry import Deadline
from hookkit_plugins.mirror.settings import MirrorSettings
from hookkit_plugins.mirror.stamps import stamp
from hookkit_plugins.mirror.unreached import Unreached, skipped


class Outcome(NamedTuple):
    """What became of one repository: a report for each remote, those that were not ready in time, or why it failed.

    :param refused: journals of peers were not taken, or peers do not carry out theirs; why has been said.
    """

    path: Path
    reports: tuple[Report, ...] = ()
    late: tuple[str, ...] = ()
    refused: bool = False
    error: HookkitError | None = None

    @property
    def ok(self) -> bool:
        """Nothing is left."""
        return (
            self.error is None
            and not self.late
            and not self.refused
            and all(each.ok and not each.taken for each in self.reports)
        )


class Left(NamedTuple):
    """What a sync has left beside what its reports say: remotes not ready in time, and whether journals were refused.

    Journals that are not carried out at a peer are so too.
    """

    late: list[Remote]
    refused: bool


def sync_now(repo: Repository, chosen: MirrorSettings, targets: list[Remote], done: Callable[[Report], None]) -> Left:
    """Compare every ref with ``targets``, take what peers have written down, and deliver what they lack.

    Workers have that much less to do, or more: what could not be delivered is left to them.
    """
    outbox = open_outbox(repo, terminal.warn)
    deadline, further = Deadline(chosen.deadline, patient=True), onward(repo, targets)
    try:
        waited = calling.waiting(repo, targets)
    except (OSError, sqlite3.Error):
        waited = {}
    reached: list[Remote] = []
    failed: list[Remote] = []
    try:
        seen: dict[str, Refs] = {}
        taken = receive(repo, chosen, targets, outbox, deadline, terminal.warn, seen)
        told: list[Remote] = []

        def heard(report: Report) -> None:
            told.extend([report.remote] if report.sent else [])
            if not report.taken:
                (failed if report.failure else reached).append(report.remote)
            done(report)

        late = deliver(
            repo, chosen, targets, outbox, further, deadline, heard, by="sync", full=True, lock_timeout=chosen.deadline
        )
        if not late:
            # What they were told may have made them write something down.
            for each in told:
                seen.pop(each.name, None)
            taken = receive(repo, chosen, told, outbox, deadline, terminal.warn, seen) and taken
            for name, why in idle(repo, chosen, reached, seen, outbox, deadline).items():
                terminal.warn(f"hookkit: {name}  {why}")
                taken = False
        calling.settled(reached, waited)
        _leave(repo, chosen, [*failed, *late])
        return Left(late, not taken)
    finally:
        outbox.close()


def _leave(repo: Repository, chosen: MirrorSettings, targets: list[Remote]) -> None:
    problem = calling.leave(repo, targets, terminal.warn) if targets and chosen.worker else None
    if problem:
        terminal.warn(f"no worker could be called ({problem})")


def sync_below(folder: Path, names: Sequence[str], as_json: bool) -> bool:
    """Do it in every repository below ``folder`` where hookkit is installed and mirrors; whether nothing is left anywhere.

    :param names: remotes; in repositories without them nothing is done.
    """
    unreadable: list[OSError] = []
    outcomes: list[Outcome] = []
    hosts = Unreached()
    for path, found in each_below(folder, lambda repo: _sync_one(repo, names, hosts), unreadable.append):
        outcome = Outcome(path, error=found) if isinstance(found, HookkitError) else found
        outcomes.append(outcome)
        if not as_json:
            _show(outcome)
    for outcome in outcomes:
        # What is wrong with one of them is in its outcome.
        with contextlib.suppress(HookkitError):
            notices.tell(Repository.discover(outcome.path), terminal.warn)
    for error in unreadable:
        terminal.warn(f"{error.filename}: {error.strerror}")
    stamp(folder)
    left = sum(not outcome.ok for outcome in outcomes)
    if as_json:
        terminal.as_json([_data(outcome) for outcome in outcomes])
    else:
        count = f"{len(outcomes)} {'repository' if len(outcomes) == 1 else 'repositories'} below {folder}"
        terminal.say(f"{count}: " + (f"{left} with something left" if left else "all in sync"))
    return not left and not unreadable


def _sync_one(repo: Repository, names: Sequence[str], hosts: Unreached) -> Outcome:
    reports: list[Report] = []

    def done(report: Report) -> None:
        if not report.taken:
            hosts.note(report.remote, report.failure)
        reports.append(report)

    try:
        chosen, everyone = settings.read(repo), selected(repo, ())
        targets = [each for each in everyone if not names or each.name in names or each.of in names]
        down = {each: failure for each in targets if (failure := hosts.failure(each))}
        left = sync_now(repo, chosen, [each for each in targets if each not in down], done)
        reports += _skip(repo, chosen, down)
    except HookkitError as error:
        return Outcome(repo.path, tuple(reports), error=error)
    return Outcome(repo.path, tuple(reports), tuple(each.name for each in left.late), left.refused)


def _skip(repo: Repository, chosen: MirrorSettings, down: dict[Remote, Failure]) -> list[Report]:
    """Leave remotes whose hosts did not answer others to the workers."""
    if not down:
        return []
    reports: list[Report] = []
    with contextlib.closing(open_outbox(repo, terminal.warn)) as outbox:
        reports += [skipped(repo, chosen, outbox, each, failure) for each, failure in down.items()]
    _leave(repo, chosen, list(down))
    return reports


def _show(outcome: Outcome) -> None:
    """What was delivered or is left; nothing about what was in sync."""
    for report in outcome.reports:
        if report.sent or not report.ok or report.taken:
            terminal.say(f"{outcome.path}: {lines.line(report, time.time()).removeprefix('hookkit: ')}")
    for name in outcome.late:
        terminal.warn(f"{outcome.path}: {name} was not ready in time")
    if outcome.error:
        terminal.warn(f"{outcome.path}: {summary(outcome.error)}")


def _data(outcome: Outcome) -> dict[str, Any]:
    return {
        "repository": str(outcome.path),
        "remotes": [report_data(report) for report in outcome.reports],
        "late": list(outcome.late),
        "error": summary(outcome.error) if outcome.error else None,
    }


def show_report(report: Report) -> None:
    """One line, and what to do about it."""
    terminal.say(lines.line(report, time.time()))
    what_to_do = lines.hint(report)
    if what_to_do:
        terminal.say(f"hint: {what_to_do}")


def report_data(report: Report) -> dict[str, Any]:
    """JSON values about one remote."""
    return {
        "remote": report.remote.name,
        "sent": [{"ref": sent.change.ref, "new": sent.change.new, "forced": sent.forced} for sent in report.sent],
        "held": [{"ref": held.ref, "why": held.verdict, "detail": held.detail} for held in report.held],
        "queued": report.queued,
        "error": str(report.failure) if report.failure else None,
        "seconds": round(report.seconds, 3),
    }


def selected(repo: Repository, names: Sequence[str]) -> list[Remote]:
    """The remotes that are named, or all that are mirrored to.

    :raises UsageError: there is none of that name, or it is off.
    """
    if not names:
        return remotes.select(repo.config, repo.settings("mirror"), settings.read(repo).remotes)
    there = remotes.select(repo.config, repo.settings("mirror"), ())
    known = dict.fromkeys(name for each in there for name in (each.of, each.name))
    for name in names:
        if name not in known:
            raise UsageError(
                f"there is no remote {name!r} to mirror to",
                hint=f"remotes here: {', '.join(known) or 'none'}; one is left out with remote.<name>.hookkit = off",
            )
    return [each for each in there if each.name in names or each.of in names]
