"""``hookkit.cluster.conflict = merge``: one node merges what several pushed at once, and it travels like a push."""

import contextlib
import json
import os
from pathlib import Path

from hookkit.api import GitError, RefUpdate, Repository, UsageError
from hookkit_plugins.cluster import journal
from hookkit_plugins.cluster.advice import Lost, cure, drop, obstacle
from hookkit_plugins.cluster.resolve import CONFLICTS
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.working import base_of

BRANCHES, TAGS = "refs/heads/", "refs/tags/"
_AGAIN = "hookkit doctor; then run it again"


class NotMergedError(UsageError):
    """What lost cannot be merged by itself; the cause says why."""


class NotNowError(NotMergedError):
    """It cannot be merged at this moment."""


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
    before = _tried(repo)
    tried: dict[str, list[str]] = {}
    merged: list[RefUpdate] = []
    for kept, lost in sorted(repo.refs(CONFLICTS).items()):
        ref = base_of(kept)
        if not concerns(chosen, ref):
            continue
        pair = [repo.resolve([ref]).get(ref, ""), lost]
        try:
            if before.get(kept) == pair:
                tried[kept] = pair
            else:
                merged.append(merge(repo, ref, kept, lost))
        except NotNowError:
            continue
        except NotMergedError:
            tried[kept] = pair
    if tried != before:
        # Without it they are only tried once more.
        with contextlib.suppress(OSError):
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


def lost_at(repo: Repository, ref: str, kept: str, oid: str) -> Lost:
    """The value ``oid`` of ``ref`` that lost and is ``kept``, and what there is in its place now."""
    above = ["/".join(ref.split("/")[:count]) for count in range(3, ref.count("/") + 1)]
    found = repo.refs(ref) | repo.resolve(above)
    winner = found.pop(ref, None)
    types = repo.object_types([oid, *([winner] if winner else [])])
    merges = not ref.startswith(TAGS) and {*types.values()} == {"commit"}
    return Lost(ref, kept, winner, min(found, default=None), merges)


def merge(repo: Repository, ref: str, kept: str, lost: str) -> RefUpdate:
    """Merge ``lost`` into ``ref``, and return the merge; git-merge-tree(1).

    :raises NotMergedError: it cannot be done.
    """
    what = f"{kept.removeprefix(CONFLICTS)} cannot be merged by itself"
    now = lost_at(repo, ref, kept, lost)
    if now.winner is None or not now.merges:
        raise NotMergedError(what, cause=obstacle(now), hint=f"{cure(now)}; to be rid of it: {drop(now)}")
    merged = repo.git("merge-tree", "--write-tree", "--no-messages", now.winner, lost, check=False)
    if merged.status == 1:
        hint = f"in a clone: git pull --no-rebase origin {kept}, settle it, git push"
        raise NotMergedError(what, cause="both sides change the same lines, or the same file", hint=hint)
    if merged.status:
        raise NotNowError(what, cause=journal.why_not(merged.stderr.decode(errors="replace")), hint=_AGAIN)
    who = ("-c", f"user.name={by(repo)}", "-c", f"user.email={repo.node}")
    text = f"Merge {kept.removeprefix(CONFLICTS)} into {ref.removeprefix(BRANCHES)}\n\nBoth were pushed at once.\n"
    tree = merged.text().split("\n", maxsplit=1)[0]
    try:
        oid = repo.git(
            *(*who, "commit-tree", "--no-gpg-sign", "-p", now.winner, "-p", lost, tree),
            stdin=text.encode("utf-8", "surrogateescape"),
        ).text()
        journal.move(repo, {ref: (now.winner, oid)}, "hookkit: merge of what was pushed at once")
    except GitError as error:
        raise NotNowError(what, cause=journal.why_not(error.stderr or error.message), hint=_AGAIN) from None
    return RefUpdate(ref, now.winner, oid)
