"""What a local git command that failed says."""

import subprocess
from pathlib import Path

import pytest

from hookkit import process
from hookkit.errors import GitError


def test_a_lock_that_was_left_behind_has_a_hint(tmp_path: Path) -> None:
    subprocess.run(("git", "init", "-q", tmp_path), check=True)
    lock = tmp_path / ".git" / "index.lock"
    lock.touch()
    with pytest.raises(GitError, match="git add failed with exit status 128") as caught:
        process.git(f"--git-dir={tmp_path}/.git", f"--work-tree={tmp_path}", "-C", str(tmp_path), "add", ".")
    assert (caught.value.hint or "").endswith(f": rm {lock}")
    with pytest.raises(GitError, match="git rev-parse failed") as caught:
        process.git("-C", str(tmp_path), "rev-parse", "--verify", "nothing")
    assert caught.value.hint is None
