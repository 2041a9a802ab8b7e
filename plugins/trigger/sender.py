"""The sender: one process per account, started when there is something to send, gone when nothing is left."""

import contextlib
import fcntl
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from hookkit.api import HookkitError, account_dir, log_line, start_background, work_alone
from hookkit_plugins.trigger import event
from hookkit_plugins.trigger.posting import Posted, post
from hookkit_plugins.trigger.spool import Spool, Waiting, opened

# Servers that are told at the same time.
_AT_ONCE = 8
_TICK, _IDLE = 0.05, 0.5


def start(env: Mapping[str, str]) -> None:
    """Start it; if there is one, that one goes on.

    :raises HookkitError: it cannot be started.
    """
    code = "from hookkit_plugins.trigger.sender import main; main()"
    try:
        start_background(code, env=env, log=account_dir("trigger") / "trigger.log")
    except OSError as error:
        raise HookkitError("the sender cannot be started", cause=str(error)) from None


def is_running() -> bool:
    """Whether somebody is at it."""
    with contextlib.suppress(FileNotFoundError), _lock().open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _lock() -> Path:
    return account_dir("trigger") / "sender.lock"


def main() -> None:
    """Send what waits; nothing, if somebody is at it."""
    work_alone(_lock(), lambda: work(log_line), _is_left)


def _is_left() -> bool:
    with opened(log_line) as spool:
        return bool(spool.waiting())


def work(say: Callable[[str], None]) -> None:
    """Send until nothing waits: to each server one event after the other, in order; no server waits for another."""
    posting: dict[str, tuple[Waiting, Future[Posted]]] = {}
    with opened(say) as spool, ThreadPoolExecutor(_AT_ONCE) as pool:
        while posting or spool.waiting():
            for url, (waiting, future) in list(posting.items()):
                if future.done():
                    del posting[url]
                    settle(spool, waiting, future.result(), time.time(), say)
            for waiting in spool.due(time.time()):
                url = waiting.event.url
                if url not in posting and len(posting) < _AT_ONCE:
                    new = waiting.event
                    posting[url] = (waiting, pool.submit(post, url, new.name, new.identity, new.body, new.secret_file))
            time.sleep(_TICK if posting else _IDLE)


def settle(spool: Spool, waiting: Waiting, posted: Posted, now: float, say: Callable[[str], None]) -> None:
    """Write down what became of an event.

    :param now: seconds since the epoch.
    """
    new = waiting.event
    what = f"{event.shown(new.url)} {new.repository} {new.identity}"
    if posted.problem is None:
        spool.taken(waiting.number)
    elif now - new.at > new.keep:
        say(f"{what}: {posted.problem}; it is given up after {waiting.tries + 1} tries")
        spool.taken(waiting.number)
    else:
        if posted.problem != waiting.problem:
            say(f"{what}: {posted.problem}")
        again = now + event.pause(waiting.tries + 1)
        spool.failed(waiting.number, posted.problem, again, blocks=event.passes(posted.status))
