"""Histories of a cluster: same entries, same refs, and nothing acknowledged is lost.

``HOOKKIT_HISTORIES`` sets how many are tried (`make chaos`: 100,000).
"""

import os
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from hookkit_plugins.cluster import checkpoint
from hookkit_plugins.cluster.resolve import (
    CONFLICTS,
    Entry,
    Resolved,
    State,
    Update,
    add,
    conflict_ref,
    join,
    outcome,
    resolve,
)

REFS = ("refs/heads/main", "refs/heads/n", "refs/heads/n/m", "refs/tags/t")
WHICH = st.integers(0, 4)
REF = st.sampled_from(REFS)
HOURS = st.integers(-8, 8)


@dataclass
class Node:
    """One node. What is on its disk only: a crash is a step that does not follow."""

    name: str
    clock: int = 0
    received: dict[str, int] = field(default_factory=dict)
    applied: dict[str, int] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    fresh: set[int] = field(default_factory=set)  # acknowledged here, not in an entry yet
    seen: set[int] = field(default_factory=set)


class Histories(RuleBasedStateMachine):
    """Pushes are numbered. One is released when somebody who has seen it replaces or deletes what holds it."""

    def __init__(self):
        super().__init__()
        self.nodes: list[Node] = []
        self.entries: dict[tuple[str, int], Entry] = {}
        self.carries: dict[tuple[str, int], set[int]] = {}
        self.ancestors: dict[str, frozenset[str]] = {}
        self.pushes: dict[int, tuple[str, str]] = {}
        self.released: set[int] = set()
        self.now = 1_000_000

    def contains(self, value, other):
        return other in self.ancestors.get(value, ())

    def holds(self, value, other):
        return value == other or self.contains(value, other)

    def node(self, which):
        return self.nodes[which % len(self.nodes)]

    def commit(self, *parents):
        oid = f"{len(self.ancestors):040x}"
        self.ancestors[oid] = frozenset(p for parent in parents for p in (parent, *self.ancestors[parent]))
        return oid

    @initialize(skews=st.lists(HOURS, min_size=2, max_size=5))
    def start(self, skews):
        self.nodes = [Node(f"node{number}", skew * 3600) for number, skew in enumerate(skews)]

    @rule(which=WHICH, ref=REF, forced=st.booleans())
    def push(self, which, ref, forced):
        at = self.node(which)
        clashes = any(n.startswith(ref + "/") or ref.startswith(n + "/") for n in at.refs)
        if not clashes:
            old = at.refs.get(ref)
            self.accept(at, ref, self.commit(*([old] if old and not forced else [])))

    @rule(which=WHICH, ref=REF, choice=st.integers(0, 50))
    def force_to_what_exists(self, which, ref, choice):
        at = self.node(which)
        there = sorted({*at.refs.values(), *at.conflicts.values()})
        if there and ref in at.refs:
            self.accept(at, ref, there[choice % len(there)])

    @rule(which=WHICH, choice=st.integers(0, 50))
    def merge_a_loser(self, which, choice):
        at = self.node(which)
        if at.conflicts:
            name = sorted(at.conflicts)[choice % len(at.conflicts)]
            ref = "refs/" + name.removeprefix(CONFLICTS).partition("/")[2]
            if ref in at.refs:
                self.accept(at, ref, self.commit(at.refs[ref], at.conflicts[name]))

    @rule(which=WHICH, ref=REF)
    def delete(self, which, ref):
        at = self.node(which)
        if ref in at.refs:
            self.release(at, ref, at.refs.pop(ref))

    @rule(which=WHICH, choice=st.integers(0, 50))
    def drop_a_loser(self, which, choice):
        at = self.node(which)
        if at.conflicts:
            name = sorted(at.conflicts)[choice % len(at.conflicts)]
            self.release(at, "refs/" + name.removeprefix(CONFLICTS).partition("/")[2], at.conflicts.pop(name))

    def accept(self, at, ref, value):
        if at.refs.get(ref) == value:
            return
        if ref in at.refs:
            self.release(at, ref, at.refs[ref])
        at.refs[ref] = value
        number = len(self.pushes)
        self.pushes[number] = (ref, value)
        at.seen.add(number)
        at.fresh.add(number)

    def release(self, at, ref, held):
        self.released |= {n for n in at.seen if self.pushes[n][0] == ref and self.holds(held, self.pushes[n][1])}

    @rule(which=WHICH, hours=HOURS)
    def set_the_clock(self, which, hours):
        self.node(which).clock = hours * 3600

    @rule(to=WHICH, source=WHICH, about=WHICH, less=st.integers(0, 3))
    def receive(self, to, source, about, less):
        """A part of one journal, from anybody; with an entry comes all that it talks about."""
        to, source, owner = self.node(to), self.node(source), self.node(about).name
        upto = source.received.get(owner, 0) - less
        if upto > 0:
            past = {**self.entries[owner, upto].past, owner: upto}
            to.received = {n: max(to.received.get(n, 0), past.get(n, 0)) for n in {*to.received, *past}}

    @rule(which=WHICH)
    def replay(self, which):
        """Append what is different here, then move the refs: one transaction."""
        at = self.node(which)
        self.now += 1
        before = {**at_applied.refs, **at_applied.conflicts} if (at_applied := self.decide(at.applied)) else {}
        after = {**at.refs, **at.conflicts}
        changed = {r: Update(before.get(r), after.get(r)) for r in {*before, *after} if before.get(r) != after.get(r)}
        # A push that was taken back before it was written down said nothing.
        for number in at.fresh:
            if self.pushes[number][0] not in changed:
                del self.pushes[number]
                self.pushes[number] = ("", "")
        if changed:
            seq = at.received.get(at.name, 0) + 1
            seen = [self.entries[name, last].time for name, last in at.applied.items()]
            entry = Entry(at.name, seq, max(self.now + at.clock, *seen, 0), dict(at.applied), changed)
            self.entries[at.name, seq] = entry
            self.carries[at.name, seq] = {n for n in at.fresh if self.pushes[n][0]}
            at.received = {**at.received, at.name: seq}
        at.fresh = set()
        at.applied = dict(at.received)
        at.refs, at.conflicts = map(dict, self.decide(at.applied))
        for name, last in at.applied.items():
            at.seen.update(*(self.carries[name, seq] for seq in range(1, last + 1)))

    def decide(self, vector) -> Resolved:
        held = [self.entries[name, seq] for name, last in vector.items() for seq in range(1, last + 1)]
        found = resolve(held, self.contains)
        assert resolve(sorted(held, key=lambda e: (e.seq, e.node), reverse=True), self.contains) == found
        claims = {}
        added = []
        while held:  # an order of arrival: whatever has its past
            ready = next(e for e in held if not any(e.knows(other) for other in held))
            held.remove(ready)
            added.append(ready)
            add(claims, ready, self.contains)
        assert outcome(claims, self.contains) == found
        names = {*found.refs, *found.conflicts}
        assert not any(other.startswith(name + "/") for name in names for other in names)
        return found

    def state(self, vector):
        claims = {}
        held = [self.entries[name, seq] for name, last in vector.items() for seq in range(1, last + 1)]
        while held:
            ready = next(e for e in held if not any(e.knows(other) for other in held))
            held.remove(ready)
            add(claims, ready, self.contains)
        return State(vector, claims)

    def check_checkpoints(self):
        """What checkpoints of two nodes come to together is what all their entries come to."""
        for one in self.nodes:
            for other in self.nodes:
                states = [checkpoint.parse(checkpoint.text(self.state(n.received)), n.received) for n in (one, other)]
                together = {
                    n: max(one.received.get(n, 0), other.received.get(n, 0)) for n in {*one.received, *other.received}
                }
                joined = join(*states)
                assert joined.vector == together
                assert outcome(joined.claims, self.contains) == self.decide(together)

    def teardown(self):
        """The network heals: everybody gets everything, and then what the last replays have written."""
        self.check_checkpoints()
        for _ in range(2):
            for number in range(len(self.nodes)):
                self.replay(number)
            everything = {node.name: node.received[node.name] for node in self.nodes if node.name in node.received}
            for node in self.nodes:
                node.received = dict(everything)
        for number, node in enumerate(self.nodes):
            self.replay(number)
            assert (node.refs, node.conflicts) == (self.nodes[0].refs, self.nodes[0].conflicts)
        if not self.nodes:
            return
        kept = self.nodes[0]
        for number, (ref, value) in self.pushes.items():
            if ref and number not in self.released:
                held = [kept.refs[ref]] if ref in kept.refs else []
                held += [
                    v
                    for n, v in kept.conflicts.items()
                    if n.partition("/")[2].partition("/")[2].partition("/")[2] == ref[5:]
                ]
                assert any(self.holds(v, value) for v in held), f"push {number}, {value} to {ref}, is lost"


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=int(os.environ.get("HOOKKIT_HISTORIES", "200")),
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_names_of_conflict_refs():
    assert conflict_ref(Entry("a.b", 12, 0, {}, {}), "refs/tags/v/1") == "refs/conflicts/a.b.12/tags/v/1"
