"""What may happen to which ref, and by whom."""

import pytest

from hookkit.api import RefUpdate
from hookkit_plugins.protect.rules import Facts, Rules, objection

ONE, TWO, ZERO = "1" * 40, "2" * 40, "0" * 40
MAIN, TAG, OTHER = "refs/heads/main", "refs/tags/v1", "refs/heads/other"
RULES = Rules(
    no_delete=(MAIN, "refs/tags/*"),
    no_rewrite=("refs/heads/*", "refs/tags/*", "!refs/heads/wip/*"),
    signed=("refs/tags/v*",),
    only=(("refs/heads/release/*", ("alice", "bob")), ("refs/heads/release/1", ("carol",))),
    exempt=frozenset({"root"}),
)
FORWARD = Facts(lambda *_: True, lambda _: None)
BACK = Facts(lambda *_: False, lambda _: "nobody signed it")


@pytest.mark.parametrize(
    ("update", "pusher", "facts", "expected"),
    [
        (RefUpdate(MAIN, ONE, ZERO), "dana", FORWARD, "main may not be deleted (no-delete)"),
        (RefUpdate(OTHER, ONE, ZERO), "dana", FORWARD, None),
        (RefUpdate(MAIN, ONE, TWO), "dana", FORWARD, None),
        (RefUpdate(MAIN, ZERO, TWO), "dana", BACK, None),
        (
            RefUpdate(MAIN, ONE, TWO),
            "dana",
            BACK,
            "main may not be rewritten: 2222222 does not contain 1111111 (no-rewrite)",
        ),
        (RefUpdate("refs/heads/wip/x", ONE, TWO), "dana", BACK, None),
        (RefUpdate(TAG, ONE, TWO), "dana", FORWARD, "the tag v1 may not be moved (no-rewrite)"),
        (RefUpdate(TAG, ZERO, TWO), "dana", FORWARD, None),
        (RefUpdate(TAG, ZERO, TWO), "dana", BACK, "v1 must be signed: nobody signed it (signed)"),
        (RefUpdate("refs/heads/release/2", ZERO, TWO), "bob", FORWARD, None),
        (
            RefUpdate("refs/heads/release/2", ZERO, TWO),
            "carol",
            FORWARD,
            "release/2 is for alice and bob; you are carol (only)",
        ),
        (RefUpdate("refs/heads/release/1", ONE, ZERO), "carol", FORWARD, None),
        (
            RefUpdate("refs/heads/release/1", ZERO, TWO),
            None,
            FORWARD,
            "release/1 is for alice, bob and carol; you are not known (only)",
        ),
        (RefUpdate(MAIN, ONE, ZERO), "root", BACK, None),
        (RefUpdate(MAIN, ONE, ZERO), None, FORWARD, "main may not be deleted (no-delete)"),
    ],
)
def test_each_ref_is_judged_by_what_happens_to_it(
    update: RefUpdate, pusher: str | None, facts: Facts, expected: str | None
) -> None:
    assert objection(update, pusher, RULES, facts) == expected


def test_git_is_asked_only_what_a_rule_needs() -> None:
    def never(*_: object) -> bool:
        raise AssertionError

    unasked = Facts(never, never)  # type: ignore[arg-type]
    assert objection(RefUpdate("refs/heads/wip/x", ONE, TWO), "dana", RULES, unasked) is None
    assert objection(RefUpdate(MAIN, ZERO, TWO), "dana", RULES, unasked) is None
    assert objection(RefUpdate(MAIN, ONE, TWO), "root", RULES, unasked) is None
