"""How much a remote has yet to be told, also one that never answered."""

import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from hookkit.api import RefUpdate, Repository
from hookkit.cli import main
from hookkit_plugins.mirror import hookspecs, metrics, owing, remotes, settings
from hookkit_plugins.mirror.notices import due
from hookkit_plugins.mirror.outbox_file import open_outbox
from hookkit_plugins.mirror.refs import filter_for
from hookkit_plugins.mirror.status import standings
from hookkit_plugins.mirror.store import Held

# Nobody listens there.
DOWN = "ssh://127.0.0.1:1/srv/project.git"
ZERO = "0" * 40


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with two refs that are mirrored, one that is not, and a remote that is down; no worker is to start."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    path = tmp_path / "x.git"
    subprocess.run(("git", "init", "-q", "--bare", path), check=True)
    git(path, "config", "remote.bravo.url", DOWN)
    git(path, "config", "hookkit.mirror.worker", "false")
    tree = git(path, "hash-object", "-t", "tree", "-w", "/dev/null")
    commit = git(path, "-c", "user.name=d", "-c", "user.email=d@example.org", "commit-tree", "-m", "first", tree)
    for ref in ("refs/heads/main", "refs/tags/v1", "refs/pull/1"):
        git(path, "update-ref", ref, commit)
    return path


def git(path: Path, *args: str) -> str:
    return subprocess.run(("git", "-C", path, *args), check=True, stdout=-1, text=True).stdout.strip()


def count(path: Path) -> int:
    repo = Repository.discover(path)
    chosen = settings.read(repo)
    (bravo,) = remotes.select(repo.config, repo.settings("mirror"), ())
    with closing(open_outbox(repo, print)) as outbox:
        return owing.pending(repo, outbox, bravo, filter_for(chosen, bravo))


def test_a_remote_that_never_answered_lacks_everything(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(bare), "mirror", "sync"]) == 1
    assert "hookkit: bravo  offline, 2 refs queued: " in capsys.readouterr().out
    assert main(["-C", str(bare), "mirror", "log"]) == 0
    assert "offline, 2 refs queued: " in capsys.readouterr().out
    repo = Repository.discover(bare)
    (standing,) = standings(repo)
    assert (standing.state, standing.pending) == ("offline", 2)
    numbers = {each.name: each.value for each in metrics.metrics(repo)}
    assert numbers["hookkit_mirror_pending_refs"] == 2
    (notice,), _ = due(standing, (), 60, time.time() + 61)
    assert (notice.spec, notice.arguments["pending"]) == (hookspecs.hookkit_mirror_stale, 2)


def test_one_that_nobody_has_tried_is_not_behind(bare: Path) -> None:
    assert count(bare) == 0
    assert [each.state for each in standings(Repository.discover(bare))] == ["unknown"]


def test_what_is_written_down_is_not_counted_twice(bare: Path) -> None:
    with closing(open_outbox(Repository.discover(bare), print)) as outbox:
        outbox.owe(
            [RefUpdate("refs/heads/main", ZERO, "a" * 40), RefUpdate("refs/heads/old", "a" * 40, ZERO)], ["bravo"]
        )
        outbox.hold("bravo", [(Held("refs/heads/held", 1.0, "refused", "why"), None)])
    assert count(bare) == 4


def test_one_that_was_compared_lacks_what_is_written_down(bare: Path) -> None:
    with closing(open_outbox(Repository.discover(bare), print)) as outbox:
        outbox.owe([RefUpdate("refs/heads/main", ZERO, "a" * 40)], ["bravo"])
        outbox.met("bravo", DOWN)
        outbox.failed("bravo", DOWN, "offline", "offline: why")
    assert count(bare) == 1
