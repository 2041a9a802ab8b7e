"""What is made of repositories' names, and of what a source lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit.api import UsageError
from hookkit_plugins.setup import names, source
from hookkit_plugins.setup.source import Kept


@given(st.text("ab./-%~ \n", min_size=1))
def test_a_name_never_leads_out(text: str) -> None:
    try:
        name = names.repository(text)
    except UsageError:
        return
    assert not {"", ".", ".."} & set(name.split("/"))
    assert not name.startswith(("/", "-"))
    assert "%" not in names.url("ssh://h/{}", name).replace("%25", "").replace("%20", "")


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        ("git@alpha:{}.git", "alpha"),
        ("alpha:{}", "alpha"),
        ("ssh://git@alpha.example.org:2222/{}.git", "alpha.example.org"),
        ("ssh://[::1]:22/{}", "1"),
        ("git@[2001:db8::2]:{}", "2001-db8-2"),
        ("https://user:pw@host/{}.git", "host"),
        ("/srv/{}.git", "source"),
        ("file:///srv/{}.git", "source"),
    ],
)
def test_host(pattern: str, host: str) -> None:
    assert names.host(pattern) == host
    assert names.checked_remote(host) == host


@pytest.mark.parametrize("pattern", ["git@alpha:x.git", "--upload-pack={}", ""])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(UsageError):
        names.checked_pattern(pattern)


@pytest.mark.parametrize("name", ["", "-x", "a b", "a..b", "x.lock", "a/b", ".x", "x."])
def test_what_is_no_remote(name: str) -> None:
    with pytest.raises(UsageError):
        names.checked_remote(name)


def test_read() -> None:
    one, two = "1" * 40, "2" * 40
    listed = f"ref: refs/heads/trunk\tHEAD\n{one}\tHEAD\n{one}\trefs/heads/trunk\n{two}\trefs/tags/v1\n"
    listed += f"{one}\trefs/tags/v1^{{}}\n"
    found = source.read(listed + f"{one}\trefs/x/refs/heads/odd\n{one}\trefs/hookkit/own\n")
    assert found == source.Source({"refs/heads/trunk": one, "refs/tags/v1": two}, "refs/heads/trunk")
    assert found.object_format == "sha1"
    assert source.read(f"{'1' * 64}\trefs/heads/a\n").object_format == "sha256"
    assert source.read(f"{one}\tHEAD\n") == source.Source({}, None)


def test_kept() -> None:
    there = {"refs/heads/a": "1", "refs/heads/b": "1", "refs/heads/c": "1", "refs/heads/d": "1", "refs/tags/t": "1"}
    here = {"refs/heads/a": "1", "refs/heads/b": "12", "refs/heads/c": "2", "refs/tags/t": "12", "refs/heads/e": "1"}
    assert source.kept(there, here, lambda one, other: one in other) == [
        Kept("refs/heads/b", "ahead"),
        Kept("refs/heads/c", "differs"),
        Kept("refs/heads/d", "missing"),
        Kept("refs/heads/e", "only here"),
        Kept("refs/tags/t", "differs"),
    ]
