"""What the worker does with what waits, in this process: none is started; hosts are folders, or a closed port."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Timer

import pytest

from hookkit.api import RefUpdate, Repository
from hookkit.cli import main
from hookkit_plugins.mirror import calling, remotes, settings, starting, worker
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.outbox_file import open_outbox
from hookkit_plugins.mirror.syncing import sync_now
from hookkit_plugins.mirror.waiting import opened, waiting_path
from hookkit_plugins.mirror.worker import work

# Nobody listens there.
DOWN = "ssh://127.0.0.1:1/srv/project.git"
HOST = host_of(DOWN)
MAIN = "refs/heads/main"


class Server:
    """A repository with one remote, which is owed a branch."""

    def __init__(self, folder: Path, url: str) -> None:
        self.path = folder / "project.git"
        self.there = folder / "mirrors" / "project.git"
        for path in (self.path, self.there):
            subprocess.run(("git", "init", "-q", "--bare", path), check=True)
        self.git("config", "remote.bravo.url", url)
        tree = self.git("hash-object", "-t", "tree", "-w", "/dev/null")
        self.commit = self.git(
            "-c", "user.name=d", "-c", "user.email=d@example.org", "commit-tree", "-m", "first", tree
        )
        self.git("update-ref", MAIN, self.commit)
        self.repo = Repository.discover(self.path)
        with closing(open_outbox(self.repo, print)) as outbox:
            outbox.owe([RefUpdate(MAIN, "0" * 40, self.commit)], ["bravo"])
        with opened() as index:
            index.add(host_of(url), str(self.repo.git_dir), ["bravo"])

    def git(self, *args: str) -> str:
        return subprocess.run(("git", "-C", self.path, *args), check=True, stdout=-1, text=True).stdout.strip()

    def sync(self) -> None:
        repo = Repository.discover(self.path)
        chosen = settings.read(repo)
        sync_now(repo, chosen, remotes.select(repo.config, repo.settings("mirror"), ()), lambda _: None)

    @property
    def has_arrived(self) -> bool:
        said = subprocess.run(("git", "-C", self.there, "rev-parse", MAIN), check=False, stdout=-1, text=True)
        return said.stdout.strip() == self.commit


@pytest.fixture(autouse=True)
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The hosts whose workers would have been started."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    hosts: list[str] = []
    monkeypatch.setattr(starting, "start_background", lambda *args, **_: hosts.append(args[-1]))
    return hosts


def down(tmp_path: Path) -> Server:
    """Its host is known to be down, and is asked again at once."""
    server = Server(tmp_path, DOWN)
    with opened() as index:
        index.trip(HOST, "Connection refused")
        index._db.execute("UPDATE breaker SET probe_at = 0")
    return server


def test_what_waits_is_delivered(tmp_path: Path) -> None:
    server = Server(tmp_path, str(tmp_path / "mirrors" / "project.git"))
    said: list[str] = []
    assert work(str(tmp_path / "mirrors"), said.append, linger=0)
    assert server.has_arrived
    assert said == []


def test_a_repository_without_hookkit_gets_nothing_back(tmp_path: Path) -> None:
    """It was uninstalled while something waited."""
    server = Server(tmp_path, str(tmp_path / "mirrors" / "project.git"))
    subprocess.run(("rm", "-r", server.repo.state_dir), check=True)
    work(str(tmp_path / "mirrors"), print, linger=0)
    assert not server.repo.state_dir.exists()
    assert not server.has_arrived


@pytest.mark.parametrize("change", ["removed", "renamed", "off", "repository"])
def test_a_host_that_nobody_asked_is_not_back(tmp_path: Path, change: str) -> None:
    server = down(tmp_path)
    match change:
        case "removed":
            server.git("config", "--remove-section", "remote.bravo")
        case "renamed":
            server.git("config", "--rename-section", "remote.bravo", "remote.delta")
        case "off":
            server.git("config", "remote.bravo.hookkit", "off")
        case _:
            server.path.rename(tmp_path / "moved.git")
    said: list[str] = []
    work(HOST, said.append, linger=0)
    assert "is back" not in "".join(said)
    with opened() as index:
        assert not index.count(HOST)
        assert not index.breaker(HOST), "nobody would ever ask it again"


def test_a_remote_with_another_url_is_another_workers(tmp_path: Path, started: list[str]) -> None:
    server = down(tmp_path)
    server.git("config", "remote.bravo.url", str(server.there))
    said: list[str] = []
    work(HOST, said.append, linger=0)
    assert started == [str(server.there.parent)]
    assert "is back" not in "".join(said)
    work(started[0], said.append, linger=0)
    assert server.has_arrived


def test_that_a_host_is_down_is_said_once(tmp_path: Path) -> None:
    Server(tmp_path, DOWN)
    said: list[str] = []
    Timer(3, lambda: waiting_path().unlink()).start()
    work(HOST, said.append, linger=0)
    assert [line.split(" (")[0] for line in said if " is down " in line] == [f"{HOST} is down"]


def test_an_index_that_is_replaced_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old file is still open, and says that something waits for ever."""
    Server(tmp_path, DOWN)
    monkeypatch.setattr(worker, "_TICK", 0.01)

    def replace() -> None:
        for path in waiting_path().parent.glob("waiting.sqlite*"):
            path.unlink()
        with opened() as index:
            index.hosts()

    Timer(1, replace).start()
    started = time.monotonic()
    assert work(HOST, lambda _: None, linger=0)
    assert time.monotonic() - started < 10


def test_a_sync_leaves_nothing_to_a_worker(tmp_path: Path, started: list[str]) -> None:
    server = Server(tmp_path, str(tmp_path / "mirrors" / "project.git"))
    host = str(tmp_path / "mirrors")
    with opened() as index:
        index.trip(host, "offline")
    server.sync()
    assert server.has_arrived
    with opened() as index:
        assert not index.count(host)
        assert not index.breaker(host)
    assert started == []


def test_what_a_sync_cannot_deliver_it_leaves_to_a_worker(tmp_path: Path, started: list[str]) -> None:
    server = Server(tmp_path, DOWN)
    server.git("config", "hookkit.mirror.attempts", "1")
    waiting_path().unlink()
    server.sync()
    assert started == [HOST]
    with opened() as index:
        assert index.count(HOST) == 1
    server.git("config", "hookkit.mirror.worker", "false")
    server.sync()
    assert started == [HOST]


def test_what_waits_again_since_a_sync_has_begun_goes_on_waiting(tmp_path: Path) -> None:
    server = Server(tmp_path, str(tmp_path / "mirrors" / "project.git"))
    repo = server.repo
    (remote,) = remotes.select(repo.config, repo.settings("mirror"), ())
    waited = calling.waiting(repo, [remote])
    with opened() as index:
        index.add(host_of(remote.url), str(repo.git_dir), ["bravo"])
    calling.settled([remote], waited)
    assert calling.waiting(repo, [remote])


def test_what_waits_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    waiting_path().mkdir()
    for command in (["mirror", "worker"], ["mirror", "worker", HOST]):
        assert main(command) == 1
        said = capsys.readouterr().err
        assert said.startswith("error: what waits for workers cannot be read\ncaused by: ")
        assert "hint: hookkit doctor" in said
