"""The answer to pushes for which nothing is sent now: others deliver them, a worker does, or there is nothing to deliver.

Most pushes that a server takes come from another one, which has told everybody. What is to be written down about them is
written down here, in the outbox that is there, without importing what sending takes. Whatever is not as usual is left to
:mod:`~hookkit_plugins.mirror.hook`, which may find the same written down already.
"""

import os
import sqlite3
import sys
import time

from hookkit.quick import Call, account_folder, ago, clean_environment, push_options, redact
from hookkit_plugins.mirror import index, ledger, starting, trail, words
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.usual import MIRRORED, Place, Usual, usual

# Seconds to wait for others who write; then the long way waits longer.
_PATIENCE = 1


def settled(call: Call) -> bool:
    """Whether everything is done that is to be done after this push."""
    # Who wants to be told something is told the long way.
    if call.hook != "post-receive" or any(spec.startswith("hookkit_mirror_") for spec in call.others):
        return False
    host = os.uname().nodename
    chosen = usual(call.config, host)
    if chosen is None:
        return False
    updates = _mirrored(call.stdin)
    return not updates or not chosen.places or _settled(call, chosen, updates, host)


def _mirrored(stdin: bytes) -> list[ledger.Update]:
    """What git says, about the refs that are mirrored."""
    # Not splitlines() and split(): a ref's name may contain what Unicode takes for the end of a line, or a space.
    fields = [line.split(" ", 2) for line in os.fsdecode(stdin).split("\n") if line]
    return [(ref, old, new) for old, new, ref in fields if ref.startswith(MIRRORED)]


def _settled(call: Call, chosen: Usual, updates: list[ledger.Update], host: str) -> bool:
    told = trail.read(push_options(os.environ))
    ends = told.ends_at(trail.identity(host, chosen.node, call.git_dir), chosen.hops)
    targets, covered = list[Place](), list[Place]()
    for place in chosen.places:
        _, url, of = place
        (covered if ends or told.covers(of, [trail.fingerprint(url, host)]) else targets).append(place)
    # Without a worker nobody can be left to wait for.
    if targets and chosen.waits and not chosen.worker:
        return False
    outbox = _existing(os.path.join(call.common_dir, "hookkit", "mirror", "outbox.sqlite"))
    if outbox is None:
        return False
    try:
        if _one_is_owed(outbox, [place for place in covered if place[2] == told.sender]):
            return False
        names = [name for name, _, _ in covered]
        if targets:
            return _left(outbox, updates, targets, names, chosen, call.git_dir)
        with ledger.Transaction(outbox, durable=True):
            ledger.owe(outbox, updates, [], names)
        return True
    finally:
        outbox.close()


def _one_is_owed(outbox: sqlite3.Connection, places: list[Place]) -> bool:
    """Whether one of ``places`` waits for something."""
    return any(ledger.owed(outbox, name)[0] for name, _, _ in places)


def _left(
    outbox: sqlite3.Connection,
    updates: list[ledger.Update],
    targets: list[Place],
    covered: list[str],
    chosen: Usual,
    git_dir: str,
) -> bool:
    """Leave the push to the worker, unless somebody is to wait for a remote that may answer."""
    folder = os.path.join(account_folder(), "mirror")
    waiting = _existing(os.path.join(folder, index.NAME), version=0) if chosen.worker else None
    if waiting is None and chosen.worker:
        return False
    by_host: dict[str, list[str]] = {}
    for name, url, _ in targets:
        by_host.setdefault(host_of(url), []).append(name)
    try:
        down = {host: index.down(waiting, host) for host in by_host} if waiting and chosen.waits else {}
        if chosen.waits and not all(down.values()):
            return False
        with ledger.Transaction(outbox, durable=True):
            ledger.owe(outbox, updates, [name for name, _, _ in targets], covered)
            for name, url, _ in targets:
                if found := down.get(host_of(url)):
                    ledger.failed(outbox, name, redact(url), "offline", f"offline: {found[3]}")
        if waiting:
            for host, names in by_host.items():
                index.add(waiting, host, git_dir, names)
            for host in by_host:
                starting.start(folder, host, clean_environment())
    finally:
        if waiting:
            waiting.close()
    for name, url, _ in targets if chosen.speaks else ():
        count = ledger.owed(outbox, name)[0]
        found = down.get(host_of(url))
        _say(
            words.offline(name, count, ago(time.time() - found[0]))
            if found
            else words.queued(name, count, by_worker=chosen.worker)
        )
    return True


def _existing(path: str, version: int = ledger.VERSION) -> sqlite3.Connection | None:
    """The database at ``path``; None if it is not there, or is not made yet."""
    if not os.path.exists(path):
        return None
    db = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        if ledger.one(db, "PRAGMA user_version") == version:
            return db
    except sqlite3.Error:
        db.close()
        raise
    db.close()
    return None


def _say(line: str) -> None:
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # nobody listens any more
