"""The repository that commands ask from."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hookkit_plugins.setup import arriving


def test_made_by_many_at_once_and_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: arriving.scratch(), range(16)))
    assert {repo.git_dir for repo in made} == {tmp_path / "hookkit" / "setup" / "empty.git"}
    assert not made[0].refs()
