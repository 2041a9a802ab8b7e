"""What other plugins are told about a remote, and when."""

import pytest

from hookkit_plugins.mirror import hookspecs, notices
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.status import Standing
from hookkit_plugins.mirror.store import Held, Known

NOW = 1_000_000.0
REMOTE = Remote("bravo", "mirror", "git@bravo:project.git", (), "bravo")


def standing(state: str = "in-sync", pending: int = 0, since: float | None = None, *diverged: str) -> Standing:
    held = tuple(Held(ref, NOW, "diverged", "1" * 40) for ref in diverged)
    return Standing(REMOTE, state, pending, since, Known(error="offline: refused"), held)


@pytest.mark.parametrize(
    ("now", "told", "expected", "known"),
    [
        (standing(), [], [], []),
        (standing("offline", 2, NOW - 3599), [], [], []),
        (standing("offline", 2, NOW - 3600), [], [hookspecs.hookkit_mirror_stale], ["stale"]),
        (standing("offline", 2, NOW - 9999), ["stale"], [], ["stale"]),
        (standing("pending", 1, NOW - 9999), ["stale"], [], ["stale"]),
        (standing(), ["stale"], [hookspecs.hookkit_mirror_recovered], []),
        (standing("unknown"), ["stale"], [], ["stale"]),
        (
            standing("diverged", 1, NOW - 9999, "refs/heads/a"),
            [],
            [hookspecs.hookkit_mirror_diverged],
            ["refs/heads/a"],
        ),
        (standing("diverged", 1, NOW, "refs/heads/a"), ["refs/heads/a"], [], ["refs/heads/a"]),
        (
            standing("diverged", 3, NOW - 9999, "refs/heads/a", "refs/heads/b"),
            ["refs/heads/a"],
            [hookspecs.hookkit_mirror_diverged, hookspecs.hookkit_mirror_stale],
            ["refs/heads/a", "refs/heads/b", "stale"],
        ),
        (standing(), ["refs/heads/a"], [hookspecs.hookkit_mirror_recovered], []),
    ],
)
def test_each_is_told_once_until_the_remote_has_recovered(now, told, expected, known) -> None:
    made, after = notices.due(now, told, 3600, NOW)
    assert [each.spec for each in made] == expected
    assert after == known


def test_what_is_refused_for_long_is_told_too() -> None:
    held = (Held("refs/heads/a", NOW - 9999, "refused", "refused: hook declined"),)
    (stale,), _ = notices.due(Standing(REMOTE, "refused", 1, NOW - 9999, Known(), held), [], 3600, NOW)
    assert stale.spec is hookspecs.hookkit_mirror_stale
    assert stale.arguments["error"] == "refs/heads/a: refused: hook declined"


def test_what_is_told() -> None:
    (diverged, stale), _ = notices.due(standing("diverged", 2, NOW - 9999, "refs/heads/a"), [], 3600, NOW)
    assert diverged.arguments == {"remote": "bravo", "url": "git@bravo:project.git", "refs": ["refs/heads/a"]}
    assert stale.arguments["pending"] == 2
    assert stale.arguments["since"] == NOW - 9999
    assert stale.arguments["error"] == "offline: refused"
