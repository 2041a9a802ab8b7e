"""A server that is down is not asked for each of hundreds of repositories."""

import subprocess
from pathlib import Path

import pytest

from hookkit.api import Failure, Kind, Repository
from hookkit_plugins.mirror import history, many, starting
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.status import standings
from hookkit_plugins.mirror.syncing import sync_below
from hookkit_plugins.mirror.unreached import Unreached
from hookkit_plugins.mirror.verifying import verify_below
from hookkit_plugins.mirror.waiting import opened

BRAVO, CHARLIE = (Remote(name, "mirror", f"git@{name}:x.git", (), name) for name in ("bravo", "charlie"))
OFFLINE = Failure(Kind.OFFLINE, "Connection refused")


def test_two_failures_are_enough_and_one_is_not() -> None:
    hosts = Unreached()
    hosts.note(BRAVO, OFFLINE)
    assert hosts.failure(BRAVO) is None, "it may be that repository's own fault"
    hosts.note(BRAVO, OFFLINE)
    assert hosts.failure(BRAVO) == OFFLINE
    assert hosts.failure(CHARLIE) is None


@pytest.mark.parametrize("failure", [None, Failure(Kind.AUTH, "Permission denied")])
def test_a_host_that_answers_anybody_is_asked_for_all(failure: Failure | None) -> None:
    hosts = Unreached()
    hosts.note(BRAVO, failure)
    for _ in range(5):
        hosts.note(BRAVO, OFFLINE)
    assert hosts.failure(BRAVO) is None


@pytest.fixture
def four(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Repository]:
    """Repositories below ``srv``, each with a remote on the same host, which is down."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(many, "_AT_ONCE", 1)
    monkeypatch.setattr(starting, "start_background", lambda *_args, **_: None)
    repos = []
    for number in range(4):
        path = tmp_path / "srv" / f"{number}.git"
        subprocess.run(("git", "init", "-q", "--bare", path), check=True)
        values = {
            "remote.bravo.url": "ssh://127.0.0.1:1/x.git",
            "hookkit.mirror.attempts": "1",
            "core.sshCommand": f"echo >>{tmp_path}/asked; ssh",
            "ssh.variant": "ssh",
        }
        for key, value in values.items():
            subprocess.run(("git", "-C", path, "config", key, value), check=True)
        repos.append(Repository.discover(path))
        repos[-1].state_dir.mkdir()
    return repos


def test_verify_of_many_asks_twice(four: list[Repository], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not verify_below(tmp_path / "srv", (), as_json=False)
    assert (tmp_path / "asked").read_text().count("\n") == 2
    said = capsys.readouterr().out
    assert said.count("Connection refused") == len(four)
    assert said.endswith("0 of 4 remotes have everything\n")


def test_sync_of_many_asks_twice(four: list[Repository], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert not sync_below(tmp_path / "srv", (), as_json=False)
    assert [len(history.entries(repo, (), 9)) for repo in four] == [1, 1, 0, 0]
    assert [standings(repo)[0].state for repo in four] == ["offline"] * 4
    said = capsys.readouterr().out
    assert said.count("Connection refused") == 4
    assert said.endswith("4 with something left\n")
    with opened() as index:
        assert index.count("127.0.0.1:1") == 4
