"""The rule, case by case. Objects are single letters; one contains another if it stands before it in a line."""

import pytest

from hookkit_plugins.cluster.resolve import Entry, Resolved, Update, conflict_ref, resolve

MAIN = "refs/heads/main"
LINES = ("abcd", "axy")


def descends(value, other):
    return any(other in line and other in line[: line.find(value)] for line in LINES if value in line)


def entry(node, seq=1, time=0, past=None, ref=MAIN, **updates):
    old, new = updates.get("old"), updates.get("new")
    return Entry(node, seq, time, past or {}, {ref: Update(old, new)})


def decide(*entries):
    found = resolve(entries, descends)
    assert resolve(reversed(entries), descends) == found
    return found


def test_nothing():
    assert decide() == Resolved({}, {})


def test_the_one_that_knew_the_other_wins_even_with_a_clock_that_is_behind():
    first = entry("alpha", time=9000, new="b")
    assert decide(first, entry("bravo", time=1, past={"alpha": 1}, old="b", new="x")) == Resolved({MAIN: "x"}, {})


def test_they_agree():
    assert decide(entry("alpha", new="b"), entry("bravo", new="b")) == Resolved({MAIN: "b"}, {})


def test_a_deletion_loses_to_a_value_that_it_did_not_know():
    base = entry("alpha", new="a")
    gone = entry("bravo", time=9, past={"alpha": 1}, old="a")
    assert decide(base, gone) == Resolved({}, {})
    assert decide(base, gone, entry("alpha", 2, old="a", new="b")) == Resolved({MAIN: "b"}, {})


def test_a_descendant_wins_over_the_newer():
    assert decide(entry("alpha", new="c"), entry("bravo", time=9, new="b")) == Resolved({MAIN: "c"}, {})


@pytest.mark.parametrize(("at", "wins", "lost"), [(9, "x", "alpha.1"), (4, "b", "bravo.1"), (5, "x", "alpha.1")])
def test_the_newest_wins_then_the_last_in_name_and_the_other_is_kept(at, wins, lost):
    found = decide(entry("alpha", time=5, new="b"), entry("bravo", time=at, new="x"))
    assert found == Resolved({MAIN: wins}, {f"refs/conflicts/{lost}/heads/main": "b" if wins == "x" else "x"})


LOST = (entry("alpha", time=1, new="b"), entry("bravo", time=2, new="x"))
KEPT = "refs/conflicts/alpha.1/heads/main"
BOTH = {"alpha": 1, "bravo": 1}


def test_a_loser_stays_until_a_later_push_contains_it():
    more = entry("charlie", past=BOTH, time=3, old="x", new="y")
    assert decide(*LOST, more) == Resolved({MAIN: "y"}, {KEPT: "b"})
    contains = entry("charlie", 2, past=BOTH, time=3, old="y", new="c")
    assert decide(*LOST, more, contains) == Resolved({MAIN: "c"}, {})


def test_what_was_contained_does_not_come_back_when_that_is_replaced():
    contains = entry("charlie", past=BOTH, time=3, old="x", new="c")
    replaced = entry("charlie", 2, past=BOTH, time=4, old="c", new="y")
    assert decide(*LOST, contains, replaced) == Resolved({MAIN: "y"}, {})


def test_deleting_the_branch_deletes_what_was_seen_there_only():
    gone = entry("charlie", past=BOTH, time=3, old="x")
    assert decide(*LOST, gone) == Resolved({}, {KEPT: "b"})


def test_deleting_a_conflict_ref_is_an_entry_like_another():
    dropped = entry("charlie", past=BOTH, ref=KEPT, old="b")
    assert decide(*LOST, dropped) == Resolved({MAIN: "x"}, {})


def test_a_conflict_ref_is_dropped_by_deletion_and_by_those_who_knew_it_only():
    moved = entry("charlie", past=BOTH, ref=KEPT, old="b", new="c")
    stranger = entry("delta", past={"bravo": 1}, ref=KEPT, old="b")
    assert decide(*LOST, moved, stranger) == Resolved({MAIN: "x"}, {KEPT: "b"})


def test_what_was_pushed_in_a_row_leaves_one_conflict_ref():
    row = (entry("alpha", 1, new="b"), entry("alpha", 2, old="b", new="c"), entry("bravo", time=9, new="x"))
    assert decide(*row).conflicts == {"refs/conflicts/alpha.2/heads/main": "c"}


def test_names_that_cannot_coexist():
    upper = entry("alpha", time=1, ref="refs/heads/n", new="b")
    lower = entry("bravo", time=2, ref="refs/heads/n/m", new="x")
    hidden = conflict_ref(upper, "refs/heads/n")
    assert decide(upper, lower) == Resolved({"refs/heads/n/m": "x"}, {hidden: "b"})
    gone = entry("charlie", past=BOTH, ref="refs/heads/n/m", old="x")
    assert decide(upper, lower, gone) == Resolved({"refs/heads/n": "b"}, {})
    dropped = entry("delta", past=BOTH, ref=hidden, old="b")
    assert decide(upper, lower, gone, dropped) == Resolved({}, {})


def test_head_is_a_ref_whose_loser_needs_no_keeping():
    heads = [entry(n, time=t, ref="HEAD", new=f"refs/heads/{n}") for n, t in (("alpha", 7), ("bravo", 5))]
    assert decide(*heads) == Resolved({"HEAD": "refs/heads/alpha"}, {})
