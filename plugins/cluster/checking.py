"""``hookkit cluster verify``: what the journals come to, read from their beginning, and what the refs are."""

import time
from typing import NamedTuple

from hookkit.api import Repository
from hookkit_plugins.cluster import journal, marks, moving, opening, signing
from hookkit_plugins.cluster.quick import COMING, FOLDER
from hookkit_plugins.cluster.resolve import HEAD, outcome
from hookkit_plugins.cluster.restoring import claims_of
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.status import forgotten
from hookkit_plugins.cluster.telling import everything
from hookkit_plugins.cluster.ways import Ways
from hookkit_plugins.cluster.working import Contains, base_of

_PATIENCE = 10.0
_PAUSE = 0.3

Differences = dict[str, tuple[str | None, str | None]]
"""By ref, what it is, and what the journals say; None: not there."""


class Verified(NamedTuple):
    """What the journals come to, compared with the refs.

    :param problems: all that is wrong, a line each: with the journals, then with refs.
    :param different: how many refs, ``HEAD`` among them, are not what the journals say.
    """

    nodes: int
    entries: int
    refs: int
    problems: list[str]
    different: int


class _Look(NamedTuple):
    """The same, at one moment."""

    nodes: int
    entries: int
    refs: int
    problems: list[str]
    differences: Differences


def verify(repo: Repository, chosen: ClusterSettings, patience: float = _PATIENCE) -> Verified:
    """Work out every ref from the journals alone and compare.

    Refs move before the journal tells, or after: what differs is looked at again, until nothing is under way.

    :param patience: in seconds; after that what differs counts although something may be under way.
    """
    found, until = _look(repo, chosen), time.monotonic() + patience
    differing = found.differences
    while differing and time.monotonic() < until:
        time.sleep(_PAUSE)
        busy, before = _is_busy(repo), found.differences
        found = _look(repo, chosen)
        differing = standing(before, found.differences)
        if not (busy or _is_busy(repo)):
            break
    problems = [*found.problems, *(_line(ref, *pair) for ref, pair in sorted(differing.items()))]
    return Verified(found.nodes, found.entries, found.refs, problems, len(differing))


def standing(before: Differences, after: Differences) -> Differences:
    """What differs in both looks, and in the same way: the rest is moving. Pure."""
    return {ref: pair for ref, pair in after.items() if before.get(ref) == pair}


def _is_busy(repo: Repository) -> bool:
    """Whether a push is under way here, or what it was is being written down or carried out."""
    return opening.is_locked(repo) or any(True for folder in (FOLDER, COMING) for _ in marks.there(repo, folder))


def _line(ref: str, actual: str | None, wanted: str | None) -> str:
    nothing = "no branch's name" if ref == HEAD else "not there"
    return f"{ref} is {actual or nothing}, by the journals {wanted or nothing}"


def _look(repo: Repository, chosen: ClusterSettings) -> _Look:
    # All at one moment, as far as git can.
    refs = repo.refs()
    branch = moving.default_branch(repo)
    heads = journal.heads_among(refs)
    problems: list[str] = []
    keyless = _forgotten_without_key(repo, chosen)
    for node, tip in sorted(heads.items()):
        # Whoever forgets a node takes its key away: what it wrote was looked at when it came.
        if node not in keyless and (wrong := signing.problem(repo, chosen, tip, node)):
            problems.append(f"the journal of {node}: {wrong}")
    news, ways = everything(repo, chosen, heads.items(), Ways())
    problems += [f"the journal of {node}: {why}" for node, why in sorted(news.problems.items())]
    contains = Contains(repo)
    resolved = outcome(claims_of(repo, contains, news, ways), contains)
    wanted = {ref: value for part in resolved for ref, value in part.items() if chosen.covers(base_of(ref))}
    actual = {ref: oid for ref, oid in refs.items() if chosen.covers(base_of(ref))}
    count = len(wanted)
    # Nothing is said of it before there is a branch.
    if repo.work_tree is None and (default := resolved.refs.get(HEAD)):
        wanted[HEAD] = default
        actual |= {HEAD: branch} if branch else {}
    differences = {
        ref: (actual.get(ref), wanted.get(ref)) for ref in {*wanted, *actual} if wanted.get(ref) != actual.get(ref)
    }
    entries = len(news.checkpoints) + len(news.covered) + len(news.records)
    return _Look(len(heads), entries, count, problems, differences)


def _forgotten_without_key(repo: Repository, chosen: ClusterSettings) -> set[str]:
    gone = forgotten(repo)
    try:
        return gone - signing.trusted(chosen.signers) if gone else gone
    except OSError:
        return gone
