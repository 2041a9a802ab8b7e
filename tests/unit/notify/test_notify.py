"""What people are told, when, and what waits to be sent."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from hookkit.api import account_dir
from hookkit_plugins.notify import message, sender, spool
from hookkit_plugins.notify.message import Message


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def happened(number: int) -> Message:
    return Message(1000.0 + number, "alpha", f"r{number}.git", "bravo is in sync again")


def test_one_is_told_as_it_is() -> None:
    assert message.digest([happened(1)]) == ("hookkit on alpha: r1.git", "bravo is in sync again\n")


def test_several_are_told_together_and_not_without_end() -> None:
    title, body = message.digest([happened(number) for number in range(300)])
    assert title == "hookkit on alpha: 300 messages"
    lines = body.splitlines()
    assert len(lines) == 41
    assert lines[1].endswith("  r1.git: bravo is in sync again")
    assert lines[-1] == "and 260 more: hookkit status --all DIR"


def test_words() -> None:
    assert message.stale("bravo", 0, 1, None).startswith("bravo is behind: 1 ref since 19")
    assert message.stale("bravo", 0, 2, "offline: refused").endswith(" (offline: refused)")
    assert (
        message.diverged("bravo", ["a", "b", "c", "d"]) == "bravo has diverged: a, b, c and 1 more; see: hookkit status"
    )


def test_what_waits_is_kept_by_whom_it_is_for(account: Path) -> None:
    with spool.opened(print) as waiting:
        waiting.add("/one", 300, happened(1))
        waiting.add("/two", 60, happened(2))
        waiting.add("/one", 300, happened(3))
    with spool.opened(print) as waiting:
        one, two = waiting.batches()
        assert one.messages == (happened(1), happened(3))
        assert two.messages == (happened(2),)
        waiting.add("/one", 300, happened(4))  # while the others are being sent
        waiting.sent(one, 5000)
        waiting.drop(two)
        (left,) = waiting.batches()
        assert left.messages == (happened(4),)
        assert left.sent_at == 5000


def test_it_is_rate_limited(account: Path) -> None:
    with spool.opened(print) as waiting:
        waiting.add("/one", 300, happened(1))
        (first,) = waiting.batches()
        assert sender.due(first) == 1001 + 5
        waiting.sent(first, 1006)
        waiting.add("/one", 300, happened(2))
        (second,) = waiting.batches()
        assert sender.due(second) == 1306


def torn(path: Path) -> None:
    """The first page is as it was, what follows is not."""
    with spool.opened(print) as waiting:
        for number in range(200):
            waiting.add("/one", 300, happened(number)._replace(text="x" * 200))
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"garbage " * 512 + data[8192:])


@pytest.mark.parametrize("damage", [lambda path: path.write_text("garbage " * 100), torn])
def test_a_spool_that_is_damaged_is_begun_anew(account: Path, damage: Callable[[Path], object]) -> None:
    path = account_dir("notify") / "spool.sqlite"
    damage(path)
    damaged = path.read_bytes()
    said: list[str] = []
    with spool.opened(said.append) as waiting:
        waiting.add("/one", 300, happened(1))
    with spool.opened(said.append) as waiting:
        assert [batch.messages for batch in waiting.batches()] == [(happened(1),)]
    (line,) = said
    (aside,) = path.parent.glob("spool.damaged-*.sqlite")
    assert str(aside) in line
    assert aside.read_bytes() == damaged


def test_a_spool_that_cannot_be_used_is_an_error_of_its_own(account: Path) -> None:
    (account_dir("notify") / "spool.sqlite").mkdir()
    with pytest.raises(sqlite3.OperationalError), spool.opened(print):
        pass
