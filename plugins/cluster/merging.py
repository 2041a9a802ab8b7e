"""``hookkit.cluster.conflict = merge``: one node merges what several pushed at once, and it travels like a push."""

from hookkit.api import Repository
from hookkit_plugins.cluster import journal
from hookkit_plugins.cluster.resolve import CONFLICTS
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.working import base_of

BRANCHES = "refs/heads/"


def merge_all(repo: Repository, chosen: ClusterSettings, nodes: set[str]) -> set[str]:
    """Merge into their branches the losers that are to be merged, where this node is the one to do it.

    Different versions of git may merge differently: the node of the lowest name does, and nobody else.

    :param nodes: every node that has a journal and will come back.
    :returns: the branches that were moved.
    """
    if repo.node != min(nodes, default=repo.node):
        return set()
    moved: set[str] = set()
    for kept, lost in sorted(repo.refs(CONFLICTS).items()):
        ref = base_of(kept)
        if ref.startswith(BRANCHES) and chosen.merges(ref) and merge(repo, ref, kept, lost):
            moved.add(ref)
    return moved


def merge(repo: Repository, ref: str, kept: str, lost: str) -> str | None:
    """Merge ``lost`` into ``ref``; the merge, or None: there is a conflict, or nothing to merge into. git-merge-tree(1)."""
    ours = repo.resolve([ref]).get(ref)
    types = repo.object_types([lost] if ours is None else [ours, lost])
    if ours is None or {*types.values()} != {"commit"}:
        return None
    merged = repo.git("merge-tree", "--write-tree", "--no-messages", ours, lost, check=False)
    if merged.status:
        return None
    who = ("-c", f"user.name=hookkit on {repo.node}", "-c", f"user.email={repo.node}")
    text = f"Merge {kept.removeprefix(CONFLICTS)} into {ref.removeprefix(BRANCHES)}\n\nBoth were pushed at once.\n"
    oid = repo.git(
        *(*who, "commit-tree", "--no-gpg-sign", "-p", ours, "-p", lost, merged.text().split("\n", maxsplit=1)[0]),
        stdin=text.encode("utf-8", "surrogateescape"),
    ).text()
    return None if journal.try_move(repo, {ref: (ours, oid)}, "hookkit: merge of what was pushed at once") else oid
