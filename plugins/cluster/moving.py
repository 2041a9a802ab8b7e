"""Moving refs to what the journals say, and the journals that came with others."""

from collections.abc import Mapping

from hookkit.api import GitError, Repository
from hookkit_plugins.cluster import journal
from hookkit_plugins.cluster.entry import Head, Record, node_of
from hookkit_plugins.cluster.resolve import HEAD
from hookkit_plugins.cluster.store import Move

_WHY = "hookkit: as the journals say"

Ends = dict[str, tuple[str | None, str]]
"""By node, with which entry its journal ends here, and with which it is to end."""


def default_branch(repo: Repository) -> str | None:
    """What ``HEAD`` names; None: no branch, but a commit."""
    named = repo.git("symbolic-ref", "--quiet", HEAD, check=False)
    return named.text() if named.status == 0 else None


def brought(repo: Repository, records: list[Record], heads: Mapping[str, Head], here: Mapping[str, str]) -> Ends:
    """The journals of other nodes that ``records``, which were taken in, bring further than they are here."""
    found: Ends = {}
    for name in sorted({each.entry.node for each in records}):
        node, tip = node_of(name), heads[name].oid
        old = here.get(node)
        # Of several ways one can be continued.
        if node != repo.node and old != tip and (old is None or journal.follows(repo, old, tip)):
            found[node] = (old, tip)
    return found


def carry_out(repo: Repository, moves: Mapping[str, Move], actual: Mapping[str, str], journals: Ends) -> dict[str, str]:
    """Move refs, each only if it still is what it was when it was looked at; those that could not be moved, and why."""
    updates: dict[str, tuple[str | None, str | None]] = {
        ref: (actual.get(ref), move.value) for ref, move in moves.items() if ref != HEAD
    }
    tips = {f"{journal.JOURNALS}{node}": pair for node, pair in journals.items()}
    # A name must be gone before it can be a folder.
    gone = {ref: pair for ref, pair in updates.items() if pair[1] is None}
    rest = {ref: pair for ref, pair in updates.items() if pair[1] is not None}
    failed: dict[str, str] = {}
    for part in (gone, {**rest, **tips}) if gone and rest else ({**updates, **tips},):
        if journal.try_move(repo, part, _WHY):
            # One that cannot be moved does not stop the others.
            for ref, pair in part.items():
                if problem := journal.try_move(repo, {ref: pair}, _WHY):
                    failed[ref] = problem
    if HEAD in moves and (branch := moves[HEAD].value):
        try:
            repo.git("symbolic-ref", "-m", _WHY, HEAD, branch)
        except GitError as error:
            failed[HEAD] = journal.why_not(error.stderr or error.message)
    return failed
