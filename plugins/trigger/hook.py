"""What happens after a push: an event is written down for everybody who is to be told, and the pusher waits a moment."""

import sqlite3
import sys
import time
import uuid
from collections.abc import Sequence

from hookkit.api import HookkitError, Push, RefPatterns, RefUpdate, Repository, options
from hookkit_plugins.trigger import event, sender, settings
from hookkit_plugins.trigger.spool import New, opened

_TICK = 0.02


def after_push(repo: Repository, push: Push) -> None:
    """Have everybody told of ``push`` whom the repository names.

    :raises HookkitError: it cannot be written down, or the configuration is wrong.
    """
    chosen = repo.settings("trigger")
    urls = list(dict.fromkeys(chosen.get(settings.URL)))
    told = RefPatterns(chosen.get(settings.REFS))
    updates = [update for update in push.updates if update.ref in told]
    if not urls or not updates or (push.origin and chosen.get(settings.ONCE)):
        return
    wait = chosen.get(settings.WAIT)
    try:
        numbers = leave(repo, "push", urls, updates, push)
        lines = follow(numbers, time.monotonic() + wait) if wait else []
    except sqlite3.Error as error:
        raise HookkitError("the event cannot be left to the sender", cause=str(error)) from None
    wanted = repo.settings().get(options.OUTPUT)
    for line, is_ok in lines:
        if wanted == "all" or (wanted == "failures" and not is_ok):
            _say(f"hookkit: {line}")


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def leave(repo: Repository, name: str, urls: Sequence[str], updates: Sequence[RefUpdate], push: Push) -> dict[int, str]:
    """Write an event down for each of ``urls``, and start the sender; their numbers and where they go.

    :raises sqlite3.Error: it cannot be written down.
    :raises HookkitError: the sender cannot be started, or the configuration is wrong.
    """
    keep, secret = repo.settings("trigger").get(settings.KEEP), str(settings.secret_file(repo) or "")
    now = time.time()
    origin = event.Origin(repo.name, repo.node, push.pusher, push.origin)
    numbers: dict[int, str] = {}
    with opened(_say) as spool:
        for url in urls:
            identity = str(uuid.uuid4())
            body = event.event(name, identity, now, origin, updates)
            numbers[spool.add(New(url, secret, keep, now, str(repo.git_dir), name, identity, body))] = url
    sender.start(repo.environment())
    return numbers


def follow(numbers: dict[int, str], end: float) -> list[tuple[str, bool]]:
    """Wait until the events ``numbers`` are taken or not, and say which; at ``end``, in time.monotonic(), at the latest.

    :returns: a line for each, and whether it was taken.
    """
    lines: list[tuple[str, bool]] = []
    left = dict(numbers)
    started = time.monotonic()
    with opened(_say) as spool:
        while left:
            waiting = {each.number: each for each in spool.waiting() if each.number in left}
            over = time.monotonic() >= end
            for number, url in list(left.items()):
                name = event.shown(url)
                there = waiting.get(number)
                # Behind an event that its server does not take, it is not tried at all.
                problem = there and (there.problem or spool.blocked(url, time.time()))
                if there is None:
                    lines.append((f"{name}  told {time.monotonic() - started:.2f}s", True))
                elif problem or over:
                    lines.append((f"{name}  not told yet, it is tried again: {problem or 'no answer so far'}", False))
                else:
                    continue
                del left[number]
            if left:
                time.sleep(_TICK)
    return lines
