"""What is sent: every combination of what is here, what is there and what is owed, and the rule behind all of it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit_plugins.mirror.plan import Change, Debt, Diverged, compare, guess

REF = "refs/heads/main"
ZERO = "0" * 40
A, B, C = ("a" * 40, "b" * 40, "c" * 40)  # a line of history: C contains B contains A
X, Y = ("d" * 40, "e" * 40)  # somebody else's commits, unrelated
LINE = [A, B, C]


def contains(old: str, new: str) -> bool:
    return old in LINE and new in LINE and LINE.index(old) <= LINE.index(new)


def debt(base: str, *replaced: str) -> Debt:
    return Debt(REF, base, 7, 0.0, frozenset(replaced))


@pytest.mark.parametrize(
    ("base", "here", "change"),
    [
        (ZERO, A, Change(REF, A, None)),
        (A, B, Change(REF, B, A)),
        (B, A, Change(REF, A, B)),
        (A, None, Change(REF, None, A)),
        ("", B, Change(REF, B, None)),
    ],
)
def test_guess(base: str, here: str | None, change: Change) -> None:
    assert guess([debt(base)], {REF: here} if here else {}) == ([change], [])


@pytest.mark.parametrize("base", [ZERO, "", "0" * 64])
def test_nothing_is_guessed_about_what_came_and_went(base: str) -> None:
    assert guess([debt(base)], {}) == ([], [debt(base)])


SEND, SETTLED, DIVERGED, ONLY_THERE = "send", "settled", "diverged", "only there"

# here, there, debt: verdict
TABLE: dict[tuple[str | None, str | None, Debt | None], str] = {
    (None, None, None): SETTLED,
    (None, None, debt(A)): SETTLED,
    (A, A, None): SETTLED,
    (A, A, debt(B)): SETTLED,
    # the remote has nothing
    (A, None, None): SEND,
    (A, None, debt(B)): SEND,
    # only the remote has something
    (None, A, None): ONLY_THERE,
    (None, A, debt(A)): SEND,
    (None, B, debt(A, B)): SEND,
    (None, X, debt(A)): DIVERGED,
    (None, X, debt(ZERO)): DIVERGED,
    (None, A, debt("")): DIVERGED,
    # the remote is behind
    (B, A, None): SEND,
    (B, A, debt(ZERO)): SEND,
    (B, A, debt(X)): SEND,
    # the remote is ahead
    (A, B, None): SETTLED,
    (A, B, debt(X)): SETTLED,
    # rewound here
    (A, B, debt(B)): SEND,
    (A, C, debt(B, C)): SEND,
    # neither contains the other
    (A, X, None): DIVERGED,
    (A, X, debt(B)): DIVERGED,
    (A, X, debt(X)): SEND,
    (A, X, debt(B, X)): SEND,
}


@pytest.mark.parametrize(("here", "there", "owed"), TABLE)
def test_compare(here: str | None, there: str | None, owed: Debt | None) -> None:
    plan = compare(
        [REF], {REF: here} if here else {}, {REF: there} if there else {}, {REF: owed} if owed else {}, contains
    )
    match TABLE[here, there, owed]:
        case "send":
            assert plan == ([Change(REF, here, there)], [], [], 0)
        case "settled":
            assert plan == ([], [REF], [], 0)
        case "diverged":
            assert there is not None
            assert plan == ([], [], [Diverged(REF, here, there)], 0)
        case _:
            assert plan == ([], [], [], 1)


def test_the_table_has_every_kind_of_here_and_there() -> None:
    kinds = {
        (here is None, there is None, owed is None, here == there, bool(owed and there and owed.knew(there)))
        for here, there, owed in TABLE
    }
    values = (None, A, B, X)
    owing = (None, debt(ZERO), debt(A), debt(B), debt(X))
    possible = {
        (here is None, there is None, owed is None, here == there, bool(owed and there and owed.knew(there)))
        for here, there, owed in itertools.product(values, values, owing)
    }
    # Equal to what is here although it was replaced here: settled, like everything equal.
    assert possible - kinds <= {(False, False, False, True, True)}


oids = st.sampled_from([A, B, C, X, Y])
debts = st.builds(debt, st.sampled_from([ZERO, "", A, B, C, X, Y]), oids, oids) | st.builds(debt, oids) | st.none()


@given(here=st.none() | oids, there=st.none() | oids, owed=debts)
def test_nothing_is_replaced_that_was_not_seen_here(here: str | None, there: str | None, owed: Debt | None) -> None:
    ours, theirs = {REF: here} if here else {}, {REF: there} if there else {}
    plan = compare([REF], ours, theirs, {REF: owed} if owed else {}, contains)
    assert len(plan.send) + len(plan.settled) + len(plan.diverged) + plan.only_there == 1
    changes = list(plan.send)
    if owed:
        changes += guess([owed], ours)[0]
    for change in changes:
        assert change.new == here
        if change.lease is not None:
            was_here = owed is not None and change.lease in {owed.base, *owed.replaced}
            assert was_here or (change.new is not None and contains(change.lease, change.new))
        else:
            assert change.new is not None, "a deletion without a lease"
    for change in plan.send:
        assert change.lease == there, "the lease is what the remote said"
    if owed is None and here is None:
        assert not changes
