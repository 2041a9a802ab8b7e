"""A cluster that is treated badly at random, and what must hold when it is left in peace again."""

import random
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from os import utime
from pathlib import Path
from typing import NamedTuple

from hookkit.testing import leaks
from support.client import WorkingCopy
from support.cluster import Cluster
from support.node import Node, SshNode

BRANCHES = (
    "refs/heads/main",
    "refs/heads/a",
    "refs/heads/a/b",
    "refs/heads/a/b/c",
    "refs/heads/-dash",
    "refs/heads/quote'\"$x;&|%41",
    "refs/heads/\u00fc\u2028\U0001f600",
)
OTHERS = ("refs/tags/v1", "refs/tags/a", "refs/notes/commits")
CONFLICTS = "refs/conflicts/"


class Wish(NamedTuple):
    """What somebody wants to push: a ref, what it is on the server, and what it is to be; None: nothing."""

    ref: str
    old: str | None
    new: str | None


class Chaos:
    """One run.

    :param work: a repository of somebody who may push to all; it has the servers' objects without fetching.
    """

    def __init__(self, nodes: Cluster, work: WorkingCopy, seed: int) -> None:
        self._nodes = nodes
        self._work = work
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._cut: set[tuple[str, str]] = set()
        self._backups: set[str] = set()
        self._number = 0
        # What was acknowledged and neither replaced nor deleted by somebody who had seen it.
        self.owed: list[tuple[str, str]] = []
        # What somebody who had seen it has replaced or deleted, and nobody pushed again.
        self.gone: set[tuple[str, str]] = set()
        self.log: list[str] = []
        stores = "".join(f"{node.path(nodes.repository)}/objects\n" for node in nodes)
        (work.path / ".git/objects/info/alternates").write_text(stores)
        self._base = self._commit()
        self._tree = work.git("rev-parse", f"{self._base}^{{tree}}").stdout.strip()

    # ---- what is done ----

    def begin(self) -> None:
        """Something that all nodes have."""
        self._push(self._nodes.nodes[0], [Wish("refs/heads/main", None, self._base)])
        self._nodes.sync()

    def step(self) -> None:
        """One thing, chosen at random."""
        steps: dict[Callable[[], None], int] = {
            self._someone_pushes: 40,
            self._several_push: 12,
            self._killed_while_pushing: 12,
            self._killed_while_syncing: 4,
            self._somebody_deals_with_a_conflict: 10,
            self._sync: 10,
            self._cut_or_heal: 12,
            self._stop_or_start: 6,
            self._compact: 5,
            self._default_branch: 3,
            self._cache_is_gone: 4,
            self._shallow_push: 2,
            self._back_up_or_restore: 8,
            self._forget: 1,
        }
        (chosen,) = self._random.choices([*steps], [*steps.values()])
        chosen()

    def heal(self) -> None:
        """Everything is as it was again, and old locks are gone, as `doctor --fix` does it."""
        for node in self._nodes:
            node.start()
        for pair in [*self._cut]:
            self._connect(pair)
        for node in self._nodes:
            for lock in self._locks(node):
                utime(lock, (0, 0))
            node.hookkit(self._nodes.repository, "doctor", "--fix", check=False)

    # ---- what must hold ----

    def problems(self) -> list[str]:
        """What is not as it must be."""
        self.heal()
        said: list[str] = []
        for _ in range(2):
            for node in self._nodes:
                done = node.hookkit(self._nodes.repository, "mirror", "sync", check=False)
                said.append(f"sync on {node.name}: {done.status}\n{done.stdout}{done.stderr}")
        found: list[str] = []
        refs = self._nodes.refs(*Cluster.EVERYTHING)
        first, *others = refs.values()
        for node, theirs in zip(self._nodes.nodes[1:], others, strict=True):
            found += [f"{node.name} differs: {each}" for each in sorted({*first.items()} ^ {*theirs.items()})]
        heads = {node.git(self._nodes.repository, "symbolic-ref", "HEAD").stdout for node in self._nodes}
        found += [f"HEAD is {sorted(heads)}"] if len(heads) > 1 else []
        for node in self._nodes:
            done = node.hookkit(self._nodes.repository, "cluster", "verify", check=False)
            found += [f"verify on {node.name}: {done.stdout}{done.stderr}"] if done.status else []
            if done.status:
                said += [
                    node.git(self._nodes.repository, "log", "--first-parent", "--format=%h %ad%n%B", ref).stdout
                    for ref in sorted(node.refs(self._nodes.repository, "refs/hookkit/journal/"))
                ]
            found += [f"left on {node.name}: {lock}" for lock in self._locks(node)]
            own = node.refs(self._nodes.repository, "refs/hookkit/")
            found += [f"left on {node.name}: {ref}" for ref in own if not ref.startswith("refs/hookkit/journal/")]
            checked = node.git(self._nodes.repository, "fsck", "--connectivity-only", check=False)
            found += [f"fsck on {node.name}: {checked.stderr}"] if checked.status else []
        for ref, value in self.owed:
            kept = [oid for name, oid in first.items() if name == ref or _base(name) == ref]
            if not any(self._holds(oid, value) for oid in kept):
                found.append(f"lost: {value} of {ref}; there: {kept}")
        found += [f"came back: {ref} {first[ref]}" for ref in first if (ref, first[ref]) in self.gone]
        return [*found, *said] if found else []

    # ---- the steps ----

    def _someone_pushes(self) -> None:
        node = self._running()
        if node:
            self._push(node, self._wishes(node), atomic=self._random.random() < 0.3)

    def _several_push(self) -> None:
        nodes = [node for node in self._nodes if node.running]
        pushes = [(node, self._wishes(node)) for node in nodes[: self._random.randint(2, 3)]]
        with ThreadPoolExecutor(3) as pool:
            for each in [pool.submit(self._push, node, wishes) for node, wishes in pushes]:
                each.result()

    def _killed_while_pushing(self) -> None:
        node = self._running()
        if node:
            wishes = self._wishes(node)
            delay = self._random.random() * 1.2
            self._note(f"the next push is killed after {delay:.2f} s")
            self._killed(node, delay, lambda: self._push(node, wishes))

    def _killed_while_syncing(self) -> None:
        node = self._running()
        if node:
            delay = self._random.random() * 1.5
            self._note(f"sync on {node.name}, killed after {delay:.2f} s")
            self._killed(node, delay, lambda: node.hookkit(self._nodes.repository, "mirror", "sync", check=False))

    def _killed(self, node: Node, delay: float, action: Callable[[], object]) -> None:
        """Kill everything that runs on ``node`` while ``action`` does, in the middle of it."""
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(action)
            threading.Event().wait(delay)
            if isinstance(node, SshNode):
                node.stop()
                node.start()
            for pid in leaks.processes(str(node.path(self._nodes.repository))):
                leaks.signal_all([pid], signal.SIGKILL)
            running.result()
        for lock in self._locks(node):
            if self._random.random() < 0.8:
                lock.unlink(missing_ok=True)

    def _somebody_deals_with_a_conflict(self) -> None:
        node = self._running()
        if node is None:
            return
        kept = sorted(node.refs(self._nodes.repository, CONFLICTS).items())
        if not kept:
            return
        ref, oid = self._random.choice(kept)
        branch = _base(ref)
        now = node.refs(self._nodes.repository).get(branch)
        way = self._random.choice(("merge", "merge on the server", "drop", "drop on the server"))
        if way == "merge" and now and self._kind(now) == self._kind(oid) == "commit":
            self._push(node, [Wish(branch, now, self._commit(now, oid))])
        elif way == "drop":
            self._push(node, [Wish(ref, oid, None)])
        elif way.endswith("server"):
            word = way.split(" ")[0]
            done = node.hookkit(
                self._nodes.repository, "cluster", "conflicts", word, "--", ref.removeprefix(CONFLICTS), check=False
            )
            self._note(f"conflicts {word} {ref} on {node.name}: {done.status} {done.stderr}")
            if word == "drop" and done.status == 0:
                self._release(branch, oid, surely=True)

    def _sync(self) -> None:
        node = self._running()
        if node:
            done = node.hookkit(self._nodes.repository, "mirror", "sync", check=False)
            self._note(f"sync on {node.name}: {done.status} {done.stderr}")

    def _cut_or_heal(self) -> None:
        if self._cut and self._random.random() < 0.5:
            self._connect(self._random.choice(sorted(self._cut)))
        else:
            one, other = sorted(self._random.sample([node.name for node in self._nodes], 2))
            self._cut.add((one, other))
            self._note(f"cut {one} {other}")
            for here, there in ((one, other), (other, one)):
                self._configure(self._nodes[here], f"remote.{there}.url", f"{self._url(there)}-cut")

    def _connect(self, pair: tuple[str, str]) -> None:
        self._cut.discard(pair)
        self._note(f"connect {pair}")
        for here, there in (pair, pair[::-1]):
            self._configure(self._nodes[here], f"remote.{there}.url", self._url(there))

    def _configure(self, node: Node, key: str, value: str) -> None:
        if not node.path(self._nodes.repository).exists():
            node.start()
        node.git(self._nodes.repository, "config", key, value)

    def _url(self, name: str) -> str:
        return self._nodes[name].url(self._nodes.repository)

    def _stop_or_start(self) -> None:
        node = self._random.choice(self._nodes.nodes)
        self._note(f"{'stop' if node.running else 'start'} {node.name}")
        if node.running:
            node.stop()
        else:
            node.start()

    def _compact(self) -> None:
        node = self._running()
        if node:
            done = node.hookkit(self._nodes.repository, "cluster", "compact", check=False)
            self._note(f"compact on {node.name}: {done.status} {done.stderr}")

    def _default_branch(self) -> None:
        node = self._running()
        if node:
            branches = sorted(node.refs(self._nodes.repository, "refs/heads/"))
            if branches:
                branch = self._random.choice(branches)
                self._note(f"HEAD of {node.name} is {branch}")
                node.git(self._nodes.repository, "symbolic-ref", "HEAD", branch)

    def _cache_is_gone(self) -> None:
        node = self._running()
        if node:
            self._note(f"the cache of {node.name} is gone")
            for file in (node.path(self._nodes.repository) / "hookkit/cluster").glob("state.sqlite*"):
                file.unlink()

    def _shallow_push(self) -> None:
        node = self._running()
        if node is None:
            return
        branches = node.refs(self._nodes.repository, "refs/heads/main")
        copy = self._work.client.home / f"shallow-{self._next()}"
        url = node.url(self._nodes.repository)
        url = url if "://" in url else f"file://{url}"
        clone = self._work.client.run(
            "git", "clone", "-q", "--depth", "1", "--branch", "main", url, str(copy), check=False
        )
        if clone.status or not branches:
            return
        shallow = WorkingCopy(self._work.client, copy)
        old = shallow.oid()
        new = shallow.commit(f"shallow {self._next()}")
        done = shallow.git("push", "origin", "HEAD:refs/heads/main", check=False)
        self._note(f"shallow push to {node.name} of {old}..{new}: {done.status}")
        self._settle(Wish("refs/heads/main", old, new), acknowledged=done.status == 0, tried=True)
        shutil.rmtree(copy)

    def _back_up_or_restore(self) -> None:
        node = self._running()
        if node is None:
            return
        if node.name not in self._backups:
            self._note(f"back up {node.name}")
            backup = self._backup_of(node)
            subprocess.run(["cp", "-a", str(node.path(self._nodes.repository)), str(backup)], check=True)
            self._backups.add(node.name)
            return
        # What nobody else has got is lost with the disk, whatever anybody does.
        self.heal()
        self._nodes.sync()
        self._nodes.sync()
        also = [each for each in self._nodes if each.name in self._backups and each is not node]
        restored = [node, *also[: len(self._nodes.nodes) - 2]]
        for each in restored:
            self._restore(each)
        for each in restored:
            if self._random.random() < 0.5:
                self._note("somebody pushes before anybody has noticed")
                self._push(each, [wish for wish in self._wishes(each) if wish.new])
        for each in restored:
            self._note(each.hookkit(self._nodes.repository, "mirror", "sync", check=False).stderr)

    def _restore(self, node: Node) -> None:
        self._note(f"restore {node.name}")
        path = node.path(self._nodes.repository)
        shutil.rmtree(path)
        self._backup_of(node).rename(path)
        self._backups.discard(node.name)
        for other in self._nodes:
            if other is not node:
                self._configure(node, f"remote.{other.name}.url", self._url(other.name))

    def _backup_of(self, node: Node) -> Path:
        return self._work.client.home / f"backup-{node.name}"

    def _forget(self) -> None:
        node = self._running()
        if node:
            other = self._random.choice([each for each in self._nodes if each is not node])
            self._note(f"{node.name} forgets {other.name}")
            node.hookkit(self._nodes.repository, "cluster", "forget", other.name, check=False)

    # ---- pushing ----

    def _wishes(self, node: Node) -> list[Wish]:
        refs = node.refs(self._nodes.repository)
        chosen = self._random.sample((*BRANCHES, *BRANCHES[:4], *OTHERS), self._random.choice((1, 1, 1, 2, 3)))
        return [wish for ref in dict.fromkeys(chosen) if (wish := self._wish(ref, refs.get(ref), refs))]

    def _wish(self, ref: str, old: str | None, refs: dict[str, str]) -> Wish | None:
        way = self._random.random()
        if old and way < 0.25:
            return Wish(ref, old, None)
        if ref in OTHERS and way < 0.6:
            return Wish(ref, old, self._tag())
        if ref.startswith("refs/tags/") and way < 0.7:
            return Wish(ref, old, self._blob())
        commits = [oid for name, oid in sorted(refs.items()) if name.startswith("refs/heads/")]
        if way > 0.92 and commits:
            new = self._random.choice(commits)
            return Wish(ref, old, new) if new != old else None
        forced = way < 0.5 or not old or self._kind(old) != "commit"
        return Wish(ref, old, self._commit(self._base) if forced or not old else self._commit(old))

    def _push(self, node: Node, wishes: Sequence[Wish], *, atomic: bool = False) -> None:
        if not wishes:
            return
        leases = [f"--force-with-lease={each.ref}:{each.old or ''}" for each in wishes]
        specs = [f"{each.new or ''}:{each.ref}" for each in wishes]
        flags = ["--atomic"] if atomic else []
        url = node.url(self._nodes.repository)
        done = self._work.git("push", "--porcelain", *flags, *leases, url, *specs, check=False)
        flagged = {}
        for line in done.stdout.split("\n"):
            fields = line.split("\t")
            if len(fields) == 3:
                flagged[fields[1].partition(":")[2]] = fields[0]
        complete = "Done" in done.stdout.split("\n")
        for each in wishes:
            flag = flagged.get(each.ref, "?")
            self._settle(each, acknowledged=complete and flag in " +-*=", tried=flag != "!" or not complete)
        said = ", ".join(
            f"{each.ref} {str(each.old)[:7]}..{str(each.new)[:7]} {flagged.get(each.ref, '?')}" for each in wishes
        )
        self._note(f"push to {node.name}{' --atomic' if atomic else ''}: {said}; {done.status}\n{done.stderr}")

    def _settle(self, wish: Wish, *, acknowledged: bool, tried: bool) -> None:
        with self._lock:
            if wish.ref.startswith(CONFLICTS):
                if tried:
                    self._release(_base(wish.ref), wish.old or "", surely=acknowledged)
                return
            if tried and wish.old:
                self._release(wish.ref, wish.old, surely=acknowledged)
            if tried and wish.new:
                self.gone.discard((wish.ref, wish.new))
            if acknowledged and wish.new:
                self.owed.append((wish.ref, wish.new))

    def _release(self, ref: str, held: str, *, surely: bool) -> None:
        """Somebody who has seen ``held`` does not want it any more."""
        released = {each for each in self.owed if each[0] == ref and self._holds(held, each[1])}
        self.owed = [each for each in self.owed if each not in released]
        self._note(f"not owed any more, as {ref} {held[:7]} is not wanted: {sorted(oid[:7] for _, oid in released)}")
        if surely:
            self.gone |= released

    def _holds(self, value: str, other: str) -> bool:
        if value == other:
            return True
        done = self._work.git("merge-base", "--is-ancestor", other, value, check=False)
        return done.status == 0 and self._kind(value) == self._kind(other) == "commit"

    def _kind(self, oid: str) -> str:
        return self._work.git("cat-file", "-t", oid, check=False).stdout.strip()

    def _commit(self, *parents: str) -> str:
        flags = [flag for parent in parents for flag in ("-p", parent)]
        tree = self._tree if parents else self._work.git("mktree").stdout.strip()
        return self._work.git("commit-tree", *flags, tree, stdin=f"change {self._next()}\n").stdout.strip()

    def _tag(self) -> str:
        text = f"object {self._base}\ntype commit\ntag t\ntagger t <t> 1 +0000\n\n{self._next()}\n"
        return self._work.git("hash-object", "-w", "-t", "tag", "--stdin", stdin=text).stdout.strip()

    def _blob(self) -> str:
        return self._work.git("hash-object", "-w", "--stdin", stdin=f"{self._next()}").stdout.strip()

    def _next(self) -> int:
        with self._lock:
            self._number += 1
            return self._number

    # ---- the rest ----

    def _running(self) -> Node | None:
        there = [node for node in self._nodes if node.running]
        return self._random.choice(there) if there else None

    def _locks(self, node: Node) -> list[Path]:
        path = node.path(self._nodes.repository)
        return [lock for lock in path.rglob("*.lock") if lock.relative_to(path).parts[0] != "hookkit"]

    def _note(self, said: str) -> None:
        self.log.append(said.strip())


def _base(ref: str) -> str:
    return "refs/" + ref.removeprefix(CONFLICTS).partition("/")[2] if ref.startswith(CONFLICTS) else ref
