"""A repository that hookkit is installed in, ready to be broken, and ``hookkit doctor`` in it."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hookkit import inspection
from hookkit.cli import main, plugin_rows
from hookkit.installation import install
from hookkit.repository import Repository

Findings = dict[str, dict[str, Any]]
Doctor = Callable[..., tuple[int, Findings]]


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bare repository with hookkit, and a remote that is there."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("x.git", "other.git"):
        subprocess.run(("git", "init", "-q", "--bare", tmp_path / name), check=True)
    path = tmp_path / "x.git"
    git(path, "config", "remote.bravo.url", str(tmp_path / "other.git"))
    install(Repository.discover(path))
    return path


@pytest.fixture
def doctor(bare: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """``doctor("--fix")``: the exit status, and what was found, by name; the last one of a name counts."""

    def doctor(*args: str) -> tuple[int, Findings]:
        capsys.readouterr()
        for remembered in (plugin_rows._look, inspection._declared_by):
            remembered.cache_clear()  # each run is a process of its own
        status = main(["-C", str(bare), "doctor", "--json", *args])
        monkeypatch.chdir(bare.parent)  # -C goes there, and a file system cannot be taken away while somebody is in it
        found = json.loads(capsys.readouterr().out)
        return status, {each["name"]: each for each in found}

    return doctor


def git(path: Path, *args: str) -> str:
    """Run git in a repository."""
    return subprocess.run(("git", "-C", path, *args), check=True, stdout=-1, text=True).stdout.strip()
