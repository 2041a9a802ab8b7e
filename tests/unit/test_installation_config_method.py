"""Hooks that git (2.54 and newer) starts from its configuration: what is written, and that its command works."""

import os
import sys
from pathlib import Path

import pytest
from support.trees import differences, snapshot

from hookkit import process
from hookkit.api import UsageError
from hookkit.catalogue import HOOKS
from hookkit.installation import config_method, install, installed_hooks, is_installed, stub, uninstall
from hookkit.repository import Repository


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    process.git("init", "-q", "--bare", str(tmp_path / "x.git"))
    return tmp_path / "x.git"


@pytest.fixture(autouse=True)
def new_git(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config_method, "git_version", lambda: (2, 54, 0))


def hook_lines(bare: Path) -> list[str]:
    listed = process.git("-C", str(bare), "config", "--local", "--get-regexp", r"^hook\.", check=False)
    return listed.text().splitlines()


def test_each_event_has_a_name_of_its_own_and_its_command_comes_first(bare):
    command = stub.command(HOOKS["pre-receive"], sys.executable)
    install(Repository.discover(bare), method="config", hooks=("pre-receive", "post-receive"))
    assert hook_lines(bare) == [
        f"hook.hookkit-pre-receive.command {command}",
        "hook.hookkit-pre-receive.event pre-receive",
        f"hook.hookkit-post-receive.command {command.replace('pre-receive', 'post-receive')}",
        "hook.hookkit-post-receive.event post-receive",
    ]


def test_hook_files_are_not_touched(bare):
    (bare / "hooks/post-receive").write_text("#!/bin/sh\n")
    (bare / "hooks/pre-receive").mkdir()
    hooks = snapshot(bare / "hooks")
    before = snapshot(bare)
    repo = Repository.discover(bare)
    assert install(repo, method="config", node="alpha").hooks == ("pre-receive", "post-receive")
    assert differences(hooks, snapshot(bare / "hooks")) == {}
    assert installed_hooks(repo) == ["pre-receive", "post-receive"]
    assert install(repo).changes == ()
    uninstall(repo)
    assert differences(before, snapshot(bare)) == {}


def test_where_stubs_are_refused_git_starts_hookkit_itself(bare, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(bare.parent / "account"))
    (bare.parent / "account").write_text("[core]\n\thooksPath = /etc/git-hooks\n")
    before = snapshot(bare)
    repo = Repository.discover(bare)
    with pytest.raises(UsageError, match="not hookkit's to change"):
        install(repo, method="stub")
    assert not is_installed(repo)
    report = install(repo)
    assert report.hooks == ("pre-receive", "post-receive")
    assert report.notes[0].endswith("git starts the hooks from its configuration instead")
    uninstall(repo)
    assert differences(before, snapshot(bare)) == {}


def test_the_method_stays_until_another_is_asked_for(bare):
    (bare / "hooks/post-receive").write_text("#!/bin/sh\n")
    before = snapshot(bare)
    repo = Repository.discover(bare)
    install(repo)
    install(repo, method="config")
    assert (bare / "hooks/post-receive").read_text() == "#!/bin/sh\n"
    assert len(hook_lines(bare)) == 4
    install(repo, hooks=("post-receive",))
    assert len(hook_lines(bare)) == 2
    assert not (bare / "hooks/pre-receive").exists()
    install(repo, method="stub")
    assert hook_lines(bare) == []
    assert (bare / "hooks/hookkit-kept-post-receive").exists()
    uninstall(repo)
    assert differences(before, snapshot(bare)) == {}


def test_proc_receive_cannot_be_had_so(bare):
    with pytest.raises(UsageError, match="proc-receive cannot be had"):
        install(Repository.discover(bare), method="config", hooks=("proc-receive",))


def test_what_was_changed_since_is_left_and_no_event_stays_without_a_command(bare):
    repo = Repository.discover(bare)
    install(repo, method="config", hooks=("post-receive",))
    process.git("-C", str(bare), "config", "user.name", "later")
    process.git("-C", str(bare), "config", "hook.mine.command", "true")
    uninstall(repo)
    assert hook_lines(bare) == ["hook.mine.command true"]
    assert b"hookkit" not in (bare / "config").read_bytes()


def test_the_command_does_what_a_hook_does(bare):
    """As git starts it: by a shell, in the git directory. Nothing that lies around there is taken for a kept hook."""
    process.git("-C", str(bare), "config", "hookkit.absent.enabled", "true")
    (bare / "hookkit-kept-pre-receive").write_text("#!/bin/sh\necho must not run\n")
    (bare / "hookkit-kept-pre-receive").chmod(0o755)
    install(Repository.discover(bare), method="config")
    command = hook_lines(bare)[0].partition(" ")[2]
    env = {**os.environ, "GIT_DIR": "."}
    done = process.run(("sh", "-c", f'{command} "$@"', command), cwd=bare, env=env)
    assert done.status == 1
    assert done.stderr.startswith(b"hookkit: refused, since plugin absent is switched on in ")
    assert b"must not run" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("version", "allowed"),
    [((2, 39, 5), False), ((2, 53, 99), False), ((2, 54), True), ((2, 54, 1), True), ((3, 0), True)],
)
def test_since_when_git_can(version, allowed):
    if allowed:
        config_method.check(version)
    else:
        with pytest.raises(UsageError, match="does not start hooks from its configuration"):
            config_method.check(version)
