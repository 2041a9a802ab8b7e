"""Which refs are mirrored."""

import pytest

from hookkit_plugins.mirror.refs import RefFilter, short
from hookkit_plugins.mirror.settings import DEFAULT_REFS


@pytest.mark.parametrize(
    ("ref", "mirrored"),
    [
        ("refs/heads/main", True),
        ("refs/heads/a/b/c", True),
        ("refs/heads/line\u2028separator", True),
        ("refs/heads/not-utf8-\udcff", True),
        ("refs/tags/v1", True),
        ("refs/notes/commits", True),
        ("refs/remotes/origin/main", False),
        ("refs/stash", False),
        ("refs/pull/1/head", False),
        ("refs/conflicts/x", False),
        ("refs/hookkit/keep/x", False),
        ("HEAD", False),
        ("refs/headsx", False),
    ],
)
def test_default(ref: str, mirrored: bool) -> None:
    assert (ref in RefFilter(DEFAULT_REFS)) is mirrored


@pytest.mark.parametrize(
    ("patterns", "there", "not_there"),
    [
        (("refs/*",), ["refs/heads/x", "refs/pull/1/head"], ["refs/hookkit/keep/x", "HEAD"]),
        (("refs/heads/release-*",), ["refs/heads/release-1"], ["refs/heads/main", "refs/tags/v1"]),
        (("refs/heads/*", "!refs/heads/wip/*"), ["refs/heads/x"], ["refs/heads/wip/x"]),
        (("^refs/heads/wip/*", "refs/heads/*"), ["refs/heads/x"], ["refs/heads/wip/x"]),
        (("!refs/heads/wip/*",), ["refs/heads/x", "refs/tags/v1"], ["refs/heads/wip/x", "refs/pull/1"]),
        (("refs/hookkit/*",), [], ["refs/hookkit/keep/x"]),
        (("refs/heads/main",), ["refs/heads/main"], ["refs/heads/main2", "refs/heads/main/x"]),
    ],
)
def test_patterns(patterns: tuple[str, ...], there: list[str], not_there: list[str]) -> None:
    mirrored = RefFilter(patterns)
    assert all(ref in mirrored for ref in there)
    assert not any(ref in mirrored for ref in not_there)


@pytest.mark.parametrize(
    ("ref", "name"),
    [
        ("refs/heads/a/b", "a/b"),
        ("refs/tags/v1", "v1"),
        ("refs/notes/commits", "notes/commits"),
        ("refs/heads/refs/heads/x", "refs/heads/x"),
        ("HEAD", "HEAD"),
    ],
)
def test_short(ref: str, name: str) -> None:
    assert short(ref) == name
