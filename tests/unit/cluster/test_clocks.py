"""A clock that is ahead is seen, and it is said whose it is."""

from pathlib import Path

import pytest

from hookkit.api import Check, Repository
from hookkit_plugins.cluster import clocks, doctor, engine, hooks, settings, status
from hookkit_plugins.cluster.entry import Record
from hookkit_plugins.cluster.resolve import Entry

NOW = 1_764_000_000_000
HOUR = 3_600_000


def entry(node: str, seq: int, time: int, **past: int) -> Entry:
    return Entry(node, seq, time, past, {})


def test_the_node_whose_clock_it_was_is_named_and_not_those_that_followed() -> None:
    entries = [
        entry("alpha", 1, NOW),
        entry("bravo", 1, NOW - HOUR),
        entry("bravo", 2, NOW + HOUR, alpha=1),
        entry("bravo", 3, NOW + HOUR, alpha=1),
        entry("alpha", 2, NOW + HOUR, bravo=2),
        entry("charlie", 1, NOW + 2 * HOUR),
        entry("delta", 1, NOW + 3_000),
    ]
    assert [(each.node, each.seq) for each in clocks.first_ahead(entries, NOW)] == [("bravo", 2), ("charlie", 1)]
    assert clocks.ahead(entries[:2], NOW) == []
    assert clocks.first_ahead(entries, NOW + 3 * HOUR) == []


def test_status_tells_it_too() -> None:
    found = [status.Standing("bravo", Record(entry("bravo", 2, NOW + HOUR + 1)))]
    ((_, _, when, _),) = status.node_rows(found, "alpha", NOW / 1000)
    assert when == "1h ahead"


@pytest.fixture
def node(tmp_path: Path) -> Repository:
    """The repository of alpha, which has written one entry."""
    repo = Repository.create(tmp_path / "node.git")
    for key, value in (("hookkit.node", "alpha"), ("hookkit.cluster.verify", "false")):
        repo.git("config", key, value)
    repo.reload()
    (repo.git_dir / "hookkit").mkdir()
    hooks.together(repo, settings.read(repo), scan=True, contact=True)
    return repo


def checked(repo: Repository) -> Check:
    (found,) = (each for each in doctor.checks(repo) if each.name == "cluster clocks")
    return found


def test_doctor_notices_an_entry_in_the_future(node: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checked(node).verdict == "ok"
    year = 31_536_000
    now = clocks.time.time()
    with monkeypatch.context() as later:
        later.setattr(engine.time, "time", lambda: now + year)
        engine.forget(node, settings.read(node), "zulu")
    found = checked(node)
    assert found.verdict == "warning"
    assert "(alpha, 36" in found.cause
    assert "timedatectl" in (found.hint or "")
