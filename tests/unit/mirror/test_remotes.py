"""Which remotes are pushed to, and what is left out of their configuration."""

import pytest

from hookkit.api import ConfigError, Entry, GitConfig, Settings
from hookkit_plugins.mirror.remotes import ALIAS, Remote, file_name, select


def config(*lines: tuple[str, str | None]) -> GitConfig:
    return GitConfig([Entry("local", "file:config", key, value) for key, value in lines])


def chosen(*lines: tuple[str, str | None], wanted: tuple[str, ...] = ()) -> list[Remote]:
    read = config(*lines)
    return select(read, Settings(read, "mirror"), wanted)


THREE: tuple[tuple[str, str | None], ...] = tuple(
    (f"remote.{name}.url", f"u:{name}") for name in ("alpha", "bravo", "charlie")
)


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ((), ["alpha", "bravo", "charlie"]),
        (("bravo",), ["bravo"]),
        (("charlie", "alpha"), ["alpha", "charlie"]),
        (("*a*l*",), ["alpha", "charlie"]),
        (("b*", "bravo"), ["bravo"]),
        (("nothing*",), []),
        (("near",), ["alpha", "bravo"]),
        (("near", "charlie"), ["alpha", "bravo", "charlie"]),
    ],
)
def test_selection(wanted: tuple[str, ...], names: list[str]) -> None:
    groups = (("remotes.near", "alpha bravo"), ("remotes.near", "gone"))
    assert [remote.name for remote in chosen(*THREE, *groups, wanted=wanted)] == names


def test_a_name_that_there_is_not() -> None:
    with pytest.raises(ConfigError) as raised:
        chosen(*THREE, wanted=("brovo",))
    assert "'brovo'" in raised.value.message
    assert "alpha, bravo, charlie" in (raised.value.hint or "")


def test_kinds() -> None:
    found = chosen(*THREE, ("remote.alpha.hookkit", "off"), ("remote.bravo.hookkit", "peer"))
    assert [(remote.name, remote.kind) for remote in found] == [("bravo", "peer"), ("charlie", "mirror")]
    assert chosen(*THREE, ("remote.alpha.hookkit", "off"), wanted=("alpha",)) == []
    with pytest.raises(ConfigError):
        chosen(*THREE, ("remote.alpha.hookkit", "on"))


def test_a_remote_without_a_url_is_none() -> None:
    assert chosen(("remote.x.fetch", "+refs/*:refs/*"), ("remote.pushdefault", "x"), ("remote.y.url", "")) == []


@pytest.mark.parametrize(
    ("lines", "urls"),
    [
        ([("url", "a")], ["a"]),
        ([("url", "a"), ("url", "b")], ["a", "b"]),
        ([("url", "a"), ("pushurl", "b")], ["b"]),
        ([("pushurl", "b"), ("pushurl", "c"), ("url", "a")], ["b", "c"]),
        ([("url", "a"), ("url", ""), ("url", "b")], ["b"]),
        ([("url", "a"), ("pushurl", "b"), ("pushurl", "")], ["a"]),
    ],
)
def test_urls(lines: list[tuple[str, str]], urls: list[str]) -> None:
    found = chosen(*((f"remote.x.{key}", value) for key, value in lines))
    assert [remote.url for remote in found] == urls
    assert [remote.name for remote in found] == ["x", "x:2"][: len(urls)]
    assert {remote.of for remote in found} == {"x"}
    for remote in found:
        values = [value for key, value in remote.config if key in {f"remote.{ALIAS}.url", f"remote.{ALIAS}.pushurl"}]
        assert set(values) == {remote.url}


def test_the_alias_pushes_and_does_nothing_else() -> None:
    (remote,) = chosen(
        ("remote.x.url", "a"),
        ("remote.x.fetch", "+refs/heads/*:refs/remotes/x/*"),
        ("remote.x.push", "refs/heads/*"),
        ("remote.x.mirror", "true"),
        ("remote.x.prune", "true"),
        ("remote.x.prunetags", "true"),
        ("remote.x.tagopt", "--tags"),
        ("remote.x.hookkit", "mirror"),
        ("remote.x.hookkit-other-thing", "1"),
        ("remote.x.proxy", "http://proxy"),
        ("remote.x.receivepack", "/opt/git-receive-pack"),
        ("remote.x.y.proxy", "of a remote called x.y"),
    )
    assert remote.config == (
        (f"remote.{ALIAS}.url", "a"),
        (f"remote.{ALIAS}.proxy", "http://proxy"),
        (f"remote.{ALIAS}.receivepack", "/opt/git-receive-pack"),
    )


def test_names_with_dots() -> None:
    assert [(r.name, r.url) for r in chosen(("remote.a.url", "1"), ("remote.a.b.url", "2"))] == [
        ("a", "1"),
        ("a.b", "2"),
    ]


def test_secrets_are_not_shown() -> None:
    (remote,) = chosen(("remote.x.url", "https://robot:hunter2@host/x.git"))
    assert remote.url == "https://robot:hunter2@host/x.git"
    assert remote.shown_url == "https://robot:***@host/x.git"


def test_file_names() -> None:
    names = ["a", "a.lock", "a/b", "..", "a:2", "a%3A2", "ü", "A b"]
    assert len({file_name(name) for name in names}) == len(names)
    assert all(set(file_name(name)) <= set("aAbBCDEFlock_-%0123456789") for name in names)
