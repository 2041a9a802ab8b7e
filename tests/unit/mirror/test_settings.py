"""The options of the plugin and their values in a repository."""

from pathlib import Path

import pytest

from hookkit.api import ConfigError, Entry, GitConfig, Repository
from hookkit_plugins.mirror import settings
from hookkit_plugins.mirror.settings import DEFAULT_REFS, MirrorSettings


def read(*lines: tuple[str, str]) -> MirrorSettings:
    repo = Repository(Path("/nowhere"), Path("/nowhere"), None)
    repo.__dict__["config"] = GitConfig([Entry("local", "file:config", key, value) for key, value in lines])
    return settings.read(repo)


def test_defaults() -> None:
    assert read() == MirrorSettings((), DEFAULT_REFS, "hold", 10, 600, 8, 3, 16, 8, True, True)


def test_values() -> None:
    found = read(
        ("hookkit.mirror.remotes", "alpha  b*"),
        ("hookkit.mirror.remotes", "near"),
        ("hookkit.mirror.refs", "refs/heads/*"),
        ("hookkit.mirror.refs", "!refs/heads/wip/*"),
        ("hookkit.mirror.diverged", "overwrite"),
        ("hookkit.mirror.wait", "0"),
        ("hookkit.mirror.jobs", "2"),
    )
    assert found.remotes == ("alpha", "b*", "near")
    assert found.refs == ("refs/heads/*", "!refs/heads/wip/*")
    assert (found.diverged, found.wait, found.jobs) == ("overwrite", 0, 2)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("refs", "heads/*"),
        ("refs", ""),
        ("diverged", "force"),
        ("wait", "-1"),
        ("wait", "long"),
        ("jobs", "0"),
        ("hops", "x"),
    ],
)
def test_what_is_not_allowed(key: str, value: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read((f"hookkit.mirror.{key}", value))
    assert f"hookkit.mirror.{key}" in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize(
    ("wait", "timeout", "expected"),
    [("10", "60", 10), ("100", "60", 58), ("100", "0", 100), ("10", "2", 1), ("0", "60", 0), ("0", "1", 0)],
)
def test_the_wait_ends_before_the_runner_ends_the_plugin(wait: str, timeout: str, expected: float) -> None:
    assert read(("hookkit.mirror.wait", wait), ("hookkit.mirror.timeout", timeout)).wait == expected


def test_every_option_is_described() -> None:
    names = [option.name for option in settings.OPTIONS]
    assert len(set(names)) == len(names)
    assert all(option.help.endswith(".") for option in settings.OPTIONS)
