"""``hookkit.cluster.conflict = merge``: one node merges what several pushed at once, and it travels like a push."""

import json
import os
from pathlib import Path

from hookkit.api import RefUpdate, Repository
from hookkit_plugins.cluster import journal
from hookkit_plugins.cluster.resolve import CONFLICTS
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.working import base_of

BRANCHES = "refs/heads/"


def by(repo: Repository) -> str:
    """Who is said to have pushed a merge that was made here."""
    return f"hookkit on {repo.node}"


def concerns(chosen: ClusterSettings, ref: str) -> bool:
    """Whether losers of ``ref`` are to be merged."""
    return ref.startswith(BRANCHES) and chosen.merges(ref)


def merge_all(repo: Repository, chosen: ClusterSettings, nodes: set[str]) -> list[RefUpdate]:
    """Merge into their branches the losers that are to be merged, where this node is the one to do it.

    Different versions of git may merge differently: the node of the lowest name does, and nobody else. What could not be
    merged with a branch is tried again when that has moved.

    :param nodes: every node that has a journal and will come back.
    :returns: the branches that were moved.
    """
    if repo.node != min(nodes, default=repo.node):
        return []
    found = {kept: lost for kept, lost in sorted(repo.refs(CONFLICTS).items()) if concerns(chosen, base_of(kept))}
    before = _tried(repo)
    tried: dict[str, list[str]] = {}
    merged: list[RefUpdate] = []
    for kept, lost in found.items():
        ref = base_of(kept)
        pair = [repo.resolve([ref]).get(ref, ""), lost]
        if before.get(kept) == pair or not (update := merge(repo, ref, kept, lost)):
            tried[kept] = pair
        else:
            merged.append(update)
    if tried != before:
        file = _file(repo)
        temporary = file.with_name(f".{file.name}.{os.getpid()}")
        temporary.write_text(json.dumps(tried), encoding="utf-8")
        temporary.replace(file)
    return merged


def _file(repo: Repository) -> Path:
    return repo.plugin_dir("cluster") / "not-merged"


def _tried(repo: Repository) -> dict[str, list[str]]:
    """For conflicts, with what of their branch they could not be merged."""
    try:
        return dict(json.loads(_file(repo).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def merge(repo: Repository, ref: str, kept: str, lost: str) -> RefUpdate | None:
    """Merge ``lost`` into ``ref``; the merge, or None: there is a conflict, or nothing to merge into. git-merge-tree(1)."""
    ours = repo.resolve([ref]).get(ref)
    types = repo.object_types([lost] if ours is None else [ours, lost])
    if ours is None or {*types.values()} != {"commit"}:
        return None
    merged = repo.git("merge-tree", "--write-tree", "--no-messages", ours, lost, check=False)
    if merged.status:
        return None
    who = ("-c", f"user.name={by(repo)}", "-c", f"user.email={repo.node}")
    text = f"Merge {kept.removeprefix(CONFLICTS)} into {ref.removeprefix(BRANCHES)}\n\nBoth were pushed at once.\n"
    oid = repo.git(
        *(*who, "commit-tree", "--no-gpg-sign", "-p", ours, "-p", lost, merged.text().split("\n", maxsplit=1)[0]),
        stdin=text.encode("utf-8", "surrogateescape"),
    ).text()
    problem = journal.try_move(repo, {ref: (ours, oid)}, "hookkit: merge of what was pushed at once")
    return None if problem else RefUpdate(ref, ours, oid)
