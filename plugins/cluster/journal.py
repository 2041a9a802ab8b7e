"""Journals as branches: each entry a commit, the node's previous entry its first parent."""

import itertools
import re

from hookkit.api import GitError, Repository, is_zero
from hookkit_plugins.cluster import checkpoint, former, objects, signing
from hookkit_plugins.cluster.entry import Head, JournalError, Record, is_node, message, parse
from hookkit_plugins.cluster.former import Former
from hookkit_plugins.cluster.resolve import HEAD, State
from hookkit_plugins.cluster.settings import ClusterSettings

JOURNALS = "refs/hookkit/journal/"
_PARENTS = 1000
_PARENT = re.compile(rb"^parent ([0-9a-f]+)$", re.MULTILINE)
_ROOT = "the root of a journal\n"
_UTF8 = ("-c", "i18n.commitEncoding=UTF-8", "-c", "i18n.logOutputEncoding=UTF-8")


def heads(repo: Repository) -> dict[str, str]:
    """The last entry of every node's journal that is here."""
    found = repo.refs(JOURNALS)
    return {node: oid for ref, oid in found.items() if is_node(node := ref.removeprefix(JOURNALS))}


def read(repo: Repository, node: str, tip: str, after: Head | None) -> list[Record]:
    """The entries of ``node`` up to ``tip``, oldest first; ``after``: without this one and those before it.

    :raises JournalError: the chain is broken, is another node's, or does not come to ``after``.
    """
    known = [f"^{after.oid}"] if after else []
    oids = repo.git("rev-list", "--first-parent", "--reverse", "--ignore-missing", tip, *known).text().split()
    records: list[Record] = []
    below: str | None = None
    # Of a long journal the text of some thousands is in memory at a time.
    for oid, commit in zip(oids, repo.contents(oids), strict=True):
        header, _, text = commit.partition(b"\n\n")
        parent = _PARENT.search(header)
        below = (parent[1].decode() if parent else "") if below is None else below
        if parent:
            records.append(parse(oid, text.decode("utf-8", "surrogateescape")))
    # A checkpoint stands for what was before it, also for what was here; what one stood for need not be here any more.
    begins_anew = bool(records) and records[0].checkpoint and (after is None or records[0].entry.seq >= after.seq)
    if after is not None and records and below != after.oid and not begins_anew:
        if repo.object_types([after.oid]):
            raise JournalError(
                f"the journal of {node} does not continue the one that was here", cause=f"its tip is {tip[:12]}"
            )
        records = [record for record in records if record.entry.seq > after.seq]
    first = records[0].entry.seq if begins_anew else after.seq + 1 if after else 1
    for number, record in enumerate(records, first):
        if record.entry.node != node or record.entry.seq != number:
            raise JournalError(
                f"the journal of {node} is broken at {record.oid[:12]}", cause=f"no entry {number} of {node}"
            )
    for earlier, later in itertools.pairwise(record.entry for record in records):
        if later.time < earlier.time or any(later.past.get(other, 0) < seq for other, seq in earlier.past.items()):
            raise JournalError(
                f"the journal of {node} is broken", cause=f"its entry {later.seq} knows less than the one before"
            )
    return records


def entry(repo: Repository, tip: str, seq: int) -> Record | None:
    """The entry ``seq`` of the journal that ends with ``tip``; None: it is not there any more."""
    back = last(repo, tip).entry.seq - seq
    chain = ("--first-parent", "--min-parents=1")
    listed = repo.git("rev-list", *chain, "-1", f"--skip={max(back, 0)}", tip, "--").text()
    found = last(repo, listed) if listed else None
    return found if found and found.entry.seq == seq and not found.checkpoint else None


def forgotten(repo: Repository, tip: str) -> set[str]:
    """The nodes of which the journal that ends with ``tip`` says that they will not come back."""
    said = repo.git("log", "--first-parent", "--format=%b", "--grep=^forgets ", tip, "--", check=False).text()
    return {line.removeprefix("forgets ") for line in said.split("\n") if line.startswith("forgets ")}


def append(repo: Repository, chosen: ClusterSettings, record: Record, before: str | None) -> Record:
    """Write an entry after ``before``, this node's last one, and move the journal there.

    :raises GitError: it cannot be written, or somebody else has.
    """
    parents, tree = objects.pack(repo, [new for ref, (_, new) in record.entry.updates.items() if new and ref != HEAD])
    return _written(repo, chosen, record, [before, *record.heads.values(), *parents], tree, before)


def begin_anew(
    repo: Repository, chosen: ClusterSettings, record: Record, state: State, once: Former, before: str | None
) -> Record:
    """Have the journal begin with a checkpoint in the place of all entries up to ``before``, its last one.

    What nothing but those entries named is then unreachable from here: the entries of other nodes are no parents of it.

    :raises GitError: it cannot be written, or somebody else has moved the journal.
    """
    values = [
        each.updates[ref].new for ref, both in state.claims.items() for part in both for each in part if ref != HEAD
    ]
    said = {
        objects.STATE: checkpoint.text(state).encode("utf-8", "surrogateescape"),
        objects.FORMER: former.text(once).encode(),
    }
    parents, tree = objects.pack(repo, [value for value in values if value], said)
    while len(parents) > _PARENTS:
        parents = [_bundle(repo, parents[start : start + _PARENTS]) for start in range(0, len(parents), _PARENTS)]
    return _written(repo, chosen, record, [None, *parents], tree, before)


