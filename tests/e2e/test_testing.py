"""The kit for those who write plugins: each fixture does what it says."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_git import GitRepo  # type: ignore[import-untyped]

from hookkit.testing import BareRepository, Client, Done, Lab, SshNode, TwoNodes, WorkingCopy, until
from hookkit.testing.bare import HOOKKIT

ZERO = "0" * 40


@pytest.fixture
def lab() -> Lab:  # the plugin's own, not that of hookkit's tests
    with Lab() as lab:
        yield lab


@pytest.fixture
def refuse(bare: BareRepository) -> Callable[[str], None]:
    """``refuse("pre-receive")``: from now on a script refuses everything there, and says what it was given."""

    def refuse(hook: str) -> None:
        script = bare.path / "hooks.d" / hook / "no"
        script.parent.mkdir(parents=True)
        script.write_text(f'#!/bin/sh\necho "{hook} got $(cat) $*"\nexit 1\n')
        script.chmod(0o755)
        bare.enable("scripts")

    return refuse


def test_isolated_account(isolated_account: Path) -> None:
    assert Path.home() == isolated_account
    said = subprocess.run(
        ["git", "config", "--list", "--show-origin"], cwd="/", capture_output=True, text=True, check=True
    )
    assert {line.split("\t")[0] for line in said.stdout.splitlines()} == {f"file:{isolated_account}/.gitconfig"}


def test_bare(bare: BareRepository) -> None:
    assert bare.git("rev-parse", "--is-bare-repository").stdout == "true\n"
    assert "hookkit" in (bare.path / "hooks" / "pre-receive").read_text()
    assert bare.refs() == {}
    assert bare.owner.home in bare.path.parents


def test_bare_takes_options_that_there_are(bare: BareRepository) -> None:
    bare.set("hookkit.mirror.refs", "refs/heads/*", "!refs/heads/tmp")
    bare.set("hookkit.mirror.refs", "refs/heads/*", "refs/tags/*")
    assert bare.hookkit("config", "get", "hookkit.mirror.refs").stdout == "refs/heads/*\nrefs/tags/*\n"
    assert bare.hookkit("config", "set", "hookkit.mirror.refz", "x", check=False).status == 2


def test_clone(clone: WorkingCopy, bare: BareRepository, git_repo: GitRepo) -> None:
    oid = clone.commit("one", {"folder/file": "content\n"})
    assert git_repo.api.head.commit.hexsha == oid
    assert git_repo.api.head.commit.author.name == "dana"
    clone.push()
    assert bare.refs() == {"refs/heads/main": oid}


def test_push(push: Callable[..., Done], bare: BareRepository, clone: WorkingCopy) -> None:
    assert push().status == 0
    done = push("origin", "HEAD:topic")
    assert (done.status, done.remote) == (0, [])
    assert bare.refs() == {"refs/heads/main": clone.oid("HEAD~"), "refs/heads/topic": clone.oid()}


def test_push_shows_what_hooks_say(
    push: Callable[..., Done], bare: BareRepository, refuse: Callable[[str], None]
) -> None:
    refuse("pre-receive")
    done = push()
    assert done.status == 1
    assert any(line.startswith(f"pre-receive got {ZERO} ") for line in done.remote)
    assert "pre-receive hook declined" in done.stderr
    assert bare.refs() == {}


def test_run_hook(run_hook: Callable[..., Done], refuse: Callable[[str], None]) -> None:
    assert run_hook("pre-receive", stdin=f"{ZERO} {'a' * 40} refs/heads/main\n").status == 0
    refuse("pre-receive")
    done = run_hook("pre-receive", stdin=f"{ZERO} {'a' * 40} refs/heads/main\n")
    assert done.status == 1
    assert f"pre-receive got {ZERO} {'a' * 40} refs/heads/main" in done.stderr


def test_run_hook_with_arguments(run_hook: Callable[..., Done], refuse: Callable[[str], None]) -> None:
    refuse("update")
    done = run_hook("update", "refs/heads/main", ZERO, "a" * 40)
    assert (done.status, f"update got  refs/heads/main {ZERO}" in done.stderr) == (1, True)


def test_person(person: Client, lab: Lab) -> None:
    assert person.run("git", "config", "user.email").stdout == "dana@example.org\n"
    assert person.run("sh", "-c", "echo $HOME").stdout.strip() == str(person.home)
    assert lab.client("erin").home != person.home


def test_node(node: SshNode, person: Client) -> None:
    project = node.bare("project")
    project.install()
    work = person.clone(project.url)
    oid = work.commit("one")
    work.push()
    assert project.refs() == {"refs/heads/main": oid}
    assert node.logins() > 0
    node.stop()
    assert "Connection refused" in work.push("origin", "HEAD:topic", check=False).stderr
    node.start()
    assert work.push("origin", "HEAD:topic").status == 0


def test_two_nodes(two_nodes: TwoNodes, person: Client) -> None:
    alpha, bravo = two_nodes
    work = person.clone(alpha.url)
    work.commit("one")
    assert "bravo  main new" in " ".join(work.push().remote)
    assert alpha.refs() == bravo.refs() != {}
    two_nodes.cut()
    work.commit("two")
    assert "offline" in " ".join(work.push().remote), "people reach alpha, alpha does not reach bravo"
    assert alpha.refs() != bravo.refs()
    assert person.run("git", "ls-remote", bravo.url).status == 0
    assert bravo.git("ls-remote", "alpha", check=False).status == 128
    two_nodes.heal()
    alpha.hookkit("mirror", "sync")
    until(lambda: alpha.refs() == bravo.refs(), "the link is healed, and alpha has nothing to deliver")


def pytest_elsewhere(folder: Path, conftest: str, test: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A test run of somebody else's, with its own configuration."""
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = ignore:@pytest.yield_fixture\n")
    (folder / "conftest.py").write_text(conftest)
    (folder / "test_it.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", "-p", "no:randomly"]
    command += ["--basetemp", str(folder / "run")]
    return subprocess.run(command, cwd=folder, env={**os.environ, **env}, capture_output=True, text=True, check=False)


