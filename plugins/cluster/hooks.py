"""What the plugin does when it is called: after a push, and when mirror has asked the peers."""

import sys
import time
from collections.abc import Iterable, Mapping

from hookkit.api import HookkitError, Push, Repository
from hookkit_plugins.cluster import guard, journal, marks, merging, notes, settings, signing
from hookkit_plugins.cluster.anew import compact
from hookkit_plugins.cluster.engine import begin_again, bring_together, sign_anew
from hookkit_plugins.cluster.journal import JOURNALS
from hookkit_plugins.cluster.result import Conflict, Moved, Result
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.status import forgotten, kept_at
from hookkit_plugins.cluster.working import base_of


def after_push(repo: Repository, push: Push) -> list[Push]:
    """Write down what was pushed, carry out what came; what other plugins are to be told."""
    marks.begin(repo, push.updates)
    chosen = settings.read(repo)
    result = together(repo, chosen, [update.ref for update in push.updates], pusher=push.pusher)
    marks.remove(repo, push.updates)
    fresh = {each.kept for each in result.conflicts}
    still = [kept_at(ref, oid) for ref, oid in sorted(result.kept.items()) if ref not in fresh]
    for line in [*notes.lines(result), *notes.reminders(still)]:
        sys.stderr.write(line + "\n")
    return notes.pushes(result, repo.node, push.options)


def together(
    repo: Repository,
    chosen: ClusterSettings,
    touched: Iterable[str] = (),
    *,
    pusher: str | None = None,
    scan: bool = False,
    contact: bool = False,
    ways: Iterable[str] = (),
) -> Result:
    """Bring refs and journals together, merging where that is wished.

    :param ways: where this node's journal ends too, as others have it.
    :raises HookkitError: it is not possible now.
    """
    if repo.work_tree is not None:
        raise HookkitError("a node's repository is bare, this one has a work tree", hint="git clone --bare makes one")
    touched = [*touched]
    result = bring_together(repo, chosen, touched, pusher=pusher, scan=scan, contact=contact, ways=ways)
    result.conflicts = _attributed(repo, result.conflicts)
    # What could not be merged, or was not to be, may be now.
    changed = {*touched, *(each.ref for each in result.conflicts), *(each.update.ref for each in result.moved)}
    if scan or any(merging.concerns(chosen, base_of(ref)) for ref in changed):
        merged = merging.merge_all(repo, chosen, {*journal.heads(repo)} - forgotten(repo))
        if merged:
            further = bring_together(repo, chosen, [each.ref for each in merged], pusher=merging.by(repo))
            further.moved = [*(Moved(each, None, merging.by(repo)) for each in merged), *further.moved]
            result = joined(result, further)
    return result


def _attributed(repo: Repository, found: list[Conflict]) -> list[Conflict]:
    """With who pushed what lost, on every node the same, and what is in its place: of those that people are told of."""
    told: list[Conflict] = []
    for each in found[: notes.MANY]:
        kept = kept_at(each.kept, each.oid)
        tip = journal.heads(repo).get(kept.node)
        record = journal.entry(repo, tip, kept.seq) if tip else None
        now = merging.lost_at(repo, each.ref, each.kept, each.oid)
        pusher = record.pusher if record else None
        told.append(each._replace(pusher=pusher, beside=now.beside, merges=now.merges))
    return told + found[notes.MANY :]


def joined(first: Result, second: Result) -> Result:
    """What came of both."""
    both = Result()
    both.journals = first.journals | {
        node: (first.journals.get(node, pair)[0], pair[1]) for node, pair in second.journals.items()
    }
    gone = {each.update.ref for each in second.moved if each.update.deletes}
    both.moved = first.moved + second.moved
    both.conflicts = [each for each in first.conflicts if each.kept not in gone] + second.conflicts
    both.problems = second.problems
    both.kept = {ref: oid for ref, oid in (first.kept | second.kept).items() if ref not in gone}
    return both


def _is_old(repo: Repository, chosen: ClusterSettings) -> bool:
    """Whether the oldest entry of this node's journal is older than journals are to become."""
    tip = journal.heads(repo).get(repo.node)
    if tip is None or not chosen.compact_after:
        return False
    oldest = journal.first(repo, tip)
    # A checkpoint that nothing has followed cannot be made shorter.
    is_short = oldest.checkpoint and oldest.oid == tip
    return not is_short and oldest.entry.time / 1000 < time.time() - chosen.compact_after * 86_400


def received(repo: Repository, fetched: Mapping[str, Mapping[str, str]]) -> dict[str, object]:
    """Take the journals that were fetched from peers, and look at every ref."""
    chosen = settings.read(repo)
    refused: dict[str, str] = {}
    said: list[str] = []
    ways: list[str] = []
    taken: dict[str, tuple[str | None, str]] = {}
    for peer, journals in fetched.items():
        for node, ref in journals.items():
            here, theirs = journal.heads(repo).get(node), repo.resolve([ref]).get(ref)
            if theirs is None or (here and journal.follows(repo, theirs, here)):
                continue
            own = here if node == repo.node and here and not repo.is_ancestor(here, theirs) else None
            problem = guard.journal_problem(repo, chosen, node, None if own else here, theirs)
            if own and not problem:
                if not journal.follows(repo, own, theirs):
                    ways.append(theirs)
                    said.append(
                        f"hookkit: {peer} has this node's own journal as it went on before: it was restored from a backup, "
                        "probably; both are put together"
                    )
                    continue
                begin_again(repo)
            problem = problem or journal.try_move(repo, {f"{JOURNALS}{node}": (here, theirs)}, "hookkit: from a peer")
            if problem:
                refused[peer] = f"journal of {node}: {problem}"
                continue
            taken[node] = (taken.get(node, (here, ""))[0], theirs)
            if own:
                said.append(
                    f"hookkit: {peer} has more of this node's own journal than was here: restored from a backup, probably; "
                    "what is here and not in it is written down anew"
                )
    result = together(repo, chosen, scan=True, contact=True, ways=ways)
    for node, pair in taken.items():
        result.journals.setdefault(node, pair)
    own = journal.heads(repo).get(repo.node)
    if own and (key := signing.digest(chosen)) and signing.problem(repo, chosen, own, repo.node):
        try:
            result = joined(result, sign_anew(repo, chosen, key))
        except HookkitError as error:
            said.append(f"hookkit: this node's journal cannot be signed with the key that this node has now: {error}")
    if _is_old(repo, chosen):
        result = joined(result, compact(repo, chosen))
        said.append("hookkit: this node's journal begins anew with a checkpoint")
    return {
        "pushes": notes.pushes(result, repo.node),
        "notes": said + notes.conflicts(result),
        "problems": notes.problems(result),
        "refused": refused,
    }
