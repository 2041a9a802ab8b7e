"""From checks to findings, and what is left after ``--fix``."""

import pytest

from hookkit.api import Check, HookkitError
from hookkit.doctor.findings import Finding, judged, looked, settled


def checks_then(error):
    yield Check("first", "ok")
    raise error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (HookkitError("it is gone", cause="somebody took it", hint="look"), "it is gone (somebody took it)"),
        (PermissionError(13, "Permission denied", "/x"), "cannot be looked at: [Errno 13] Permission denied: '/x'"),
        (ZeroDivisionError("oops"), "hookkit has a bug, sorry (ZeroDivisionError: oops)"),
    ],
)
def test_a_look_that_fails_is_a_finding(error, says):
    first, second = looked("something", lambda: checks_then(error))
    assert first == Check("first", "ok")
    assert (second.name, second.verdict, second.cause) == ("something", "problem", says)


def test_fixes_are_carried_out_for_what_is_not_ok_only():
    done = []
    given = [
        Check(verdict, verdict, "why", "do this", lambda v=verdict: done.append(v)) for verdict in ("ok", "warning")
    ]
    assert judged("x", given, fix=False) == [
        Finding("x", "ok", "ok", "why", ""),
        Finding("x", "warning", "warning", "why", "do this", fixable=True),
    ]
    assert done == []
    assert judged("x", given, fix=True)[1].tried
    assert done == ["warning"]


def test_all_is_looked_at_before_anything_is_fixed():
    happened = []

    def checks():
        for name in "ab":
            happened.append(f"look {name}")
            yield Check(name, "problem", fix=lambda name=name: happened.append(f"fix {name}"))

    judged("x", checks(), fix=True)
    assert happened == ["look a", "look b", "fix a", "fix b"]


@pytest.mark.parametrize(
    ("error", "says"),
    [(HookkitError("no", cause="why not"), "no (why not)"), (OSError("disk"), "disk"), (KeyError("k"), "KeyError")],
)
def test_a_fix_that_fails_says_why(error, says):
    def fix():
        raise error

    (found,) = judged("x", [Check("a", "problem", "broken", fix=fix)], fix=True)
    assert found.tried
    assert says in found.failed


def test_what_is_shown_has_no_control_characters_and_no_secrets():
    (found,) = judged("x", [Check("a\x1b[31m", "problem", "see https://u:pw@host/\n\nx", "a\nb")], fix=False)
    assert found == Finding("x", "a", "problem", "see https://u:***@host/ x", "a b")


def finding(name, verdict="ok", **more):
    return Finding("x", name, verdict, "why", "", **more)


@pytest.mark.parametrize(
    ("before", "after", "seen"),
    [
        ([finding("a")], [finding("a")], [finding("a")]),
        # Gone, or looked at again and well.
        ([finding("a", "problem", tried=True)], [], [finding("a", tried=True)]),
        ([finding("a", "problem", tried=True)], [finding("a")], [finding("a", tried=True)]),
        # Still there.
        (
            [finding("a", "problem", tried=True, failed="no")],
            [finding("a", "problem")],
            [finding("a", "problem", tried=True, failed="no")],
        ),
        (
            [finding("a", "problem", tried=True)],
            [finding("a", "problem")],
            [finding("a", "problem", tried=True, failed="it is still there")],
        ),
        # Another one has come.
        ([], [finding("b", "problem")], [finding("b", "problem")]),
    ],
)
def test_what_people_see_after_fixing(before, after, seen):
    assert settled(before, after) == seen
