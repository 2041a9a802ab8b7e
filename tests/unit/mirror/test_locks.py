"""The lock of a remote: whoever does not wait for it, and whoever does, exclude each other."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from hookkit.api import Repository
from hookkit_plugins.mirror.locks import remote_lock

WAITS = (0, 0.05)


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository.create(tmp_path / "x.git")


def path(repo: Repository) -> Path:
    return repo.state_dir / "mirror" / "bravo.lock"


@pytest.mark.parametrize("first", WAITS)
@pytest.mark.parametrize("second", WAITS)
def test_one_at_a_time(repo: Repository, first: float, second: float) -> None:
    with remote_lock(repo, "bravo", first) as one:
        assert one
        with remote_lock(repo, "bravo", second) as other:
            assert not other
        with remote_lock(repo, "charlie", second) as other:
            assert other
    with remote_lock(repo, "bravo", second) as again:
        assert again


def test_it_is_the_lock_that_filelock_takes(repo: Repository) -> None:
    repo.plugin_dir("mirror")
    with FileLock(path(repo)), remote_lock(repo, "bravo", 0) as locked:
        assert not locked


def test_who_may_write_to_the_repository_may_lock(repo: Repository) -> None:
    repo.git_dir.chmod(0o2775)
    before = os.umask(0o077)
    try:
        with remote_lock(repo, "bravo", 0):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE(path(repo).stat().st_mode) == 0o664


def test_it_goes_with_its_holder(repo: Repository) -> None:
    code = (
        "import os, sys; from hookkit.api import Repository; from hookkit_plugins.mirror.locks import remote_lock\n"
        f"with remote_lock(Repository.discover({str(repo.git_dir)!r}), 'bravo', 0) as locked: os._exit(9 * locked)"
    )
    assert subprocess.run((sys.executable, "-c", code), check=False).returncode == 9
    with remote_lock(repo, "bravo", 0) as locked:
        assert locked


def test_a_link_is_not_followed(repo: Repository, tmp_path: Path) -> None:
    repo.plugin_dir("mirror")
    path(repo).symlink_to(tmp_path / "elsewhere")
    with remote_lock(repo, "bravo", 0) as locked:
        assert locked, "nobody can lock here"
    assert not (tmp_path / "elsewhere").exists()


def test_no_descriptor_is_left(repo: Repository) -> None:
    before = len([*Path("/proc/self/fd").iterdir()])
    for _ in range(3):
        with remote_lock(repo, "bravo", 0), remote_lock(repo, "bravo", 0):
            pass
    assert len([*Path("/proc/self/fd").iterdir()]) == before
