"""The index of what waits for which host."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookkit_plugins.mirror.waiting import LONGEST, Waiting, damaged, delay, opened, waiting_path


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Waiting]:
    index = Waiting(tmp_path / "waiting.sqlite")
    yield index
    index.close()


def test_what_is_asked_for_again_meanwhile_goes_on_waiting(index: Waiting) -> None:
    index.add("bravo", "/a", ["bravo"])
    (item,) = index.due("bravo", 9)
    index.add("bravo", "/a", ["bravo"])
    index.done("bravo", item)
    assert index.count("bravo") == 1
    (again,) = index.due("bravo", 9)
    index.done("bravo", again)
    assert index.count("bravo") == 0
    assert index.hosts() == []


def test_what_failed_waits_until_it_is_asked_for_again(index: Waiting) -> None:
    index.add("bravo", "/a", ["bravo", "second"])
    first, second = (index.waits("bravo", "/a", remote) for remote in ("bravo", "second"))
    assert first
    index.later("bravo", first, 60)
    assert index.due("bravo", 9) == [second]
    index.add("bravo", "/a", ["bravo"])
    assert {item.remote for item in index.due("bravo", 9)} == {"bravo", "second"}
    # Asked for while it was being tried: due at once, whatever that try came to.
    stale = next(item for item in index.due("bravo", 9) if item.remote == "second")
    index.add("bravo", "/a", ["second"])
    index.later("bravo", stale, 60)
    assert "second" in {item.remote for item in index.due("bravo", 9)}


def test_none_is_always_the_first(index: Waiting) -> None:
    """One that finds the host down for reasons of its own would keep all others from asking."""
    index.add("bravo", "/a", ["bravo"])
    index.add("bravo", "/b", ["bravo"])
    assert {index.due("bravo", 1)[0].repository for _ in range(100)} == {"/a", "/b"}


def test_hosts_do_not_see_each_other(index: Waiting) -> None:
    index.add("bravo", "/a", ["bravo"])
    index.add("charlie", "/a", ["charlie"])
    index.trip("bravo", "Connection refused")
    assert index.hosts() == ["bravo", "charlie"]
    assert [item.remote for item in index.due("charlie", 9)] == ["charlie"]
    assert index.breaker("charlie") is None


def test_the_breaker_remembers_since_when(index: Waiting) -> None:
    before = time.time()
    index.trip("bravo", "Connection refused")
    first = index.breaker("bravo")
    assert first is not None
    assert first.since >= before
    assert first.probe_at > first.since
    index.trip("bravo", "No route to host")
    second = index.breaker("bravo")
    assert second is not None
    assert (second.since, second.failures, second.error) == (first.since, 2, "No route to host")
    index.mend("bravo")
    assert index.breaker("bravo") is None


@pytest.mark.parametrize("tries", [0, 1, 5, 50, 5000])
def test_delay_grows_up_to_a_ceiling(tries: int) -> None:
    for _ in range(100):
        seconds = delay(tries, 0.5, 5)
        assert 0.75 * min(5, 0.5 * 2 ** min(tries, 30)) <= seconds <= 5


def test_a_clock_that_was_set_back_keeps_nobody_waiting(index: Waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    index.add("bravo", "/a", ["bravo"])
    (item,) = index.due("bravo", 9)
    index.later("bravo", item, LONGEST)
    index.trip("bravo", "Connection refused")
    breaker = index.breaker("bravo")
    now = time.time()
    assert breaker
    assert 0 < breaker.pause(now) <= 5
    assert index.due("bravo", 9) == []
    monkeypatch.setattr(time, "time", lambda: now - 7200)
    assert breaker.pause(time.time()) == 0
    assert index.due("bravo", 9) == [item._replace(tries=1)]


@pytest.mark.parametrize("path", ["/srv/caf\udce9.git", "/srv/caf\xe9.git", "/srv/two\nlines.git"])
def test_a_path_may_have_any_bytes(index: Waiting, path: str) -> None:
    index.add("bravo", path, ["bravo"])
    (item,) = index.due("bravo", 9)
    assert item.repository == path
    assert index.repositories("bravo") == [path]
    assert index.waits("bravo", path, "bravo") == item
    index.later("bravo", item, 60)
    assert index.due("bravo", 9) == []
    index.done("bravo", item)
    assert index.count("bravo") == 0


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the index of an account is in which much waits."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with opened() as index:
        for number in range(500):
            index.add("bravo", f"/srv/{number}", ["bravo"])
    return waiting_path()


def test_a_damaged_index_is_put_aside_and_that_is_said(account: Path) -> None:
    account.write_bytes(b"garbage " * 1000)
    said: list[str] = []
    with opened(said.append) as index:
        assert index.hosts() == []
    (aside,) = damaged()
    assert str(aside) in said[0]
    assert "mirror sync --all DIR" in said[0]
    with opened(said.append):
        assert len(said) == 1


def test_a_page_that_is_damaged_is_found_when_it_is_read(account: Path) -> None:
    """Otherwise nothing could be left to a worker ever again."""
    with account.open("r+b") as file:
        file.seek(2 * 4096)
        file.write(b"garbage " * 2000)
    said: list[str] = []
    with pytest.raises(sqlite3.DatabaseError), opened(said.append) as index:
        assert index.count("bravo") == 500
    assert len(said) == len(damaged()) == 1
    with opened(said.append) as index:
        assert index.hosts() == []


def test_a_mistake_of_ours_is_no_damage(account: Path) -> None:
    with pytest.raises(sqlite3.ProgrammingError), opened():
        raise sqlite3.ProgrammingError
    assert damaged() == []
