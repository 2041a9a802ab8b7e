"""The stub knows by itself that nobody wants a hook, until anything changes that decides about that."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.poll import until

from hookkit.catalogue import HOOKS
from hookkit.installation import stub


class Account:
    """A repository with a stub in it, of an account of its own; what the stub starts instead of Python says so."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.home.mkdir()
        self.repository = root / "x.git"
        self.log = root / "started"
        self.python = root / "python"
        self.python.write_text(f'#!/bin/sh\necho started >>"{self.log}"\nexec "{sys.executable}" "$@"\n')
        self.python.chmod(0o755)
        self.env = {"HOME": str(self.home), "PATH": os.environ["PATH"], "GIT_DIR": "."}
        subprocess.run(("git", "init", "-q", "--bare", self.repository), check=True)
        (self.repository / "hookkit").mkdir()
        self.hook = self.repository / "hooks" / "pre-receive"
        self.install()

    def install(self) -> None:
        self.hook.write_bytes(stub.text(HOOKS["pre-receive"], str(self.python)))
        self.hook.chmod(0o755)

    @property
    def note(self) -> Path:
        return self.repository / "hookkit" / "quiet-pre-receive"

    def run(self, **env: str) -> bool:
        """Run the hook; whether it has started Python."""
        before = self.log.read_text() if self.log.exists() else ""
        done = subprocess.run(
            (str(self.hook),), cwd=self.repository, env=self.env | env, input=b"", capture_output=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, b"")
        return self.log.exists() and self.log.read_text() != before

    def settle(self) -> None:
        """Until the stub knows."""
        until(lambda: not self.run(), "Python is started again and again")


@pytest.fixture
def account(tmp_path: Path) -> Account:
    return Account(tmp_path)


def test_python_is_not_started_again(account: Account) -> None:
    assert account.run()
    account.settle()
    assert account.note.stat().st_mode & 0o777 == account.repository.joinpath("hookkit").stat().st_mode & 0o666


def config(text: str, *path: str) -> Callable[[Account], None]:
    def change(account: Account) -> None:
        file = account.home.joinpath(*path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    return change


def replaced_as_old_as_before(account: Account) -> None:
    """As a backup, or rsync, does it."""
    file = account.repository / "config"
    before = file.stat()
    other = file.with_name("other")
    other.write_text(file.read_text() + "# changed\n")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(file)


def changed_in_place_as_old_and_as_large_as_before(account: Account) -> None:
    file = account.repository / "config"
    before = file.stat()
    file.write_text(file.read_text().replace("true", "True", 1))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size


def behind_a_link(account: Account) -> None:
    (account.home / "dotfiles").write_text("[hookkit]\n")


def in_the_work_tree(account: Account) -> None:
    (account.repository / "config.worktree").write_text("")


def cache(account: Account) -> None:
    os.utime(account.repository / "hookkit" / "plugins.short")


def torn(account: Account) -> None:
    account.note.write_text(account.note.read_text().partition("\n")[0])


def empty(account: Account) -> None:
    account.note.write_text("")


CHANGES: dict[str, Callable[[Account], object]] = {
    "the account's configuration": config("[hookkit]\n", ".gitconfig"),
    "its other one": config("[hookkit]\n", ".config", "git", "config"),
    "a configuration that is as old as the one before": replaced_as_old_as_before,
    "the same, in place": changed_in_place_as_old_and_as_large_as_before,
    "what a link leads to": behind_a_link,
    "a work tree's": in_the_work_tree,
    "the cache of plugins": cache,
    "a note that ends early": torn,
    "an empty note": empty,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_changes_is_seen_at_once(account: Account, change: Callable[[Account], object]) -> None:
    if change is behind_a_link:
        (account.home / ".gitconfig").symlink_to("dotfiles")
        (account.home / "dotfiles").write_text("")
    account.settle()
    change(account)
    assert account.run()
    account.settle()


@pytest.mark.parametrize(
    "env",
    [
        {"HOME": "/nonexistent"},
        {"XDG_CONFIG_HOME": "/nonexistent"},
        {"GIT_CONFIG_GLOBAL": ""},
        {"GIT_CONFIG_GLOBAL": "/nonexistent"},
        {"GIT_CONFIG_SYSTEM": "/nonexistent"},
        {"GIT_CONFIG_NOSYSTEM": "1"},
        {"PATH": f"/nonexistent:{os.environ['PATH']}"},
    ],
)
def test_another_environment_is_another_configuration(account: Account, env: dict[str, str]) -> None:
    account.settle()
    assert account.run(**env)


@pytest.mark.parametrize("text", ["[include]\n\tpath = other\n", '[includeIf "onbranch:main"]\n\tpath = other\n'])
def test_where_configuration_includes_other_files_python_is_always_asked(account: Account, text: str) -> None:
    config(text, ".gitconfig")(account)
    time.sleep(0.2)  # nothing is fresh any more
    assert all(account.run() for _ in range(3))
    assert not account.note.exists()


def test_a_plugin_that_is_switched_on_is_called_at_once(account: Account) -> None:
    account.settle()
    # Not even installed: that is said, and refuses.
    config('[hookkit "gone"]\n\tenabled = true\n', ".gitconfig")(account)
    done = subprocess.run(
        (str(account.hook),), cwd=account.repository, env=account.env, input=b"", capture_output=True, check=False
    )
    assert done.returncode == 1
    assert b"gone" in done.stderr


def test_a_hook_that_was_there_before_runs(account: Account) -> None:
    account.settle()
    kept = account.hook.with_name("hookkit-kept-pre-receive")
    kept.write_text("#!/bin/sh\nexit 3\n")
    kept.chmod(0o755)
    done = subprocess.run((str(account.hook),), cwd=account.repository, env=account.env, input=b"", check=False)
    assert done.returncode == 3


def test_what_has_just_changed_is_not_relied_on(account: Account) -> None:
    account.settle()
    for _ in range(20):
        os.utime(account.repository / "config")
        assert account.run()


def test_where_nothing_can_be_noted_nothing_is(account: Account) -> None:
    account.run()
    account.note.unlink(missing_ok=True)
    folder = account.repository / "hookkit"
    linked = account.repository.with_name("elsewhere")
    folder.rename(linked)
    assert account.run()
    assert account.run()
    assert not folder.exists()
