"""The sender: one process per account, started when there is something to send, gone when nothing is left."""

import re
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hookkit.api import HookkitError, Repository, one_line, start_detached
from hookkit_plugins.notify.delivery import send
from hookkit_plugins.notify.message import Message, digest
from hookkit_plugins.notify.settings import EVERY, WHICH, file_of
from hookkit_plugins.notify.spool import Batch, folder, opened

# Seconds: what happens together is told together.
_GATHER = 5.0
_FIRST_RETRY, _LAST_RETRY = 30.0, 900.0
# Older news help nobody.
_FORGET = 86_400.0
_TICK = 1.0
_LOG_LIMIT = 256_000
_OF_THE_LOGIN = re.compile(r"SSH_|GL_|GITOSIS_|GIT_|XDG_SESSION|HOOKKIT_")


def leave(repo: Repository, event: str, text: str) -> None:
    """Have ``text`` sent, if this ``event`` is one that people want to hear of.

    :raises HookkitError: it cannot be written down, or the configuration is wrong.
    """
    chosen = repo.settings("notify")
    if event not in chosen.get(WHICH):
        return
    try:
        with opened(_say) as spool:
            spool.add(str(file_of(repo)), chosen.get(EVERY), Message(time.time(), repo.node, repo.name, text))
        log = folder() / "notify.log"
        if log.exists() and log.stat().st_size > _LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        environ = {name: value for name, value in repo.environment().items() if not _OF_THE_LOGIN.match(name)}
        code = "from hookkit_plugins.notify.sender import main; main()"
        start_detached((sys.executable, "-I", "-X", "utf8", "-c", code), env=environ, log=log)
    except (OSError, sqlite3.Error) as error:
        raise HookkitError("the message cannot be left to the sender", cause=str(error)) from None


def main() -> None:
    """Send what waits; nothing, if somebody is at it."""
    from filelock import FileLock, Timeout

    try:
        while True:
            with FileLock(folder() / "sender.lock", timeout=0, fallback_to_soft=False):
                work(_log)
            # Who came after the last look found the lock taken.
            with opened(_log) as spool:
                if not spool.batches():
                    return
    except Timeout:
        return
    except (OSError, sqlite3.Error) as error:
        _log(f"the sender ends: {error}")
        sys.exit(1)


def _say(line: str) -> None:
    sys.stderr.write(f"{one_line(line, 500)}\n")


def _log(line: str) -> None:
    sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {one_line(line, 500)}\n")
    sys.stderr.flush()


def due(batch: Batch) -> float:
    """When ``batch`` may be sent, seconds since the epoch. Pure."""
    return max(batch.messages[0].at + _GATHER, batch.sent_at + batch.every)


def work(say: Callable[[str], None]) -> None:
    """Send until nothing waits."""
    failures: dict[str, tuple[int, float]] = {}
    with opened(say) as spool:
        while batches := spool.batches():
            for batch in batches:
                tries, again = failures.get(batch.file, (0, 0.0))
                now = time.time()
                if now < max(due(batch), again):
                    continue
                try:
                    send(Path(batch.file), *digest(batch.messages))
                except HookkitError as error:
                    say(f"{error}: {error.cause}")
                    failures[batch.file] = (tries + 1, now + min(_LAST_RETRY, _FIRST_RETRY * 2**tries))
                    if now - batch.messages[-1].at > _FORGET:
                        say(f"{len(batch.messages)} messages are a day old and are dropped")
                        spool.drop(batch)
                else:
                    failures.pop(batch.file, None)
                    spool.sent(batch, now)
            time.sleep(_TICK)
