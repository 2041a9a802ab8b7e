"""Hooks that are running while hookkit is uninstalled: the hook that was there before still runs, once."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hookkit import kept, process, runner
from hookkit.catalogue import HOOKS
from hookkit.installation import install, stub, uninstall
from hookkit.installation.layout import slot_at
from hookkit.repository import Repository

PUSH = f"{'0' * 40} {'1' * 40} refs/heads/main\n"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    process.git("init", "-q", "--bare", str(tmp_path / "x.git"))
    return tmp_path / "x.git"


def hook(path: Path, text: str) -> Path:
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path


def run(path: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "GIT_DIR": "."}
    return subprocess.run([path], cwd=cwd, env=env, input=PUSH, capture_output=True, text=True, check=False, timeout=20)


@pytest.mark.parametrize("name", ["pre-receive", "post-receive"])
def test_the_hook_that_an_uninstallation_has_just_put_back(bare, tmp_path, name):
    """The interpreter that the stub starts is one that uninstalls first."""
    place = hook(bare / "hooks" / name, 'echo "before: $(cat)"\n')
    python = hook(
        tmp_path / "python", f'{sys.executable} -m hookkit -C {bare} uninstall >&2\nexec {sys.executable} "$@"\n'
    )
    install(Repository.discover(bare), hooks=(name,))
    slot_at(place, name).put(stub.text(HOOKS[name], str(python)), 0o755)
    done = run(place, bare)
    assert "hookkit is uninstalled" in done.stderr
    assert done.stdout == f"before: {PUSH}"
    assert done.returncode == 0


def test_the_hook_that_is_put_back_while_input_is_read(bare, monkeypatch, capfd):
    class Input:
        """Standard input that ends only when hookkit has been uninstalled."""

        @property
        def buffer(self) -> io.BytesIO:
            uninstall(Repository.discover(bare))
            return io.BytesIO(PUSH.encode())

    place = hook(bare / "hooks/post-receive", 'echo "before: $(cat)"\n')
    install(Repository.discover(bare))
    monkeypatch.chdir(bare)
    monkeypatch.setenv("GIT_DIR", ".")
    monkeypatch.setenv(kept.RESTORED, "set, and taken back, by monkeypatch")
    monkeypatch.setattr(sys, "stdin", Input())
    assert runner.main(["post-receive", str(place)], kept.kept(str(place), "post-receive")) == 0
    assert capfd.readouterr().out == f"before: {PUSH}"


def test_a_hook_that_has_taken_over_the_stubs_text_does_not_go_on_for_ever(bare):
    install(Repository.discover(bare), hooks=("post-receive",))
    (bare / "hooks/post-receive").rename(bare / "hooks/stub")
    hook(bare / "hooks/post-receive", 'echo once >&2; . "${0%/*}/stub"\n')
    done = run(bare / "hooks/post-receive", bare)
    assert done.stderr.count("once") == 2
    assert done.returncode == 0


def test_nothing_is_taken_for_a_hook_that_is_started_from_the_configuration(tmp_path, monkeypatch):
    """The current folder of a client hook is the work tree: what is in there is not run."""
    monkeypatch.chdir(tmp_path)
    hook(tmp_path / "-", "exit 7\n")
    assert kept.restored("-") is None
    assert kept.kept("-", "pre-commit") is None


def test_a_stub_is_known_by_its_mark():
    assert all(kept.STUB_MARK in stub.text(each, "/python")[:100] for each in HOOKS.values())
