"""``hookkit mirror sync | worker | status | verify``."""

import os
import sqlite3
import time
from collections.abc import Sequence
from pathlib import Path

import click

from hookkit.api import HookkitError, Repository, UsageError, terminal
from hookkit_plugins.mirror import calling, history, notices, settings, status, timer
from hookkit_plugins.mirror.report import Report
from hookkit_plugins.mirror.syncing import report_data, selected, show_report, sync_below, sync_now
from hookkit_plugins.mirror.verifying import verify_below, verify_one
from hookkit_plugins.mirror.waiting import damaged, opened, waiting_path
from hookkit_plugins.mirror.worker import work

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_which = click.argument("remote", nargs=-1)
_below = click.option(
    "--all",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Every repository below DIR where hookkit is installed; one that fails does not stop the others.",
)


@click.group(name="mirror")
def mirror() -> None:
    """Deliver to the remotes, and see where they stand."""


@mirror.command(short_help="Deliver what the remotes lack, now.")
@_which
@_as_json
@_below
@click.pass_context
def sync(context: click.Context, remote: Sequence[str], as_json: bool, folder: Path | None) -> None:
    """Compare every ref with the remotes (all, or those named) and deliver what they lack, now.

    Refs that a remote did not take before are tried again. Exit status 1 if anything is left.
    """
    if folder is not None:
        context.exit(0 if sync_below(folder, remote, as_json) else 1)
    repo: Repository = context.obj.repository()
    chosen = settings.read(repo)
    reports: list[Report] = []

    def done(report: Report) -> None:
        reports.append(report)
        if not as_json:
            show_report(report)

    left = sync_now(repo, chosen, selected(repo, remote), done)
    notices.tell(repo, terminal.warn)
    for each in left.late:
        terminal.warn(f"{each.name}: not ready within {chosen.deadline:g}s")
    if as_json:
        terminal.as_json([report_data(report) for report in reports])
    if left.late or left.refused or not all(report.ok and not report.taken for report in reports):
        context.exit(1)


@mirror.command(name="log", short_help="Show what was delivered when, and what failed.")
@_which
@click.option("-n", "limit", metavar="N", type=click.IntRange(1), default=20, show_default=True, help="At most N.")
@_as_json
@click.pass_context
def show_log(context: click.Context, remote: Sequence[str], limit: int, as_json: bool) -> None:
    """Show what was delivered when, how long it took, and what failed, newest first.

    Of the last 5,000 deliveries of this repository; those that found nothing to do are not among them.
    """
    repo: Repository = context.obj.repository()
    try:
        found = history.entries(repo, _recorded(repo, remote), limit)
    except sqlite3.Error as error:
        raise HookkitError("the record of deliveries cannot be read", cause=str(error)) from None
    if as_json:
        terminal.as_json([each._asdict() | {"at": status.iso(each.at)} for each in found])
    elif found:
        rows = [
            (_time(each.at), each.remote, each.by, each.outcome, f"{each.seconds:.2f}s", each.what) for each in found
        ]
        terminal.table("", ("when", "remote", "by", "outcome", "took", "what"), rows)
    else:
        terminal.say("nothing was delivered yet")


def _recorded(repo: Repository, names: Sequence[str]) -> list[str]:
    """What the remotes ``names`` are called in the record; also those that are not there any more.

    :raises UsageError: nothing is, or ever was, delivered to one of them.
    """
    once = [row[0] for row in history.tallies(repo)] if names else []
    found: list[str] = []
    for name in names:
        gone = [each for each in once if name in (each, each.partition(":")[0])]
        found += gone or [each.name for each in selected(repo, [name])]
    return found


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(seconds))


