"""Lines of authorized_keys, and what the gate that they name lets through."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit.api import UsageError
from hookkit_plugins.setup import gate
from hookkit_plugins.setup.enroll import authorized_keys, ssh
from hookkit_plugins.setup.keys import PublicKey, parse

KEY = parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGKz0bcHUNKEYXPSMQ6lzZ5vhPOsF1yXzv6VxTcU6UPb alpha", "alpha.pub")
OTHER = PublicKey(KEY.kind, KEY.base64[:-4] + "abcd", "other")
REPOSITORIES = ("site.git", "team/tools.git", "plain", "plain.git")


@pytest.mark.parametrize(
    ("request_", "place"),
    [
        ("git-upload-pack 'site.git'", "site.git"), ("git-upload-pack 'site'", "site.git"),
        ("git upload-pack '~/site.git'", "site.git"), ("git-receive-pack '/home/git/team/tools.git'", "team/tools.git"),
        ("git-upload-pack 'plain'", "plain"), ("git-upload-pack 'plain.git'", "plain.git"),
        ("git-upload-pack '~/plain'", "plain"),
    ],
)  # fmt: skip
def test_let_through(request_: str, place: str) -> None:
    service = "receive-pack" if "receive" in request_ else "upload-pack"
    assert gate.wanted(request_, "/home/git", REPOSITORIES) == (service, f"/home/git/{place}")


@pytest.mark.parametrize(
    "request_",
    [
        "", "sh", "git-upload-pack", "git-upload-pack site.git", 'git-upload-pack "site.git"', "git-upload-pack 'site.git",
        "git-upload-pack ''", "git-upload-pack 'other.git'", "git-upload-pack '../site.git'",
        "git-upload-pack 'team/../site.git'", "git-upload-pack './site.git'", "git-upload-pack 'site.git/'",
        "git-upload-pack '/site.git'", "git-upload-pack 'site.git'; sh", "git-upload-pack 'site.git' 'other.git'",
        "git-upload-pack --strict 'site.git'", "git-upload-archive 'site.git'", "git-shell 'site.git'",
        "git-upload-pack 'site.git'\n", "git-upload-pack 'site.git\n'", "git-upload-pack '~root/site.git'",
        "git-upload-pack '$HOME/site.git'", "git-upload-pack 'site.gi'\\''t'", "scp -f site.git", "git config 'site.git'",
        "GIT-UPLOAD-PACK 'site.git'", "git  upload-pack 'site.git'", "/usr/bin/git-upload-pack 'site.git'",
        "git-upload-pack '/home/git/../git/site.git'", "git-upload-pack '/home/git//site.git'", "git-upload-pack '--help'",
    ],
)  # fmt: skip
def test_refused(request_: str) -> None:
    assert gate.wanted(request_, "/home/git", REPOSITORIES) is None


@given(st.text("git-upload-pack 'site.~/\\;$\n\"", max_size=40))
def test_only_what_was_named_is_ever_reached(request_: str) -> None:
    for text in (request_, f"git-upload-pack '{request_}'"):
        found = gate.wanted(text, "/home/git", REPOSITORIES)
        assert found is None or found[1].removeprefix("/home/git/") in REPOSITORIES


def test_the_gate_as_a_command_says_why() -> None:
    command = authorized_keys.command(sys.executable, "/home/git", ["site.git"])
    for request, said in ((None, "no shell"), ("rm -rf '\x1b[1m'", "not allowed")):
        env = {"PATH": "/usr/bin:/bin"} | ({} if request is None else {"SSH_ORIGINAL_COMMAND": request})
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stdout == ""
        assert "DENIED" in done.stderr
        assert said in done.stderr
        assert "\x1b" not in done.stderr


def test_a_line_there_and_back() -> None:
    words = authorized_keys.command('/opt/it\'s "here"/py\\thon', "/home/git", ["site.git", "team/tools.git"])
    found = authorized_keys.read(authorized_keys.line("git_a", KEY, words))
    assert found == authorized_keys.Line("git_a", KEY.material, words)
    assert found is not None
    assert found.repositories == ["site.git", "team/tools.git"]
    assert authorized_keys.read(str(KEY)) is None
    assert authorized_keys.read(f'restrict,command="sh" {KEY.material} git_a') is None


def enrolled(text: str, name: str, key: PublicKey, *places: str) -> tuple[str, str | None]:
    return authorized_keys.enrolled(text, name, key, "/py", "/home/git", places)


def test_lines_are_added_and_extended_and_the_rest_stays() -> None:
    before = f'# mine\n\n{OTHER}\nfrom="10.0.0.*" ssh-rsa AAAAB3 x'
    after, reason = enrolled(before, "git_a", KEY, "site.git")
    assert reason is None
    assert after.startswith(before + "\nrestrict,command=")
    assert after.endswith(f" {KEY.material} git_a\n")
    assert enrolled(after, "git_a", KEY, "site.git") == (after, None)
    more, _ = enrolled(after, "git_a", KEY, "tools.git")
    assert more == after.replace(" site.git", " site.git tools.git")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{KEY.material} me\n", "line 1 lets the key of git_a in already"),
        (f'\ncommand="x" {KEY.material}\n', "line 2 lets the key of git_a in already"),
        (enrolled("", "git_b", KEY, "site.git")[0], "is there already, as git_b"),
        (enrolled("", "git_a", OTHER, "site.git")[0], "line 1 has another key"),
    ],
)
def test_keys_that_are_there(text: str, said: str) -> None:
    after, reason = enrolled(text, "git_a", KEY, "site.git")
    assert after == text
    assert said in (reason or "")


def home(tmp_path: Path, *names: str) -> Path:
    for name in names:
        subprocess.run(("git", "init", "-q", "--bare", tmp_path / name), check=True)
    (tmp_path / ".ssh").mkdir()
    return tmp_path / ".ssh"


def test_repositories_are_the_bare_ones_at_home(tmp_path: Path) -> None:
    folder = home(tmp_path, "site.git", "team/tools.git", ".cache/x.git", "plain")
    subprocess.run(("git", "init", "-q", tmp_path / "work"), check=True)
    assert ssh.recognises(folder)
    plan = ssh.plan(folder, {"git_a": KEY}, ["*"], "")
    assert set(plan.repositories) == {"site", "team/tools", "plain"}
    assert not plan.versioned
    found = authorized_keys.read(plan.files["authorized_keys"].strip())
    assert found is not None
    assert sorted(found.repositories) == ["plain", "site.git", "team/tools.git"]
    assert "no repository is called 'work'" in ssh.plan(folder, {"git_a": KEY}, ["work"], "").refused[0]


def test_a_file_that_gitolite_writes_is_not_ours(tmp_path: Path) -> None:
    folder = home(tmp_path, "site.git")
    (folder / "authorized_keys").write_text(f'# gitolite start\ncommand="/usr/share/gitolite-shell x" {OTHER}\n')
    assert "is written by gitolite" in ssh.plan(folder, {"git_a": KEY}, ["*"], "").refused[0]


@pytest.mark.parametrize("name", ["a b.git", "-x.git", "a;b.git", "a'b.git", "a$b.git", 'a"b.git', "a\\b.git"])
def test_names_that_a_shell_would_understand_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot stand in authorized_keys"):
        ssh.plan(home(tmp_path, name), {"git_a": KEY}, ["*"], "")
