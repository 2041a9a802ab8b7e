"""What was changed here, by people, and is in no journal yet. Pure."""

from collections.abc import Callable, Container, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from hookkit_plugins.cluster.former import mark
from hookkit_plugins.cluster.resolve import CONFLICTS, HEAD, Contains, Update


class Look(NamedTuple):
    """What it is seen by.

    :param final: what a ref is to be when everything that came is carried out.
    :param known: marks of values that refs once had: one of them is no news. Where it is known what this node last made
        each ref, nothing needs to be here.
    :param contains: whether the first commit descends from the second.
    :param exists: whether there is such a branch here.
    :param joins: this node looks at all its refs for the first time.
    :param joined: it has done so before.
    :param pushed: what those who pushed have changed, where it is not known what this node last made each ref; None: it is.
    """

    final: Callable[[str], str | None]
    known: Container[str]
    contains: Contains
    exists: Callable[[str], bool]
    joins: bool
    joined: bool
    pushed: Mapping[str, Update] | None = None


def differences(
    refs: Iterable[str],
    actual: Mapping[str, str],
    applied: Mapping[str, str],
    touched: AbstractSet[str],
    look: Look,
) -> tuple[dict[str, Update], dict[str, str]]:
    """What is to be written down about ``refs``, and the values of those that are only behind (empty: not there).

    :param applied: what this node last made them, or wrote down.
    :param touched: those that somebody has just pushed to.
    """
    news: dict[str, Update] = {}
    behind: dict[str, str] = {}
    for ref in refs:
        now, then, final = actual.get(ref), applied.get(ref), look.final(ref)
        update = Update(then, now) if look.pushed is None else look.pushed.get(ref, Update(None, now))
        if look.pushed and update.new is None and update.old and now is None and final:
            news[ref] = update  # a deletion, also of what this node has made since
        elif now in (then, final):
            continue
        elif look.pushed and ref in look.pushed and update.new == now:
            news[ref] = update
        elif look.pushed is not None and now is None and not look.joins:
            behind[ref] = ""  # nobody has deleted it
        elif mark(ref, now) in look.known or (look.joins and then is None and _is_contained(now, final, look)):
            behind[ref] = now or ""
        elif ref.startswith(CONFLICTS) and now is not None:
            behind[ref] = now  # nobody but the journals says what is kept
        elif _counts(ref, now, then, look, joined=ref in touched or look.joined):
            news[ref] = Update(update.old, now)
        elif ref == HEAD and final:
            behind[ref] = now or ""  # a branch that is not there, or none
    return news, behind


def _is_contained(now: str | None, final: str | None, look: Look) -> bool:
    return bool(now and final and not now.startswith("refs/") and look.contains(final, now))


def _counts(ref: str, now: str | None, then: str | None, look: Look, *, joined: bool) -> bool:
    if ref.startswith(CONFLICTS):
        return now is None
    if ref == HEAD:
        # That of an empty repository says nothing, and who comes later does not choose for the others.
        return now is not None and look.exists(now) and not (look.joins and look.final(ref))
    if look.joins:
        return now is not None  # what is not here was perhaps never here
    return joined and (now is not None or then is not None)
