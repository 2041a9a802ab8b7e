"""What is decided without git: order, policies, signatures, what people and plugins are told."""

import pytest

from hookkit.api import RefPatterns, RefUpdate
from hookkit_plugins.cluster import settings
from hookkit_plugins.cluster.differences import Look, differences
from hookkit_plugins.cluster.entry import Record
from hookkit_plugins.cluster.former import mark
from hookkit_plugins.cluster.gather import in_order
from hookkit_plugins.cluster.notes import NOTE, lines, pushes
from hookkit_plugins.cluster.resolve import HEAD, Entry, Update
from hookkit_plugins.cluster.result import Conflict, Moved, Result
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.signing import refusal

A, B, C = "a" * 40, "b" * 40, "c" * 40


def record(node: str, seq: int, time: int, **past: int) -> Record:
    return Record(Entry(node, seq, time, past, {}))


def test_every_entry_comes_after_those_that_it_knows() -> None:
    # The clock of bravo is far ahead; charlie's last entry knows everything.
    records = [
        record("charlie", 1, 9_000_000, alpha=2, bravo=2),
        record("bravo", 2, 9_000_000, alpha=1),
        record("bravo", 1, 8_000_000),
        record("alpha", 2, 20, bravo=1),
        record("alpha", 1, 10),
    ]
    ordered = [each.entry for each in in_order(records)]
    for number, entry in enumerate(ordered):
        assert not any(entry.knows(later) for later in ordered[number:] if later is not entry)
        assert all(not before.knows(entry) for before in ordered[:number])


def chosen(refs: tuple[str, ...] = ("refs/heads/*",), conflict: tuple[str, ...] = ("keep",)) -> ClusterSettings:
    return ClusterSettings(RefPatterns(refs, settings.REFS.default), conflict, True, "/key", "/signers", False)


@pytest.mark.parametrize(
    ("ref", "covered"),
    [
        ("refs/heads/main", True),
        ("refs/heads/private/x", False),
        ("refs/changes/1", False),
        ("refs/hookkit/journal/alpha", False),
        ("refs/conflicts/alpha.1/heads/main", False),
    ],
)
def test_which_refs_are_the_same_everywhere(ref: str, covered: bool) -> None:
    assert chosen(("refs/heads/*", "!refs/heads/private/*")).covers(ref) is covered


def test_hookkits_own_are_never_among_them() -> None:
    assert not chosen(("refs/*",)).covers("refs/hookkit/journal/alpha")
    assert not chosen(("refs/*",)).covers("refs/conflicts/alpha.1/heads/main")
    assert chosen(("!refs/tags/*",)).covers("refs/heads/main")


@pytest.mark.parametrize(
    ("conflict", "ref", "merges"),
    [
        (("keep",), "refs/heads/main", False),
        (("merge",), "refs/heads/main", True),
        (("merge", "keep:refs/heads/main"), "refs/heads/main", False),
        (("merge:refs/heads/feature/*",), "refs/heads/main", False),
        (("merge:refs/heads/feature/*",), "refs/heads/feature/x", True),
        (("merge:refs/heads/*", "keep:refs/heads/release/*"), "refs/heads/release/1", False),
    ],
)
def test_the_last_policy_that_matches_counts(conflict: tuple[str, ...], ref: str, merges: bool) -> None:
    assert chosen(conflict=conflict).merges(ref) is merges


def test_why_a_signature_is_not_a_nodes() -> None:
    assert refusal("N", "", "alpha") == "it is not signed"
    assert "it is signed by bravo" in refusal("G", "bravo", "alpha")
    for verdict in ("U", "B", "E", ""):
        assert "hookkit setup trust alpha FILE.pub" in refusal(verdict, "", "alpha")
    for verdict, signer in (("U", ""), ("G", "alpha")):
        assert "the key that this node has now" in refusal(verdict, signer, "alpha", own=True)


def test_plugins_are_told_by_origin_and_journals_keep_the_trail() -> None:
    result = Result()
    result.journals = {"alpha": (A, B), "bravo": (None, C)}
    result.moved = [
        Moved(RefUpdate("refs/heads/main", A, B), "bravo", "bob"),
        Moved(RefUpdate("refs/heads/next", A, C), "bravo", "bob"),
        Moved(RefUpdate("refs/heads/other", A, C), "charlie", None),
    ]
    own, brought, bobs, others = pushes(result, "alpha", ("trail",))
    assert own.updates == (RefUpdate("refs/hookkit/journal/alpha", A, B),)
    assert own.options == ()
    assert brought.updates == (RefUpdate("refs/hookkit/journal/bravo", "0" * 40, C),)
    assert brought.options == ("trail",)
    assert (bobs.origin, bobs.pusher, len(bobs.updates)) == ("bravo", "bob", 2)
    assert (others.origin, others.pusher) == ("charlie", None)
    assert pushes(Result(), "alpha") == []


