"""``hookkit trigger``."""

import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from hookkit.api import HookkitError, Push, Repository, UsageError, ago, terminal
from hookkit_plugins.trigger import event, sender, settings
from hookkit_plugins.trigger.hook import follow, leave
from hookkit_plugins.trigger.spool import Spool, Waiting, opened

_WAIT = 15.0
T = TypeVar("T")


def _spool(action: Callable[[Spool], T]) -> T:
    try:
        with opened(terminal.warn) as spool:
            return action(spool)
    except sqlite3.Error as error:
        raise HookkitError("the events that wait cannot be read", cause=str(error)) from None


@click.group()
def trigger() -> None:
    """Tell an HTTP server, such as a CI system, what was pushed."""


@trigger.command()
@click.pass_context
def test(context: click.Context) -> None:
    """Send an event without updates now, to see that it is taken."""
    repo: Repository = context.obj.repository()
    urls = repo.settings("trigger").get(settings.URL)
    if not urls:
        raise UsageError("there is nobody to tell", hint="git config hookkit.trigger.url URL")
    try:
        lines = follow(leave(repo, "test", urls, [], Push(())), time.monotonic() + _WAIT)
    except sqlite3.Error as error:
        raise HookkitError("the event cannot be left to the sender", cause=str(error)) from None
    for line, _ in lines:
        terminal.say(line)
    if not all(is_ok for _, is_ok in lines):
        raise HookkitError("not everybody was told", hint="hookkit trigger waiting shows what is tried again")


@trigger.command("waiting")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def show_waiting(context: click.Context, as_json: bool) -> None:
    """The events of this repository that nobody has taken yet."""
    repo: Repository = context.obj.repository()
    found = _spool(lambda spool: spool.waiting(str(repo.git_dir)))
    if as_json:
        terminal.as_json([_data(each) for each in found])
    elif not found:
        terminal.say("nothing waits")
    else:
        now = time.time()
        rows = [
            [event.shown(each.event.url), f"{ago(now - each.event.at)} ago", str(each.tries), each.problem or "-"]
            for each in found
        ]
        terminal.table("", ["server", "happened", "tries", "problem"], rows)


def _data(waiting: Waiting) -> dict[str, object]:
    return {
        "id": waiting.event.identity,
        "server": event.shown(waiting.event.url),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(waiting.event.at)),
        "tries": waiting.tries,
        "problem": waiting.problem,
    }


@trigger.command(short_help="Try now whatever waits.")
@click.pass_context
def send(context: click.Context) -> None:
    """Try now whatever waits, of all repositories of this account; after a reboot, too."""
    repo: Repository = context.obj.repository()
    _spool(Spool.hurry)
    sender.start(repo.environment())
    numbers = {each.number: each.event.url for each in _spool(Spool.waiting)}
    lines: Sequence[tuple[str, bool]] = _spool(lambda _: follow(numbers, time.monotonic() + _WAIT))
    for line, _ in lines:
        terminal.say(line)
    left = sum(not is_ok for _, is_ok in lines)
    if left:
        raise HookkitError(f"{left} of {len(lines)} events were not taken")


@trigger.command()
@click.pass_context
def drop(context: click.Context) -> None:
    """Forget the events of this repository that nobody has taken."""
    repo: Repository = context.obj.repository()
    count = _spool(lambda spool: spool.drop(str(repo.git_dir)))
    terminal.say(f"{count} event{'' if count == 1 else 's'} dropped")
