import os
import threading
import time
from pathlib import Path
from unittest.mock import Mock

import pytest
from support.trees import snapshot

from hookkit import process
from hookkit.errors import HookkitError
from hookkit.installation import config_file
from hookkit.installation.config_file import ConfigFile
from hookkit.repository import Repository

EDIT = [("--replace-all", "core.fsync", "committed")]


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    process.git("init", "-q", "--bare", str(tmp_path / "x.git"))
    repo = Repository.discover(tmp_path / "x.git")
    repo.state_dir.mkdir()
    return repo


@pytest.fixture
def file(repo: Repository) -> ConfigFile:
    return ConfigFile(repo)


def test_values_are_those_of_the_file_alone(file, repo, monkeypatch):
    (repo.common_dir / "more").write_text("[core]\n\tfsync = none\n")
    data = b'[core]\n\tbare\n\tx = 1\n\tX = 2\n[include]\n\tpath = more\n[remote "A.b"]\n\turl = u\n'
    assert file.values(data) == {
        "core.bare": (None,),
        "core.x": ("1", "2"),
        "include.path": ("more",),
        "remote.A.b.url": ("u",),
    }
    assert config_file.of(file.values(data), "core.X") == ("1", "2")
    assert config_file.of(file.values(data), "core.fsync") == ()


def test_values_that_are_not_text_survive(file):
    after = file.edited(b'[a]\n\tb = "\xff"\n', [("--replace-all", "a.c", "1"), ("--unset-all", "a.c")])
    assert file.values(after)["a.b"] == ("\udcff",)


def test_a_swap_changes_content_and_nothing_else(file, repo):
    file.path.chmod(0o640)
    before = snapshot(repo.common_dir)
    data = file.read()
    after = file.edited(data, EDIT)
    assert file.read() == data
    assert file.swap(data, after)
    changed = {path for path, each in snapshot(repo.common_dir).items() if each != before.get(path)}
    assert changed == {"config"}
    assert file.path.stat().st_mode & 0o777 == 0o640
    assert file.swap(after, data)
    assert snapshot(repo.common_dir) == before


def test_a_configuration_that_is_a_link_stays_one(repo, tmp_path):
    (repo.common_dir / "config").rename(tmp_path / "elsewhere")
    (repo.common_dir / "config").symlink_to("../elsewhere")
    file = ConfigFile(repo)
    data = file.read()
    assert file.swap(data, file.edited(data, EDIT))
    assert (repo.common_dir / "config").is_symlink()
    assert b"committed" in (tmp_path / "elsewhere").read_bytes()


def test_what_somebody_else_changes_meanwhile_is_not_lost(file):
    data = file.read()
    after = file.edited(data, EDIT)
    file.path.write_bytes(data + b"[user]\n\tname = later\n")
    assert not file.swap(data, after)
    assert file.read() == data + b"[user]\n\tname = later\n"
    assert not file.path.with_name("config.lock").exists()


def test_gits_lock_is_waited_for(file):
    lock = file.path.with_name("config.lock")
    lock.touch()
    threading.Timer(0.2, lock.unlink).start()
    data = file.read()
    started = time.monotonic()
    assert file.swap(data, data + b"# more\n")
    assert time.monotonic() - started >= 0.15


def test_a_lock_that_stays_is_named(file, monkeypatch):
    monkeypatch.setattr(config_file, "_LOCK_WAIT", 0.1)
    lock = file.path.with_name("config.lock")
    lock.write_text("somebody's")
    data = file.read()
    with pytest.raises(HookkitError, match="cannot change") as caught:
        file.swap(data, data + b"# more\n")
    assert caught.value.hint == f"if no git command is at work there: rm {lock}"
    file.recover()
    assert lock.read_text() == "somebody's"
    assert file.read() == data


@pytest.mark.parametrize("hard_links", [True, False])
def test_our_own_lock_from_before_a_kill_is_recognised(file, repo, hard_links, monkeypatch):
    before = snapshot(repo.common_dir)
    if not hard_links:
        monkeypatch.setattr(os, "link", Mock(side_effect=PermissionError(1, "no")))
    data = file.read()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            file.swap(data, file.edited(data, EDIT))
    assert file.path.with_name("config.lock").exists()
    file.recover()
    assert snapshot(repo.common_dir) == before


def test_what_is_put_aside_is_as_secret_as_it_was(file):
    file.path.chmod(0o600)
    file.keep_original(file.read())
    assert file.original.stat().st_mode & 0o777 == 0o600
    assert file.original.read_bytes() == file.read()


def test_git_writes_at_the_same_time(file, repo):
    """Twenty values by git, twenty by us: none is lost."""
    stop = []

    def git():
        for number in range(20):
            while process.git("-C", str(repo.common_dir), "config", f"theirs.n{number}", "1", check=False).status:
                time.sleep(0.01)
        stop.append(True)

    thread = threading.Thread(target=git)
    thread.start()
    for number in range(20):
        while True:
            data = file.read()
            if file.swap(data, file.edited(data, [("--replace-all", f"ours.n{number}", "1")])):
                break
    thread.join()
    values = file.values(file.read())
    assert {f"{who}.n{number}" for who in ("ours", "theirs") for number in range(20)} <= values.keys()
