"""Whose journals still reach what another node's checkpoint has replaced: nothing of that can be purged."""

from collections.abc import Collection, Iterable, Mapping

from hookkit.api import Repository
from hookkit_plugins.cluster import journal
from hookkit_plugins.cluster.entry import JournalError, node_of, parse


def reached(repo: Repository) -> dict[str, list[str]]:
    """By node, the others of whose journals its own reaches entries that these do not have any more, as both are here.

    An entry that was written after its node's checkpoint brings what that did not know of the others: where these begin anew
    later, their old entries stay reachable through it.
    """
    brought = {node: _brought(repo, tip) for node, tip in journal.heads(repo).items()}
    by = _writers(repo, {oid for oids in brought.values() for oid in oids})
    there: dict[str, set[str]] = {}
    for node, tip in journal.heads(repo).items():
        # A journal that went on twice consists of all its ways.
        ways = [oid for oid in brought.get(node, ()) if by.get(oid) == node]
        there[node] = {*repo.git("rev-list", "--first-parent", tip, *ways, "--").text().split()}
    found: dict[str, list[str]] = {}
    for node, oids in brought.items():
        others = {by[oid] for oid in oids if oid in by and oid not in there.get(by[oid], ())}
        if others - {node}:
            found[node] = sorted(others - {node})
    return found


def lines(found: Mapping[str, list[str]], gone: Collection[str]) -> list[str]:
    """What people are told of it. Pure.

    :param gone: nodes that will not come back.
    """
    return [
        f"the journal of {node} still reaches what {', '.join(others)} {'has' if len(others) == 1 else 'have'} replaced"
        + (
            f"; that is not purged, as {node} is forgotten"
            if node in gone
            else f"; to purge that, on {node}, even if it was done there: hookkit cluster compact"
        )
        for node, others in sorted(found.items())
    ]


def _brought(repo: Repository, tip: str) -> set[str]:
    """The parents of the entries beside the entries before them: the other journals' entries, and what was pushed."""
    listed = repo.git("rev-list", "--first-parent", "--parents", "--min-parents=2", tip, "--").text()
    return {oid for line in listed.splitlines() for oid in line.split(" ")[2:]}


def _writers(repo: Repository, oids: Iterable[str]) -> dict[str, str]:
    """The nodes that wrote those of the commits ``oids`` that are entries."""
    oids = sorted(oids)
    found: dict[str, str] = {}
    for oid, commit in zip(oids, repo.contents(oids), strict=True):
        try:
            record = parse(oid, commit.partition(b"\n\n")[2].decode("utf-8", "surrogateescape"))
        except JournalError:
            continue
        found[oid] = node_of(record.entry.node)
    return found
