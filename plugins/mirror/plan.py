"""What to send to a remote. Pure: refs, what is owed and what the remote has go in, changes come out.

The rule behind all of it: a value may be replaced on a remote if it is contained in the new one, or if it is one that
this ref had here, and that somebody here replaced or deleted. Anything else was not seen here, and is left alone.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from hookkit.api import is_zero


class Debt(NamedTuple):
    """A ref that a remote has yet to be told about.

    :param ref: its name.
    :param base: what the remote is believed to have: the value here before the first change that it was not told of;
        all zeros for nothing.
    :param serial: counts the changes here; a delivery settles the debt only if it has not grown meanwhile.
    :param since: when the first of these changes happened, seconds since the epoch.
    :param replaced: every value that the ref had here since then, and that was replaced or deleted.
    """

    ref: str
    base: str
    serial: int
    since: float
    replaced: frozenset[str] = frozenset()

    def knew(self, oid: str) -> bool:
        """Whether ``oid`` is a value of this ref that somebody here replaced or deleted."""
        return oid == self.base or oid in self.replaced


class Change(NamedTuple):
    """One ref of a push.

    :param ref: the ref, the same on both sides.
    :param new: the object that it shall name; None: it shall be deleted.
    :param lease: the object that the remote must have for this to happen; None: nothing, or something that ``new``
        contains.
    """

    ref: str
    new: str | None
    lease: str | None


class Diverged(NamedTuple):
    """A remote ref that has something that was never seen here.

    :param theirs: what the remote has; :param ours: what is here, None if it was deleted here.
    """

    ref: str
    ours: str | None
    theirs: str


class Plan(NamedTuple):
    """What comparing with a remote says.

    :param send: what to push.
    :param settled: refs for which nothing is to be done: equal, or the remote is ahead.
    :param diverged: refs that are left alone.
    :param only_there: how many refs the remote has that were never here.
    """

    send: list[Change]
    settled: list[str]
    diverged: list[Diverged]
    only_there: int


def guess(debts: Iterable[Debt], ours: Mapping[str, str]) -> tuple[list[Change], list[Debt]]:
    """What to send without asking first: the remote most likely has what was here before.

    The lease makes a wrong guess harmless. Returns the changes, and the debts for which there is nothing to guess.
    """
    changes, unclear = [], []
    for debt in debts:
        new = ours.get(debt.ref)
        created = is_zero(debt.base)
        if new is None and created:
            unclear.append(debt)
        else:
            changes.append(Change(debt.ref, new, None if created else debt.base))
    return changes, unclear


def compare(
    refs: Iterable[str],
    ours: Mapping[str, str],
    theirs: Mapping[str, str],
    debts: Mapping[str, Debt],
    contains: Callable[[str, str], bool],
) -> Plan:
    """What to send, given what the remote has.

    :param refs: the refs to look at.
    :param contains: whether the commit that is its second argument contains the first.
    """
    plan = Plan([], [], [], 0)
    only_there = 0
    for ref in refs:
        new, old, debt = ours.get(ref), theirs.get(ref), debts.get(ref)
        if new == old:
            plan.settled.append(ref)
        elif old is None:
            plan.send.append(Change(ref, new, None))
        elif new is None and debt is None:
            only_there += 1
        elif (debt is not None and debt.knew(old)) or (new is not None and contains(old, new)):
            plan.send.append(Change(ref, new, old))
        elif new is not None and contains(new, old):
            plan.settled.append(ref)
        else:
            plan.diverged.append(Diverged(ref, new, old))
    return plan._replace(only_there=only_there)
