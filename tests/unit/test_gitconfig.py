"""The layered configuration."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from hookkit.gitconfig import Entry, GitConfig, normal, parse, split
from hookkit.repository import Repository


def test_parse() -> None:
    listed = b"global\0file:/g\0a.b\nc\0local\0file:.git/config\0x.y.z\n1\n2\0local\0file:f\0bare.key\0"
    assert parse(listed) == [
        Entry("global", "file:/g", "a.b", "c"),
        Entry("local", "file:.git/config", "x.y.z", "1\n2"),
        Entry("local", "file:f", "bare.key", None),
    ]


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("hookkit.node", ("hookkit", None, "node")),
        ("remote.a.b.c.url", ("remote", "a.b.c", "url")),
        ("remote..url", ("remote", "", "url")),
    ],
)
def test_split(key: str, parts: tuple[str, str | None, str]) -> None:
    assert split(key) == parts


def test_keys_are_compared_as_git_does() -> None:
    assert normal("HookKit.Mirror.ENABLED") == "hookkit.Mirror.enabled"
    config = GitConfig([Entry("local", "f", "remote.Origin.url", "x")])
    assert config.last("REMOTE.Origin.URL") == config.entries[0]
    assert config.last("remote.origin.url") is None


def test_the_last_one_wins_and_all_are_there() -> None:
    config = GitConfig([Entry("global", "g", "a.b", "1"), Entry("local", "l", "a.b", "2")])
    assert config.last("a.b") == Entry("local", "l", "a.b", "2")
    assert [entry.value for entry in config.every("a.b")] == ["1", "2"]
    assert config.every("a.c") == []


def test_subsections() -> None:
    keys = ("remote.b.url", "remote.a.url", "remote.b.fetch", "remote.pushdefault", "remotes.group", "remote.x.y.url")
    config = GitConfig([Entry("local", "l", key, "") for key in keys])
    assert config.subsections("remote") == ["b", "a", "x.y"]


def test_the_layers_of_git(
    repo: Repository, configure: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    included = tmp_path / "included"
    included.write_text("[hookkit]\n\tnode = from-include\n")
    account = tmp_path / "account"
    account.write_text(f"[hookkit]\n\tnode = from-account\n[include]\n\tpath = {included}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(account))
    configure("hookkit.mirror.wait", "3")
    assert [(entry.scope, entry.place, entry.value) for entry in repo.config.every("hookkit.node")] == [
        ("global", str(account), "from-account"),
        ("global", str(included), "from-include"),
    ]
    wait = repo.config.last("hookkit.mirror.wait")
    assert wait is not None
    assert (wait.scope, wait.place) == ("local", str(repo.git_dir / "config"))
    assert GitConfig.of_account().last("hookkit.mirror.wait") is None
    assert [entry.value for entry in GitConfig.of_account().every("hookkit.node")] == ["from-account", "from-include"]


def test_the_environment_and_the_command_line_do_not_count(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "hookkit.evil.enabled")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'hookkit.evil.enabled'='true'")
    assert repo.config.last("hookkit.evil.enabled") is None
    assert repo.config.last("hookkit.mirror.enabled") is not None


def test_git_config_file_variable_hides_nothing(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").write_text('[hookkit "evil"]\n\tenabled = true\n')
    monkeypatch.setenv("GIT_CONFIG", str(tmp_path / "other"))
    assert repo.config.last("hookkit.evil.enabled") is None
    assert repo.config.last("hookkit.mirror.enabled") is not None


def test_bytes_that_are_not_utf8_survive(repo: Repository) -> None:
    with (repo.git_dir / "config").open("ab") as file:
        file.write(b'[remote "\xff"]\n\turl = /caf\xe9\n')
    name = b"\xff".decode("utf-8", "surrogateescape")
    assert repo.config.subsections("remote") == [name]
    url = repo.config.last(f"remote.{name}.url")
    assert url is not None
    assert os.fsencode(url.value or "") == b"/caf\xe9"
