"""What unit tests of the core stand on: a repository, and a folder of distributions that this process finds."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from hookkit import distributions, inspection
from hookkit.cli import main, plugin_rows
from hookkit.repository import Repository


class Site:
    """A site-packages folder on ``sys.path``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def module(self, name: str, source: str = "") -> Path:
        """Write a module."""
        path = self.path / f"{name}.py"
        path.write_text("from hookkit.api import *\n" + textwrap.dedent(source))
        return path

    def distribution(self, name: str, *plugins: str, group: str = distributions.GROUP, version: str = "1.0") -> Path:
        """Have a distribution installed; ``plugins`` are lines of entry_points.txt: ``name = module``."""
        folder = self.path / f"{name}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (folder / "entry_points.txt").write_text("\n".join([f"[{group}]", *plugins, ""]))
        return folder

    def plugin(self, name: str, source: str, *, distribution: str | None = None) -> None:
        """Have a plugin of a distribution of its own, in a module of its own."""
        module = f"{(distribution or name).replace('-', '_')}_{name.replace('-', '_')}"
        self.module(module, source)
        self.distribution(distribution or f"acme-{name}", f"{name} = {module}")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An empty site-packages folder, found after the real ones."""
    folder = tmp_path / "lib" / "site-packages"
    folder.mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(folder)])
    yield Site(folder)
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(folder)):
            del sys.modules[name]


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A bare repository with hookkit's folder in it, as a hook sees it; what is on by default is off."""
    path = tmp_path / "project.git"
    subprocess.run(["git", "init", "-q", "--bare", path], check=True)
    for plugin in ("mirror", "setup"):
        subprocess.run(["git", "-C", path, "config", f"hookkit.{plugin}.enabled", "false"], check=True)
    (path / "hookkit").mkdir()
    monkeypatch.chdir(path)
    monkeypatch.setenv("GIT_DIR", ".")
    return Repository.of_hook()


@pytest.fixture
def configure(repo: Repository) -> Callable[..., None]:
    """``configure(key, value)``: set something in ``repo``."""

    def configure(key: str, value: str, *flags: str) -> None:
        subprocess.run(["git", "config", *flags, key, value], cwd=repo.git_dir, check=True, env=_without_git_dir())
        repo.reload()

    return configure


def _without_git_dir() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "GIT_DIR"}


class Said(NamedTuple):
    """What a command printed."""

    status: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


@pytest.fixture
def hookkit(repo: Repository, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """``hookkit("status")`` in ``repo``."""

    def hookkit(*args: str) -> Said:
        here = Path.cwd()
        capsys.readouterr()
        for remembered in (plugin_rows._look, inspection._declared_by):
            remembered.cache_clear()  # every command is a process of its own
        try:
            status = main(list(args))
        finally:
            os.chdir(here)
        return Said(status, *capsys.readouterr())

    return hookkit


@pytest.fixture
def plugin(site, configure: Callable[..., None]) -> Callable[..., None]:
    """``plugin(name, source)``: installed, and on."""

    def plugin(name: str, source: str) -> None:
        site.plugin(name, source)
        configure(f"hookkit.{name}.enabled", "true")

    return plugin
