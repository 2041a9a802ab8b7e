"""What became of a ref whose value lost, and what can be done about it. Pure."""

from typing import NamedTuple

from hookkit.api import short_ref
from hookkit_plugins.cluster.resolve import CONFLICTS


class Lost(NamedTuple):
    """A value that lost, and what there is in its place.

    :param ref: what it was pushed to; :param kept: where it is kept.
    :param winner: what ``ref`` is now; None: it does not exist.
    :param beside: a ref that exists, and beside which ``ref`` cannot, as one is the other's folder.
    :param merges: whether both are commits of something that is merged; a tag is not.
    """

    ref: str
    kept: str
    winner: str | None
    beside: str | None = None
    merges: bool = True


def fate(lost: Lost) -> str:
    """What has become of its ref."""
    if lost.winner:
        return f"{short_ref(lost.ref)} had moved to {lost.winner[:7]}"
    if lost.beside:
        return f"{short_ref(lost.ref)} cannot exist beside {short_ref(lost.beside)}"
    return f"{short_ref(lost.ref)} is no more"


def cure(lost: Lost) -> str:
    """How to have it, if it is wanted; what to type is for a clone."""
    fetch = f"git fetch origin {lost.kept} && git push"
    if lost.winner is None and lost.beside:
        return f"it comes back when {short_ref(lost.beside)} is deleted"
    if lost.winner is None:
        return f"to have it again: {fetch} origin FETCH_HEAD:{lost.ref}"
    if not lost.merges:
        return f"to have it instead: {fetch} --force origin FETCH_HEAD:{lost.ref}"
    return f"to merge it: git pull origin {lost.kept}"


def drop(lost: Lost) -> str:
    """How to be rid of it."""
    return f"hookkit cluster conflicts drop {lost.kept.removeprefix(CONFLICTS)}"


def obstacle(lost: Lost) -> str | None:
    """Why it cannot even be tried to merge it; None: it can."""
    if lost.winner is None:
        return fate(lost)
    return None if lost.merges else "a tag, or what is no commit, is not merged"
