"""A quick answer's other case: what is owed is left to the worker, as nobody waits, or as all hosts are down."""

import os
import sys
import time
from _sqlite3 import Connection

from hookkit.quick import account_folder, ago, clean_environment, redact
from hookkit_plugins.mirror import index, ledger, starting, words
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.usual import Place, Usual


def leave(
    outbox: Connection,
    updates: list[ledger.Update],
    targets: list[Place],
    covered: list[str],
    chosen: Usual,
    git_dir: str,
) -> bool:
    """Leave the push to the worker, unless somebody is to wait for a remote that may answer."""
    folder = os.path.join(account_folder(), "mirror")
    path = os.path.join(folder, index.NAME)
    waiting = ledger.existing(path, version=0) if chosen.worker else None
    if waiting is None and chosen.worker:
        return False
    by_host: dict[str, list[str]] = {}
    for name, url, _ in targets:
        by_host.setdefault(host_of(url), []).append(name)
    down: dict[str, index.Down | None] = {}
    try:
        if waiting:
            down = {host: index.down(waiting, host) for host in by_host}
        if chosen.waits and not all(down.values()):
            return False
        if chosen.speaks and any(
            down.get(host_of(url)) and not _is_compared(outbox, name, url) for name, url, _ in targets
        ):
            return False  # only git can say how much they lack
        _write(outbox, updates, targets, covered, down)
        if waiting:
            with ledger.Transaction(waiting, durable=True):
                for host, names in by_host.items():
                    index.add(waiting, host, git_dir, names)
            for host in by_host:
                starting.start(folder, host, clean_environment())
        if chosen.speaks:
            _tell(outbox, targets, down, chosen)
        if waiting:
            ledger.let_go(waiting, path)
            waiting = None
        return True
    finally:
        if waiting:
            waiting.close()


def _is_compared(outbox: Connection, name: str, url: str) -> bool:
    query = "SELECT compared FROM remote WHERE name = ? AND url = ?"
    return ledger.one(outbox, query, name, redact(url)) is not None


def _write(
    outbox: Connection,
    updates: list[ledger.Update],
    targets: list[Place],
    covered: list[str],
    down: dict[str, index.Down | None],
) -> None:
    with ledger.Transaction(outbox, durable=True):
        ledger.owe(outbox, updates, [name for name, _, _ in targets], covered)
        for name, url, _ in targets:
            if found := down.get(host_of(url)):
                ledger.failed(outbox, name, redact(url), "offline", f"offline: {found[3]}")


def _tell(outbox: Connection, targets: list[Place], down: dict[str, index.Down | None], chosen: Usual) -> None:
    for name, url, _ in targets:
        count = ledger.owed(outbox, name)[0]
        found = down.get(host_of(url))
        _say(
            words.offline(name, count, ago(time.time() - found[0]))
            if found
            else words.queued(name, count, by_worker=chosen.worker)
        )


def _say(line: str) -> None:
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # nobody listens any more
