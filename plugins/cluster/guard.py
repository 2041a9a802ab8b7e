"""What may be pushed here: journals by their nodes only, deletions of conflict refs, and all that is not hookkit's."""

import os
from collections.abc import Iterable

from hookkit.api import Push, RefUpdate, Refusal, Repository, short_ref
from hookkit_plugins.cluster import journal, marks, quick, signing
from hookkit_plugins.cluster.entry import JournalError, Record, is_node
from hookkit_plugins.cluster.journal import JOURNALS
from hookkit_plugins.cluster.resolve import CONFLICTS, HEAD
from hookkit_plugins.cluster.settings import ClusterSettings

_OWN = "refs/hookkit/"


def before_push(repo: Repository, chosen: ClusterSettings, push: Push) -> Refusal | None:
    """Refuse what is not allowed, and write down what is about to change.

    :raises HookkitError: that cannot be written.
    """
    for update in push.updates:
        reason = _wrong(repo, chosen, update)
        if reason:
            return Refusal(f"{short_ref(update.ref)}: {reason}")
    own = [update for update in push.updates if not update.ref.startswith(_OWN)]
    if own:
        marks.leave(repo, own, push.pusher)
    quick.expect(os.fspath(repo.plugin_dir("cluster")), push.updates, push.pusher)
    return None


def _wrong(repo: Repository, chosen: ClusterSettings, update: RefUpdate) -> str | None:
    if update.ref.startswith(CONFLICTS):
        return None if update.deletes else "conflict refs are made by hookkit; they may be deleted, nothing else"
    if not update.ref.startswith(_OWN):
        return None
    node = update.ref.removeprefix(JOURNALS)
    if not update.ref.startswith(JOURNALS) or not is_node(node):
        return "what is below refs/hookkit/ is hookkit's own"
    if update.deletes:
        return "a journal is never deleted"
    return journal_problem(repo, chosen, node, None if update.creates else update.old, update.new)


def journal_problem(repo: Repository, chosen: ClusterSettings, node: str, old: str | None, new: str) -> str | None:
    """Why the journal of ``node`` must not go from ``old`` to ``new``; None: it may."""
    if old is not None and not journal.follows(repo, old, new):
        return (
            f"not the journal of {node} that is known here, continued; "
            f"was {node} restored from a backup? Run there: hookkit mirror sync"
        )
    if problem := signing.problem(repo, chosen, new, node):
        return problem
    try:
        records = journal.chain(repo, node, new, [journal.head(repo, old)] if old else []).records
        unrelated = old is None and not chosen.allow_unrelated and _unrelated(repo, chosen, records)
    except JournalError as error:
        return f"{error.message}{f': {error.cause}' if error.cause else ''}"
    if unrelated:
        return (
            f"the repository of {node} has not one commit in common with this one; "
            "if they are to become one: git config hookkit.cluster.allow-unrelated true"
        )
    return None


def _unrelated(repo: Repository, chosen: ClusterSettings, records: list[Record]) -> bool:
    heads = journal.heads(repo).values()
    entries = {*repo.git("rev-list", "--first-parent", *heads, "--").text().split()} if heads else set()
    if any(oid in entries for record in records for oid in record.heads.values()):
        return False  # it has followed what is here, whatever both have made of their refs since
    ours = [oid for ref, oid in repo.refs().items() if chosen.covers(ref)]
    theirs = [new for each in records for ref, (_, new) in each.entry.updates.items() if new and ref != HEAD]
    for record in records:
        if record.checkpoint:  # it says nothing of updates, but what they came to
            theirs += journal.state_of(repo, record).values()
    roots = _roots(repo, theirs)
    return bool(roots) and bool(known := _roots(repo, ours)) and roots.isdisjoint(known)


def _roots(repo: Repository, oids: Iterable[str]) -> set[str]:
    """The commits without parents that ``oids`` descend from."""
    types = repo.object_types(list(dict.fromkeys(oids)))
    commits = "".join(f"{oid}\n" for oid, kind in types.items() if kind in ("commit", "tag"))
    if not commits:
        return set()
    # A tag may name a tree: then it has no history.
    found = repo.git("rev-list", "--max-parents=0", "--ignore-missing", "--stdin", stdin=commits.encode(), check=False)
    return {*found.text().split()}
