"""The sender: one process per account, started when there is something to send, gone when nothing is left."""

import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

from hookkit.api import HookkitError, Repository, account_dir, log_line, one_line, start_background, work_alone
from hookkit_plugins.notify.delivery import send
from hookkit_plugins.notify.message import Message, digest
from hookkit_plugins.notify.settings import EVERY, WHICH, file_of
from hookkit_plugins.notify.spool import Batch, opened

# Seconds: what happens together is told together.
_GATHER = 5.0
_FIRST_RETRY, _LAST_RETRY = 30.0, 900.0
# Older news help nobody.
_FORGET = 86_400.0
_TICK = 1.0


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
        code = "from hookkit_plugins.notify.sender import main; main()"
        start_background(code, env=repo.environment(), log=account_dir("notify") / "notify.log")
    except (OSError, sqlite3.Error) as error:
        raise HookkitError("the message cannot be left to the sender", cause=str(error)) from None


def main() -> None:
    """Send what waits; nothing, if somebody is at it."""
    work_alone(account_dir("notify") / "sender.lock", lambda: work(log_line), _is_left)


def _is_left() -> bool:
    with opened(log_line) as spool:
        return bool(spool.batches())


def _say(line: str) -> None:
    sys.stderr.write(f"{one_line(line, 500)}\n")


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