@mirror.command(name="worker", short_help="Deliver what waits for hosts that were down.")
@click.argument("host", required=False)
@click.pass_context
def worker(context: click.Context, host: str | None) -> None:
    """Deliver what waits for hosts that were down, of all repositories of this account.

    Without HOST a worker is started in the background for every host that something waits for: after a reboot, say.
    With HOST it works in the foreground until nothing waits for that host. Exit status 1 if what waits is not known, as
    the file in which that is written down was damaged.
    """
    try:
        if host is None:
            context.exit(0 if _start_workers() else 1)
        with opened() as index:
            hosts = index.hosts()
        if host not in hosts:
            others = f"; what waits, waits for {', '.join(hosts)}" if hosts else ""
            terminal.say(f"nothing waits for {host}{others}")
        elif not work(host, terminal.say, linger=0):
            terminal.say(f"{host}: a worker is at it already")
    except (OSError, sqlite3.Error) as error:
        cause = f"{waiting_path()}: {error}" if isinstance(error, sqlite3.Error) else str(error)
        hint = "hookkit doctor looks why; hookkit mirror sync --all DIR delivers without it"
        raise HookkitError("what waits for workers cannot be read", cause=cause, hint=hint) from None


def _start_workers() -> bool:
    """Start them; False: there may be more that waits than the index knows."""
    with opened() as index:
        waiting = [(each, index.count(each)) for each in index.hosts()]
    for host, count in waiting:
        fresh = calling.start(host, os.environ)
        terminal.say(f"{host}: {count} waiting, a worker {'is started' if fresh else 'is at it'}")
    lost = damaged()
    if lost:
        terminal.warn(f"what waited when {lost[-1]} was damaged is not known")
        terminal.say("hint: hookkit mirror sync --all DIR delivers it; then remove that file")
        return False
    if not waiting:
        terminal.say("nothing waits")
    return True


@mirror.command(name="timer", short_help="Print a timer, or a cron line, that runs sync.")
@click.argument(
    "folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path)
)
@click.option("--cron", is_flag=True, help="A crontab instead of systemd units.")
@click.option(
    "--write",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Write the files into this folder; nothing there is replaced.",
)
def timer_files(folder: Path, cron: bool, write: Path | None) -> None:
    """Print what makes this machine deliver to all remotes of the repositories below DIR, again and again.

    As the account that has the repositories: hookkit mirror timer DIR --write ~/.config/systemd/user, then systemctl
    --user enable --now hookkit-sync.timer, and once, as root, loginctl enable-linger ACCOUNT. For the whole system: write
    to /etc/systemd/system, add User=ACCOUNT to the service. With --cron: add what is printed to crontab -e.
    """
    if any(character in str(folder) for character in "\n\r"):
        raise UsageError("the folder's name has a line feed in it", hint="rename it")
    names = ["hookkit-sync.cron"] if cron else ["hookkit-sync.service", "hookkit-sync.timer"]
    if write is not None:
        for name in names:
            if (write / name).exists():
                raise UsageError(f"{write / name} is there already", hint="remove it first, or write elsewhere")
    for name in names:
        text = timer.unit(name, folder)
        if write is None:
            terminal.say(f"# ---- {name}\n{text}".rstrip("\n"))
        else:
            try:
                (write / name).write_text(text, encoding="utf-8")
            except OSError as error:
                raise UsageError(f"cannot write {write / name}", cause=error.strerror) from None
            terminal.say(f"{write / name} is written")


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
        terminal.table("", section.columns, section.rows, section.verdicts)
    else:
        terminal.say("no remotes: add one with git remote add NAME URL")


@mirror.command(short_help="Ask the remotes for every ref, and compare.")
@_which
@_as_json
@_below
@click.pass_context
def verify(context: click.Context, remote: Sequence[str], as_json: bool, folder: Path | None) -> None:
    """Ask the remotes (all, or those named) for every ref and compare; nothing is changed.

    The fingerprint of a repository's refs is the same on all servers that have the same refs. Exit status 1 if a remote
    lacks a ref or has another value, or does not answer.
    """
    if folder is not None:
        context.exit(0 if verify_below(folder, remote, as_json) else 1)
    context.exit(0 if verify_one(context.obj.repository(), remote, as_json) else 1)
