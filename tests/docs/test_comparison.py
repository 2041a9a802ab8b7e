"""What counts as the same when a page is compared with what happens: too strict, it never passes; too lax, pages lie."""

import pytest
from support import pages

SHOWN = ["remote: hookkit: bravo  8490561..8df6391 main  ok 0.49s", "remote: hookkit: charlie  offline, 2 refs queued"]


@pytest.mark.parametrize(
    "seen",
    [
        SHOWN,
        SHOWN[::-1],
        [SHOWN[0].replace("8490561", "0123abc").replace("0.49s", "12.01s"), SHOWN[1]],
        [SHOWN[0], SHOWN[1].replace("offline", "offline for 4m")],
    ],
)
def test_what_differs_each_time_is_the_same(seen: list[str]) -> None:
    assert pages.matches(SHOWN, seen)


@pytest.mark.parametrize(
    "seen",
    [
        [],
        SHOWN[:1],
        [*SHOWN, "one more"],
        [SHOWN[0].replace("main", "next"), SHOWN[1]],
        [SHOWN[0].replace("..", "..."), SHOWN[1]],
        [SHOWN[0], SHOWN[1].replace("2 refs", "3 refs")],
    ],
)
def test_everything_else_is_not(seen: list[str]) -> None:
    assert not pages.matches(SHOWN, seen)


def test_dots_stand_for_any_lines_between_those_that_must_be_there() -> None:
    assert pages.matches(["first", "...", "last"], ["first", "second", "last"])
    assert not pages.matches(["first", "...", "last"], ["second", "last"])
    assert not pages.matches(["first", "...", "last"], ["first", "second"])


def test_a_block_is_what_its_steps_show() -> None:
    lines = ["alpha$ one \\", "  two", "output", "", "dana$ three"]
    assert pages.steps(lines)[0] == pages.Step("alpha", "one \\\n  two", ["output", ""])
    assert pages.shown(pages.steps(lines)) == lines
