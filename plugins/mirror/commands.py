"""``hookkit mirror sync | worker | status | verify``."""

import os
import time
from collections.abc import Sequence
from typing import Any

import click

from hookkit.api import Repository, UsageError, terminal
from hookkit_plugins.mirror import calling, lines, remotes, settings, status, store, trail
from hookkit_plugins.mirror.fanout import deliver
from hookkit_plugins.mirror.hook import mark
from hookkit_plugins.mirror.link import Link
from hookkit_plugins.mirror.outbox_file import open_outbox
from hookkit_plugins.mirror.refs import RefFilter, short
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.report import Report
from hookkit_plugins.mirror.retry import Deadline, DeliveryError
from hookkit_plugins.mirror.verify import Difference, difference
from hookkit_plugins.mirror.waiting import opened
from hookkit_plugins.mirror.worker import work

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_which = click.argument("remote", nargs=-1)


@click.group(name="mirror")
def mirror() -> None:
    """Deliver to the remotes, and see where they stand."""


@mirror.command()
@_which
@_as_json
@click.pass_context
def sync(context: click.Context, remote: Sequence[str], as_json: bool) -> None:
    """Compare every ref with the remotes (all, or those named) and deliver what they lack, now.

    Refs that a remote did not take before are tried again. Exit status 1 if anything is left.
    """
    repo: Repository = context.obj.repository()
    chosen = settings.read(repo)
    targets = _selected(repo, remote)
    outbox = open_outbox(repo, terminal.warn)
    deadline = Deadline(chosen.deadline)
    itself = trail.identity(os.uname().nodename, repo.node, str(repo.git_dir))
    onward = trail.read(()).onward(itself, repo.node, map(mark, targets))
    reports: list[Report] = []

    def done(report: Report) -> None:
        reports.append(report)
        if not as_json:
            terminal.say(lines.line(report, time.time()))
            what_to_do = lines.hint(report)
            if what_to_do:
                terminal.say(f"hint: {what_to_do}")

    late = deliver(repo, chosen, targets, outbox, onward, deadline, done, full=True, lock_timeout=chosen.deadline)
    for each in late:
        terminal.warn(f"{each.name}: not ready within {chosen.deadline:g}s")
    if as_json:
        terminal.as_json([_report_data(report) for report in reports])
    if late or not all(report.ok and not report.taken for report in reports):
        context.exit(1)


def _report_data(report: Report) -> dict[str, Any]:
    return {
        "remote": report.remote.name,
        "sent": [{"ref": sent.change.ref, "new": sent.change.new, "forced": sent.forced} for sent in report.sent],
        "held": [{"ref": held.ref, "why": held.verdict, "detail": held.detail} for held in report.held],
        "queued": report.queued,
        "error": str(report.failure) if report.failure else None,
        "seconds": round(report.seconds, 3),
    }


@mirror.command(name="worker")
@click.argument("host", required=False)
def worker(host: str | None) -> None:
    """Deliver what waits for hosts that were down, of all repositories of this account.

    Without HOST a worker is started in the background for every host that something waits for: after a reboot, say.
    With HOST it works in the foreground until nothing waits for that host.
    """
    if host is None:
        _start_workers()
    elif not work(host, terminal.say, linger=0):
        terminal.say(f"{host}: a worker is at it already")


def _start_workers() -> None:
    with opened() as index:
        waiting = [(each, index.count(each)) for each in index.hosts()]
    for host, count in waiting:
        fresh = calling.start(host, os.environ)
        terminal.say(f"{host}: {count} waiting, a worker {'is started' if fresh else 'is at it'}")
    if not waiting:
        terminal.say("nothing waits")


@mirror.command(name="status")
@_as_json
@click.pass_context
def show(context: click.Context, as_json: bool) -> None:
    """Show what each remote has yet to be told, since when, and why."""
    repo: Repository = context.obj.repository()
    section = status.sections(repo)[0]
    if as_json:
        terminal.as_json(section.data)
    elif section.rows:
        terminal.table("", section.columns, section.rows)
    else:
        terminal.say("no remotes: add one with git remote add NAME URL")


@mirror.command()
@_which
@_as_json
@click.pass_context
def verify(context: click.Context, remote: Sequence[str], as_json: bool) -> None:
    """Ask the remotes (all, or those named) for every ref and compare; nothing is changed.

    Exit status 1 if one of them lacks a ref or has another value, or does not answer.
    """
    repo: Repository = context.obj.repository()
    chosen = settings.read(repo)
    mirrored = RefFilter(chosen.refs)
    outbox = store.Outbox(None)  # what is learned on the way is not written down
    ours = repo.refs()
    results: list[tuple[Remote, Difference | DeliveryError]] = []
    for each in _selected(repo, remote):
        try:
            theirs = Link(repo, chosen, each, outbox, Deadline(chosen.deadline)).refs()
            results.append((each, difference(ours, theirs, mirrored)))
        except DeliveryError as error:
            results.append((each, error))
    if as_json:
        terminal.as_json([_verdict_data(each, result) for each, result in results])
    elif results:
        columns = ("remote", "result", "equal", "missing", "different", "only there", "what")
        terminal.table("", columns, [_verdict_row(each, result) for each, result in results])
    else:
        terminal.say("no remotes: add one with git remote add NAME URL")
    if not all(isinstance(result, Difference) and result.in_sync for _, result in results):
        context.exit(1)


def _verdict_row(remote: Remote, result: Difference | DeliveryError) -> tuple[str, ...]:
    if isinstance(result, DeliveryError):
        return remote.name, result.failure.kind.value, "-", "-", "-", "-", result.failure.cause
    names = [*result.missing, *result.different][:3]
    counts = (result.equal, len(result.missing), len(result.different), len(result.only_there))
    verdict = "in-sync" if result.in_sync else "different"
    return remote.name, verdict, *map(str, counts), ", ".join(map(short, names))


def _verdict_data(remote: Remote, result: Difference | DeliveryError) -> dict[str, Any]:
    if isinstance(result, DeliveryError):
        return {"remote": remote.name, "result": "unknown", "error": str(result.failure)}
    return {
        "remote": remote.name,
        "result": "in-sync" if result.in_sync else "different",
        "equal": result.equal,
        "missing": result.missing,
        "different": {ref: {"here": here, "there": there} for ref, (here, there) in result.different.items()},
        "only_there": result.only_there,
    }


def _selected(repo: Repository, names: Sequence[str]) -> list[Remote]:
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