def state_of(repo: Repository, record: Record) -> State:
    """What the entries came to that the checkpoint ``record`` stands for.

    :raises JournalError: it does not say.
    """
    found = repo.git("cat-file", "blob", f"{record.oid}:{objects.STATE}", check=False)
    if found.status:
        raise JournalError(f"the checkpoint {record.oid[:12]} does not say what it stands for")
    entry = record.entry
    return checkpoint.parse(found.stdout.decode("utf-8", "surrogateescape"), {**entry.past, entry.node: entry.seq})


def former_of(repo: Repository, record: Record) -> Former:
    """What refs were before the checkpoint ``record``; one that older versions wrote does not say.

    :raises JournalError: it cannot be read.
    """
    found = repo.git("cat-file", "blob", f"{record.oid}:{objects.FORMER}", check=False)
    return former.parse(found.stdout.decode("utf-8", "replace")) if found.status == 0 else {}


def _bundle(repo: Repository, parents: list[str]) -> str:
    """One commit that stands for many as a parent."""
    flags = [flag for parent in parents for flag in ("-p", parent)]
    who = ("-c", "user.name=hookkit", "-c", "user.email=hookkit")
    text = b"what a checkpoint names\n"
    return repo.git(*who, "commit-tree", "--no-gpg-sign", *flags, repo.git("mktree").text(), stdin=text).text()


def _written(
    repo: Repository, chosen: ClusterSettings, record: Record, chain: list[str | None], tree: str, before: str | None
) -> Record:
    """:param chain: the parents; None: the root of a journal."""
    entry = record.entry
    configured, signed = signing.arguments(chosen)
    who = re.sub(r"[^\w.@+ -]", "", record.pusher or "").strip() or entry.node
    configured += ["-c", f"author.name={who}", "-c", f"author.email={entry.node}"]
    configured += ["-c", f"committer.name={entry.node}", "-c", f"committer.email={entry.node}"]
    parents = dict.fromkeys(parent or _root(repo, configured) for parent in chain)
    flags = [flag for parent in parents for flag in ("-p", parent)]
    text = message(record).encode("utf-8", "surrogateescape")
    oid = repo.git(*_UTF8, *configured, "commit-tree", *signed, *flags, tree, stdin=text).text()
    repo.git("update-ref", f"{JOURNALS}{entry.node}", oid, before or "0" * len(oid))
    return record._replace(oid=oid)


def _root(repo: Repository, configured: list[str]) -> str:
    """What stands before a node's first entry, so that the chain never runs into the project's own history."""
    tree = repo.git("mktree").text()
    return repo.git(*_UTF8, *configured, "commit-tree", "--no-gpg-sign", tree, stdin=_ROOT.encode()).text()


def follows(repo: Repository, old: str, new: str) -> bool:
    """Whether a journal that ends with ``new`` is the one that ended with ``old``, or its continuation."""
    if old == new or is_zero(old) or repo.is_ancestor(old, new):
        return True
    # It may begin anew, with a checkpoint that stands for the one that ended with `old`.
    try:
        begins = first(repo, new)
        return begins.checkpoint and begins.entry.seq >= last(repo, old).entry.seq
    except (JournalError, GitError):
        return False


def move(repo: Repository, updates: dict[str, tuple[str | None, str | None]], why: str) -> None:
    """Move refs in one transaction: each from what it is expected to be; None: nothing.

    :raises GitError: one of them is not what it is expected to be, or cannot be moved; then, none has.
    """
    if not updates:
        return
    zero = "0" * max(len(oid) for pair in updates.values() for oid in pair if oid)
    lines = [
        f"update {ref} {new} {old or zero}" if new else f"delete {ref} {old or ''}".rstrip()
        for ref, (old, new) in sorted(updates.items())
    ]
    text = ("start\n" + "\n".join(lines) + "\nprepare\ncommit\n").encode("utf-8", "surrogateescape")
    repo.git("update-ref", "--no-deref", "-m", why, "--stdin", stdin=text)


def try_move(repo: Repository, updates: dict[str, tuple[str | None, str | None]], why: str) -> str | None:
    """The same; why it was not possible."""
    try:
        move(repo, updates, why)
    except GitError as error:
        return (error.stderr.strip().splitlines() or [error.message])[-1].removeprefix("fatal: ")
    return None


def head(repo: Repository, oid: str) -> Head:
    """The entry ``oid`` as the head of its journal.

    :raises JournalError: it is none.
    """
    return Head(last(repo, oid).entry.seq, oid)


def first(repo: Repository, tip: str) -> Record:
    """The oldest entry of the journal that ends with ``tip``: the first, or the checkpoint that it begins with.

    :raises JournalError: it is none.
    """
    chain = repo.git("rev-list", "--first-parent", "--min-parents=1", tip, "--").text()
    return last(repo, chain.rpartition("\n")[2])


def last(repo: Repository, tip: str) -> Record:
    """The entry that ``tip`` is.

    :raises JournalError: it is none.
    """
    text = repo.git(*_UTF8, "log", "-1", "--no-show-signature", "--format=%B", tip, "--").stdout
    return parse(tip, text.decode("utf-8", "surrogateescape"))
