"""Journals as branches: each entry a commit, the node's previous entry its first parent."""

import itertools
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from hookkit.api import GitError, Repository, is_zero
from hookkit_plugins.cluster import checkpoint, former, objects, signing
from hookkit_plugins.cluster.entry import Head, JournalError, Record, followed, is_node, message, node_of, parse
from hookkit_plugins.cluster.former import Former
from hookkit_plugins.cluster.resolve import HEAD, State
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.ways import Step

JOURNALS = "refs/hookkit/journal/"
_PARENTS = 1000
_PARENT = re.compile(rb"^parent ([0-9a-f]+)$", re.MULTILINE)
_ROOT = "the root of a journal\n"
_TOLD = ("fatal: ", "error: ")
_UTF8 = ("-c", "i18n.commitEncoding=UTF-8", "-c", "i18n.logOutputEncoding=UTF-8")


def heads(repo: Repository) -> dict[str, str]:
    """The last entry of every node's journal that is here."""
    return heads_among(repo.refs(JOURNALS))


def heads_among(refs: Mapping[str, str]) -> dict[str, str]:
    """The same, where the refs are known already."""
    return {
        node: oid
        for ref, oid in refs.items()
        if ref.startswith(JOURNALS) and is_node(node := ref.removeprefix(JOURNALS))
    }


class Chain(NamedTuple):
    """Entries of a journal, oldest first, each after the one before.

    :param below: the commit before the first; empty: they begin the journal.
    """

    records: list[Record]
    below: str


def chain(repo: Repository, node: str, tip: str, without: Iterable[Head] = ()) -> Chain:
    """The entries of ``node`` up to ``tip``, oldest first, without those in ``without`` and what these know.

    :raises JournalError: the chain is broken, or is another node's.
    """
    known = {head.oid: head.seq for head in without}
    oids = (
        repo.git("rev-list", "--first-parent", "--reverse", "--ignore-missing", tip, *(f"^{oid}" for oid in known))
        .text()
        .split()
    )
    records: list[Record] = []
    # Of a long journal the text of some thousands is in memory at a time.
    for oid, commit in zip(oids, repo.contents(oids), strict=True):
        header, _, text = commit.partition(b"\n\n")
        # The root has no parent, and says nothing.
        if parent := _PARENT.search(header):
            record = parse(oid, text.decode("utf-8", "surrogateescape"))
            records.append(record._replace(before="" if record.checkpoint else parent[1].decode()))
    if not records:
        if not known:
            last(repo, tip)  # which says why
        return Chain([], "")
    below = records[0].before
    if below and below not in known and not _PARENT.search(next(repo.contents([below])).partition(b"\n\n")[0]):
        below = ""
    records[0] = records[0]._replace(before=below)
    _check(node, records, known.get(below) or (last(repo, below).entry.seq if below else 0))
    return Chain(records, below)


def _check(node: str, records: list[Record], seq: int) -> None:
    """:param seq: of the entry before the first of them."""
    for record in records:
        entry = record.entry
        # What it knows of this node's other ways has numbers too.
        number = max(seq, followed(entry.past, node)) + 1
        if node_of(entry.node) != node or (entry.seq != number and not record.checkpoint):
            raise JournalError(
                f"the journal of {node} is broken at {record.oid[:12]}", cause=f"no entry {number} of {node}"
            )
        seq = entry.seq
    for earlier, later in itertools.pairwise(record.entry for record in records):
        nodes = map(node_of, earlier.past)
        if later.time < earlier.time or any(followed(later.past, n) < followed(earlier.past, n) for n in nodes):
            raise JournalError(
                f"the journal of {node} is broken", cause=f"its entry {later.seq} knows less than the one before"
            )


def read(repo: Repository, node: str, tip: str) -> list[Record]:
    """All entries of ``node`` up to ``tip``, oldest first, as they say themselves.

    :raises JournalError: the chain is broken, or is another node's.
    """
    return chain(repo, node, tip).records


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
    values = [new for ref, (_, new) in record.entry.updates.items() if new and ref != HEAD]
    # What the entry before came after comes with that, or a checkpoint stands for it: then it may be purged elsewhere.
    with_it = {*last(repo, before).heads.values()} if before and record.heads else set()
    # Of entries that a checkpoint has told of the commits need not be here.
    parents, tree = objects.pack(repo, [oid for oid in record.heads.values() if oid not in with_it] + values)
    return _written(repo, chosen, record, [before, *parents], tree, before)


def begin_anew(
    repo: Repository,
    chosen: ClusterSettings,
    record: Record,
    state: State,
    once: Former,
    paths: Mapping[str, list[Step]],
    before: str | None,
) -> Record:
    """Have the journal begin with a checkpoint in the place of all entries up to ``before``, its last one.

    What nothing but those entries named is then unreachable from here: the entries of other nodes are no parents of it.

    :raises GitError: it cannot be written, or somebody else has moved the journal.
    """
    said = {
        objects.STATE: checkpoint.text(state).encode("utf-8", "surrogateescape"),
        objects.FORMER: former.text(once).encode(),
        objects.PATHS: checkpoint.paths_text(paths).encode(),
    }
    parents, tree = objects.pack(repo, state.values(), said)
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


def paths_of(repo: Repository, record: Record) -> dict[str, list[Step]]:
    """The entries that the checkpoint ``record`` stands for, as far as it tells: up to the last one of each name.

    :raises JournalError: it cannot be read.
    """
    found = repo.git("cat-file", "blob", f"{record.oid}:{objects.PATHS}", check=False)
    return checkpoint.parse_paths(found.stdout.decode("utf-8", "replace")) if found.status == 0 else {}


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
    node = node_of(record.entry.node)
    configured, signed = signing.arguments(chosen)
    who = re.sub(r"[^\w.@+ -]", "", record.pusher or "").strip() or node
    configured += ["-c", f"author.name={who}", "-c", f"author.email={node}"]
    configured += ["-c", f"committer.name={node}", "-c", f"committer.email={node}"]
    parents = dict.fromkeys(parent or _root(repo, configured) for parent in chain)
    flags = [flag for parent in parents for flag in ("-p", parent)]
    text = message(record).encode("utf-8", "surrogateescape")
    oid = repo.git(*_UTF8, *configured, "commit-tree", *signed, *flags, tree, stdin=text).text()
    repo.git("update-ref", f"{JOURNALS}{node}", oid, before or "0" * len(oid))
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
        return begins.checkpoint and _stands_for(repo, begins, last(repo, old))
    except (JournalError, GitError):
        return False


def _stands_for(repo: Repository, begins: Record, record: Record) -> bool:
    node = node_of(record.entry.node)
    told = [step for name, path in paths_of(repo, begins).items() if node_of(name) == node for step in path]
    # How it was before those that it still tells of, nobody knows.
    return any(step.oid == record.oid for step in told) or record.entry.seq < min(
        (step.seq for step in told), default=0
    )


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
        return why_not(error.stderr or error.message)
    return None


def why_not(stderr: str) -> str:
    """What git says of what it could not do, in one line: the first that is an error, not the advice after it."""
    lines = stderr.strip().splitlines() or ["git does not say why"]
    told = next((line for line in lines if line.startswith(_TOLD)), lines[-1])
    return told.removeprefix("fatal: ").removeprefix("error: ")


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
