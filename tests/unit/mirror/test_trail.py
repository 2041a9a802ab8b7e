"""The trail of a push: what it remembers, what it makes of what it is told, and what places are called in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit_plugins.mirror import trail
from hookkit_plugins.mirror.trail import Trail, fingerprint, identity, read

words = st.text("abcdefABCDEF0123456789._-", min_size=1, max_size=63)
trails = st.builds(
    Trail,
    words,
    st.lists(words, max_size=20).map(tuple),
    st.lists(words, max_size=20).map(tuple),
    st.frozensets(words, max_size=40),
)


@given(trails)
def test_round_trip(told: Trail) -> None:
    assert read(["ci.skip", told.option(), "other=1"]) == told


@given(trails)
def test_an_option_is_what_git_takes(told: Trail) -> None:
    option = told.option()
    assert option.startswith("hookkit-trail=1;")
    assert "\n" not in option
    assert "\0" not in option


@given(st.lists(st.text() | st.text().map(lambda text: f"hookkit-trail=1;{text}"), max_size=3))
def test_whatever_is_told_what_goes_on_is_harmless(options: list[str]) -> None:
    told = read(options)
    assert told.push
    onward = told.onward("me", "alpha", ["u"])
    assert onward.sender == "alpha"
    assert read([onward.option()]) == onward
    for word in (onward.push, *onward.seen, *onward.nodes, *onward.urls):
        assert word
        assert word.isascii()
        assert not set(word) & set("\n\0;,= ")


def test_none_or_garbage_is_a_new_one() -> None:
    for options in (
        [],
        ["x"],
        ["hookkit-trail"],
        ["hookkit-trail=2;push=a"],
        ["hookkit-trail=1;"],
        ["hookkit-trail=1;push="],
    ):
        first, second = read(options), read(options)
        assert first == Trail(first.push)
        assert first.push != second.push
        assert first.sender is None


def test_a_forged_line_feed_does_not_get_into_the_next_push() -> None:
    # git's own client does not send one, which does not keep another program from it.
    told = read(["hookkit-trail=1;push=a;nodes=x\ny,bravo;seen=\udcff,ok;urls=u"])
    assert told == Trail("a", ("ok",), ("bravo",), frozenset({"u"}))


def test_too_long_to_be_sent_is_cut_and_then_not_read() -> None:
    huge = Trail("p", urls=frozenset(str(number) for number in range(20_000)))
    option = huge.option()
    assert len(option) <= 32_000
    assert read([option]).push != "p"


def test_where_it_ends() -> None:
    told = Trail("p", ("a", "b", "c"))
    assert told.ends_at("b", 16)
    assert not told.ends_at("d", 16)
    assert told.ends_at("d", 3)
    assert not told.ends_at("d", 4)


def test_who_is_covered() -> None:
    told = Trail("p", ("a",), ("alpha",), frozenset({"u1"}))
    assert told.covers("alpha", ["u9"])
    assert told.covers("bravo", ["u1"])
    assert not told.covers("bravo", ["u2"])


def test_onward() -> None:
    told = Trail("p", ("a",), ("alpha",), frozenset({"u1"})).onward("b", "bravo", ["u2", "u1"])
    assert told == Trail("p", ("a", "b"), ("alpha", "bravo"), frozenset({"u1", "u2"}))
    assert told.sender == "bravo"


def test_identities() -> None:
    names = [
        identity("host", "alpha", "/srv/x.git"),
        identity("host", "bravo", "/srv/x.git"),  # a copy of a machine, or of a container
        identity("other", "alpha", "/srv/x.git"),
        identity("host", "alpha", "/srv/y.git"),
    ]
    assert len(set(names)) == 4
    assert identity("host", "alpha", "/srv/x.git") == names[0]


SAME = [
    ("ssh://git@host/srv/x.git", "ssh://git@host/srv/x"),
    ("ssh://git@host/srv/x.git", "ssh://git@host/srv/x.git/"),
    ("ssh://git@host/srv/x.git", "SSH://git@HOST/srv/x.git"),
    ("ssh://git@host/srv/x.git", "git@host:/srv/x.git"),
    ("ssh://git@host/~/x.git", "git@host:x.git"),
    ("ssh://host/~/x.git", "host:x"),
    ("https://u:secret@host/x.git", "https://u:other@host/x.git"),
    ("git@[2001:db8::1]:x.git", "ssh://git@[2001:db8::1]/~/x.git"),
    ("/srv/x.git", "/srv/x"),
]
DIFFERENT = [
    ("git@host:x.git", "git@host:y.git"),
    ("git@host:x.git", "git@other:x.git"),
    ("alice@host:x.git", "bob@host:x.git"),  # each is in its own home
    ("ssh://alice@host/~/x.git", "ssh://bob@host/~/x.git"),
    ("git@host:X.git", "git@host:x.git"),
    ("git@host:/srv/x.git", "git@host:srv/x.git"),
    ("ssh://host:22/x.git", "ssh://host:2222/x.git"),
    ("ssh://host/x.git", "https://host/x.git"),
    ("/srv/x.git", "/srv/y.git"),
    ("/srv/X.git", "/srv/x.git"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_place(one: str, other: str) -> None:
    assert fingerprint(one, "h") == fingerprint(other, "h")


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_places(one: str, other: str) -> None:
    assert fingerprint(one, "h") != fingerprint(other, "h")


@pytest.mark.parametrize(
    "url",
    [
        "/srv/x.git",
        "../x.git",
        "x.git",
        "./a:b",
        "~/x.git",
        "file:///srv/x.git",
        "ssh://localhost/x.git",
        "ssh://git@localhost:2222/x.git",
        "git@localhost:x.git",
        "http://127.0.0.1:8080/x.git",
        "127.0.0.1:x.git",
        "ssh://[::1]:22/x.git",
    ],
)
def test_what_is_local_means_something_else_on_every_machine(url: str) -> None:
    assert fingerprint(url, "one") != fingerprint(url, "two")


@pytest.mark.parametrize("url", ["ssh://host/x.git", "git@host:x.git", "https://u:p@host/x.git", "git://10.0.0.1/x"])
def test_what_is_not_local_means_the_same_everywhere(url: str) -> None:
    assert fingerprint(url, "one") == fingerprint(url, "two")


@given(st.text())
def test_any_url_has_a_name(url: str) -> None:
    name = fingerprint(url, "h")
    assert len(name) == 16
    assert trail.read([Trail("p", urls=frozenset({name})).option()]).urls == {name}


def test_nothing_of_the_url_can_be_read() -> None:
    assert "hunter2" not in fingerprint("https://u:hunter2@host/x.git", "h")
