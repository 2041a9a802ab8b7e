"""The answer to pushes for which nothing is sent now: others deliver them, a worker does, or there is nothing to deliver.

Most pushes that a server takes come from another one, which has told everybody. What is to be written down about them is
written down here, in the outbox that is there, without importing what sending takes. Whatever is not as usual is left to
:mod:`~hookkit_plugins.mirror.hook`, which may find the same written down already.
"""

import os

from hookkit.quick import Call, push_options
from hookkit_plugins.mirror import ledger, trail
from hookkit_plugins.mirror.usual import MIRRORED, Place, Usual, usual


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
    path = os.path.join(call.common_dir, "hookkit", "mirror", "outbox.sqlite")
    outbox = ledger.existing(path)
    if outbox is None:
        return False
    done = False
    try:
        # The sender may be owed something, and is here: the long way asks.
        if any(ledger.owed(outbox, name)[0] for name, _, of in covered if of == told.sender):
            return False
        names = [name for name, _, _ in covered]
        if targets:
            from hookkit_plugins.mirror.leaving import leave

            done = leave(outbox, updates, targets, names, chosen, call.git_dir)
        else:
            with ledger.Transaction(outbox, durable=True):
                ledger.owe(outbox, updates, [], names)
            done = True
        return done
    finally:
        if done:
            ledger.let_go(outbox, path)
        else:
            outbox.close()
