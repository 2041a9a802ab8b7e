"""Which branches and tags move when everything is pulled, and which stay, and why. Pure."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

Contains = Callable[[str, str], bool]
"""Whether the first commit is contained in the second."""


class Step(NamedTuple):
    """What is to become of one ref.

    :param old: what it is here; None: it is not here.
    :param new: what it becomes; None: it stays.
    :param result: ``up to date``, ``ahead`` (a remote lacks something), ``forwarded``, ``new``, ``diverged``, ``kept``
        (a tag that is another one at a remote); the shell adds ``failed``.
    """

    ref: str
    old: str | None
    new: str | None
    result: str
    why: str = ""

    @property
    def ok(self) -> bool:
        """Nobody needs to do anything about it."""
        return self.result not in ("diverged", "kept", "failed")


def branches(local: Mapping[str, str], remotes: Mapping[str, Mapping[str, str]], contains: Contains) -> list[Step]:
    """A step for each branch that a remote has: to the value that contains those of all others, if there is one.

    :param local: ref to commit.
    :param remotes: the same for each remote.
    """
    return [_branch(ref, local.get(ref), _theirs(ref, remotes), contains) for ref in _refs(remotes)]


def tags(local: Mapping[str, str], remotes: Mapping[str, Mapping[str, str]]) -> list[Step]:
    """A step for each tag that a remote has: those that are not here, and the same at all remotes, are new; none moves."""
    return [_tag(ref, local.get(ref), _theirs(ref, remotes)) for ref in _refs(remotes)]


def _refs(remotes: Mapping[str, Mapping[str, str]]) -> list[str]:
    return sorted({ref for refs in remotes.values() for ref in refs})


def _theirs(ref: str, remotes: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {name: refs[ref] for name, refs in remotes.items() if ref in refs}


def _branch(ref: str, mine: str | None, theirs: dict[str, str], contains: Contains) -> Step:
    values = dict.fromkeys([*theirs.values(), *([] if mine is None else [mine])])
    best = next((one for one in values if all(other == one or contains(other, one) for other in values)), None)
    if best is None:
        return Step(ref, mine, None, "diverged", _apart(mine, theirs, contains))
    if best == mine:
        behind = [name for name, oid in theirs.items() if oid != mine]
        return Step(ref, mine, None, "ahead" if behind else "up to date", _of(behind))
    names = _of([name for name, oid in theirs.items() if oid == best])
    return Step(ref, mine, best, "new" if mine is None else "forwarded", names)


def _apart(mine: str | None, theirs: dict[str, str], contains: Contains) -> str:
    from_here = [
        name
        for name, oid in theirs.items()
        if mine is not None and mine != oid and not contains(mine, oid) and not contains(oid, mine)
    ]
    if from_here:
        return f"here and {_list(from_here)} each have commits that the other lacks"
    return f"{_list(list(theirs))} have diverged from each other"


def _tag(ref: str, mine: str | None, theirs: dict[str, str]) -> Step:
    if mine is None:
        if len(set(theirs.values())) == 1:
            return Step(ref, None, next(iter(theirs.values())), "new", _of(list(theirs)))
        return Step(ref, None, None, "kept", f"not the same at {_list(list(theirs))}")
    others = [name for name, oid in theirs.items() if oid != mine]
    return (
        Step(ref, mine, None, "kept", f"another tag at {_list(others)}")
        if others
        else Step(ref, mine, None, "up to date")
    )


def _of(names: list[str]) -> str:
    return ", ".join(names)


def _list(names: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
