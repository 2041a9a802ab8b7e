"""Nodes that are restored from backups at random, several at once, and pushed to before anybody has noticed."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from hookkit.api import Repository
from hookkit_plugins.cluster import journal
from support import journals

NAMES = ("alpha", "bravo", "charlie", "delta")
BRANCHES = ("main", "a", "a/b", "x", "y")
HEADS, CONFLICTS = "refs/heads/", "refs/conflicts/"


class Restores:
    """One history."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._random = random.Random(seed)
        self._folder = folder
        count = self._random.choice((2, 3, 3, 4))
        self._nodes = [journals.named(Repository.create(folder / f"{name}.git"), name) for name in NAMES[:count]]
        self._backups: dict[str, Path] = {}
        self._number = 0
        # What was pushed, and neither replaced nor deleted by somebody who had seen it.
        self._owed: list[tuple[str, str]] = []
        # What somebody who had seen it has replaced or deleted, and the entry that says so.
        self._gone: dict[tuple[str, str], str] = {}
        self.log: list[str] = []
        self._push(self._nodes[0], {"main": self._commit(self._nodes[0])})
        self._carry()

    def step(self) -> None:
        """One thing, chosen at random."""
        node = self._random.choice(self._nodes)
        steps: dict[Callable[[Repository], None], int] = {
            self._somebody_pushes: 40,
            self._fetch: 25,
            self._deal_with_a_conflict: 8,
            self._back_up: 12,
            self._restore: 6,
            self._restore_two: 10,
            self._compact: 5,
            self._no_cache: 4,
        }
        (chosen,) = self._random.choices([*steps], [*steps.values()])
        chosen(node)

    def problems(self) -> list[str]:
        """What is not as it must be when everybody has heard of everything."""
        for _ in range(3):
            self._carry()
        found = journals.problems(*self._nodes)
        refs = self._nodes[0].refs(HEADS, CONFLICTS)
        for ref, value in self._owed:
            kept = [oid for name, oid in refs.items() if name == ref or _base(name) == ref]
            if not any(self._contains(self._nodes[0], oid, value) for oid in kept):
                found.append(f"lost: {value} of {ref}; there: {kept}")
        return found + [f"came back: {ref} {value}" for ref, value in self._gone if refs.get(ref) == value]

    # ---- the steps ----

    def _somebody_pushes(self, node: Repository) -> None:
        refs = node.refs(HEADS)
        wanted: dict[str, str | None] = {}
        for name in self._random.sample(BRANCHES, self._random.choice((1, 1, 2))):
            old, way = refs.get(HEADS + name), self._random.random()
            if old and way < 0.2:
                wanted[name] = None
            elif not _hinders(name, [*refs, *(HEADS + each for each in wanted)]):
                heads = sorted(refs.values())
                parents = [old] if old and way < 0.7 else [self._random.choice(heads)] if heads else []
                wanted[name] = self._commit(node, *parents)
        if wanted:
            self._push(node, wanted)

    def _fetch(self, node: Repository) -> None:
        other = self._random.choice([each for each in self._nodes if each is not node])
        self.log.append(f"{node.node} fetches from {other.node}")
        journals.fetch(node, other)

    def _deal_with_a_conflict(self, node: Repository) -> None:
        kept = sorted(node.refs(CONFLICTS).items())
        if not kept:
            return
        ref, lost = self._random.choice(kept)
        base = _base(ref)
        now = node.refs(HEADS).get(base)
        if now and self._random.random() < 0.6:
            self._push(node, {base.removeprefix(HEADS): self._commit(node, now, lost)})
        else:
            self.log.append(f"{node.node} drops {ref}")
            journals.drop(node, ref)
            self._owed = [
                (name, value) for name, value in self._owed if name != base or not self._contains(node, lost, value)
            ]

    def _back_up(self, node: Repository) -> None:
        self.log.append(f"{node.node} is backed up")
        backup = self._folder / f"backup-{node.node}"
        shutil.rmtree(backup, ignore_errors=True)
        shutil.copytree(node.git_dir, backup)
        self._backups[node.node] = backup

    def _restore(self, *nodes: Repository) -> None:
        for node in nodes:
            if node.node in self._backups:
                self.log.append(f"{node.node} is restored")
                journals.restore(node, self._backups[node.node])
        # What nobody has any more is lost with the disk.
        self._owed = [(ref, value) for ref, value in self._owed if self._is_reachable(value)]
        self._gone = {gone: entry for gone, entry in self._gone.items() if self._is_reachable(entry)}

    def _restore_two(self, _node: Repository) -> None:
        chosen = self._random.sample(self._nodes, 2)
        self._restore(*chosen)
        for node in chosen:
            if self._random.random() < 0.8:
                self._somebody_pushes(node)
            if self._random.random() < 0.6:
                self._fetch(node)

    def _compact(self, node: Repository) -> None:
        self.log.append(f"{node.node} compacts")
        journals.compact(node)

    def _no_cache(self, node: Repository) -> None:
        self.log.append(f"the cache of {node.node} is gone")
        journals.no_cache(node)

    def _carry(self) -> None:
        for node in self._nodes:
            journals.fetch(node, *(each for each in self._nodes if each is not node))

    # ---- pushing ----

    def _commit(self, node: Repository, *parents: str) -> str:
        self._number += 1
        return journals.commit(node, f"commit {self._number}", *parents)

    def _push(self, node: Repository, wanted: dict[str, str | None]) -> None:
        self.log.append(f"push to {node.node}: {wanted}")
        before = node.refs(HEADS)
        journals.push(node, **wanted)
        entry = journal.heads(node)[node.node]
        for name, new in wanted.items():
            ref = HEADS + name
            old = before.get(ref)
            if old:
                self._owed = [
                    (each, value) for each, value in self._owed if each != ref or not self._contains(node, old, value)
                ]
                if not new or not self._contains(node, new, old):
                    self._gone[ref, old] = entry
            if new:
                self._owed.append((ref, new))
                again = [
                    (each, value) for each, value in self._gone if each == ref and self._contains(node, new, value)
                ]
                for gone in again:
                    del self._gone[gone]

    def _contains(self, node: Repository, value: str, other: str) -> bool:
        return value == other or node.is_ancestor(other, value)

    def _is_reachable(self, oid: str) -> bool:
        return any(
            node.object_types([oid]) and node.git("for-each-ref", "--count=1", "--contains", oid).text()
            for node in self._nodes
        )


def _base(ref: str) -> str:
    return "refs/" + ref.split("/", 3)[3] if ref.startswith(CONFLICTS) else ""


def _hinders(name: str, refs: list[str]) -> bool:
    """Whether a branch cannot be beside the others: a name is no folder."""
    ref = HEADS + name
    return any(ref.startswith(f"{each}/") or each.startswith(f"{ref}/") for each in refs)