def test_people_are_told_who_lost_and_how_to_get_it_back() -> None:
    result = Result()
    kept = "refs/conflicts/bravo.12/heads/main"
    result.conflicts = [Conflict(kept, "refs/heads/main", C, B, "bob")]
    result.problems = {"refs/heads/main": "disk full", "charlie": "broken"}
    conflict, journal, ref = lines(result)
    assert conflict == (
        f"{NOTE}main had moved to bbbbbbb; ccccccc, pushed to bravo by bob, is kept as {kept}; "
        f"to merge it: git pull origin {kept}"
    )
    assert "journal of charlie is not followed: broken" in journal
    assert "main cannot be made" in ref
    result.conflicts *= 9
    assert "and 4 more conflicts" in lines(result)[5]


def look(final: dict[str, str] | None = None, known: set[str] | None = None, **more: bool) -> Look:
    states = {"joins": False, "joined": True} | more
    return Look(
        (final or {}).get, known or set(), lambda value, other: (value, other) == (C, A), {MAIN}.__contains__, **states
    )


MAIN, KEPT = "refs/heads/main", "refs/conflicts/bravo.1/heads/main"


@pytest.mark.parametrize(
    ("ref", "now", "then", "seen_by", "news", "behind"),
    [
        (MAIN, B, A, look(), True, False),
        (MAIN, A, A, look({MAIN: B}), False, False),  # as it was made; what is to come is carried out
        (MAIN, B, A, look({MAIN: B}), False, False),  # as it is to be
        (MAIN, None, A, look({MAIN: A}), True, False),
        (MAIN, B, None, look(joined=False), True, False),  # pushed to just now
        (KEPT, None, A, look({KEPT: A}), True, False),
        (KEPT, B, None, look(), False, True),  # made by hand, or left behind
        (MAIN, A, None, look({MAIN: C}, joins=True), False, True),  # only behind
        (MAIN, B, None, look({MAIN: C}, joins=True), True, False),
        (MAIN, B, None, look({}, {mark(MAIN, B)}, joins=True), False, True),  # deleted elsewhere since
        (MAIN, None, None, look({MAIN: C}, joins=True), False, False),
        (HEAD, MAIN, None, look(), True, False),
        (HEAD, "refs/heads/none", None, look(), False, False),
        (HEAD, "refs/heads/none", MAIN, look({HEAD: MAIN}), False, True),
        (HEAD, "refs/heads/none", MAIN, look({HEAD: "refs/heads/x"}), False, True),  # deleted meanwhile
        (HEAD, MAIN, None, look({HEAD: "refs/heads/x"}, joins=True), False, True),
    ],
)
def test_what_is_written_down(
    ref: str, now: str | None, then: str | None, seen_by: Look, news: bool, behind: bool
) -> None:
    actual, applied = ({ref: value} if value else {} for value in (now, then))
    found, old = differences([ref], actual, applied, {MAIN}, seen_by)
    assert found == ({ref: Update(then, now)} if news else {})
    assert old == ({ref: now} if behind else {})


def test_where_it_is_forgotten_what_a_ref_was_made_the_push_says_what_it_replaced() -> None:
    seen_by = look({MAIN: A}, {mark(MAIN, None)})
    for pushed, now, expected in (
        ({MAIN: Update(C, B)}, B, Update(C, B)),
        ({MAIN: Update(C, None)}, None, Update(C, None)),  # although it was not there once
        ({MAIN: Update(C, A)}, B, Update(C, B)),  # it went on
        ({}, B, Update(None, B)),
    ):
        actual = {MAIN: now} if now else {}
        found = differences([MAIN], actual, {MAIN: A}, {MAIN}, seen_by._replace(pushed=pushed))
        assert found == ({MAIN: expected}, {})


def test_what_nobody_has_pushed_waits_for_the_first_contact() -> None:
    assert differences(["refs/heads/x"], {"refs/heads/x": A}, {}, set(), look(joined=False)) == ({}, {})