def test_a_project_of_its_own_names_the_plugin(tmp_path: Path) -> None:
    test = "def test_it(push, bare):\n    assert push().status == 0\n    assert len(bare.refs()) == 1\n"
    done = pytest_elsewhere(tmp_path, 'pytest_plugins = ["hookkit.testing"]\n', test)
    assert "1 passed" in done.stdout, done.stdout
    assert "warning" not in done.stdout


def test_who_does_not_name_it_does_not_load_it(tmp_path: Path) -> None:
    done = pytest_elsewhere(
        tmp_path,
        "",
        "import os, sys\ndef test_it():\n"
        "    assert not [name for name in sys.modules if name.startswith('hookkit')]\n"
        f"    assert os.environ['HOME'] == {os.environ['HOME']!r}\n",
    )
    assert "1 passed" in done.stdout, done.stdout


def test_without_sshd_a_test_is_skipped_with_the_reason(tmp_path: Path) -> None:
    conftest = (
        'pytest_plugins = ["hookkit.testing"]\n'
        "from hookkit.testing import requirements\n"
        "requirements.SYSTEM_PATH = '/nowhere'\n"
    )
    test = "def test_it(node):\n    assert False\n"
    done = pytest_elsewhere(tmp_path, conftest, test, HOOKKIT_REQUIRE_REAL="0")
    assert "1 skipped" in done.stdout, done.stdout
    assert "sshd is not installed (Debian: openssh-server)" in done.stdout
    done = pytest_elsewhere(tmp_path, conftest, test, HOOKKIT_REQUIRE_REAL="1")
    assert "1 error" in done.stdout


def test_the_command_is_that_of_the_environment_the_tests_run_in(bare: BareRepository) -> None:
    assert HOOKKIT[0] == sys.executable
    assert f"python={sys.executable}" in (bare.path / "hooks" / "pre-receive").read_text()
