"""``setup enroll`` for a plain ssh account, and what a key that it has let in may do there, through a real sshd."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.account import BIN
from support.client import Client
from support.commands import Done
from support.lab import Lab
from support.node import Node
from support.sshd import make_key

from hookkit_plugins.setup import files


class Account:
    """Somebody who has one key, and nothing else."""

    def __init__(self, lab: Lab, name: str, host: Node) -> None:
        self.client: Client = lab.client("dana")
        self.work = self.client.init(f"work-{name}")
        self.work.commit("first")
        self.host = host
        self.key = lab.root / name
        make_key(self.key)
        self.config = lab.root / f"{name}.config"
        config = self.client.ssh_config.read_text()
        self.config.write_text(config.replace(str(self.client.key), str(self.key)))

    def git(self, *args: str) -> Done:
        return self.work.git("-c", f"core.sshCommand=ssh -F {self.config}", *args, check=False)

    def ssh(self, *args: str, stdin: str = "") -> Done:
        return self.client.run("ssh", "-F", str(self.config), *args, check=False, stdin=stdin, timeout=20)


@pytest.fixture
def alpha(nodes: Callable[..., list[Node]]) -> Node:
    (alpha,) = nodes("alpha")
    for name in ("site", "team/tools", "other"):
        alpha.create_repository(name)
    return alpha


@pytest.fixture
def bravo(lab: Lab, alpha: Node) -> Account:
    return Account(lab, "git_bravo", alpha)


def enroll(node: Node, *args: str, check: bool = True) -> Done:
    command = (str(BIN / "hookkit"), "setup", "enroll", "--admin", ".ssh", *args)
    return node.run(*command, check=check)


def test_git_for_the_named_repositories_and_nothing_else(alpha: Node, bravo: Account) -> None:
    file = alpha.home / ".ssh" / "authorized_keys"
    before = file.read_text()
    given = f"git_bravo={bravo.key}.pub"
    dry = enroll(alpha, "--repos", "site", given, "--dry-run")
    assert "+++ b/authorized_keys" in dry.stdout
    assert file.read_text() == before
    assert enroll(alpha, "--repos", "site", given).stdout == "authorized_keys: changed\n"
    assert file.read_text().startswith(before)
    assert enroll(alpha, "--repos", "site", given).stdout == "nothing changed\n"

    for url in ("ssh://alpha/~/site.git", "ssh://alpha/~/site", f"alpha:{alpha.home}/site.git", "alpha:site.git"):
        assert bravo.git("push", url, "HEAD:main").status == 0, url
        assert "refs/heads/main" in bravo.git("ls-remote", url).stdout
    assert bravo.git("push", "alpha:site.git", "HEAD:refs/heads/x").status == 0
    assert bravo.git("push", "alpha:site.git", ":refs/heads/x").status == 0
    urls = (
        "alpha:other.git",
        "alpha:team/../other.git",
        "alpha:site.git/../other.git",
        "alpha:./site.git",
        "alpha:/etc",
    )
    for url in urls:
        for done in (bravo.git("ls-remote", url), bravo.git("push", url, "HEAD:refs/heads/evil")):
            assert done.status != 0, url
            assert "DENIED by hookkit" in done.stderr
    assert alpha.refs("other") == {}


def test_no_shell_no_forwarding_no_terminal(alpha: Node, bravo: Account) -> None:
    enroll(alpha, "--repos", "site", f"git_bravo={bravo.key}.pub")
    mark = alpha.home / "touched"
    commands = (
        (), ("id",), (f"touch {mark}",), (f"git-upload-pack 'site.git'; touch {mark}",),
        (f"git-upload-pack $(touch {mark})",),
        (f"git-upload-pack 'site.git' 'x'`touch {mark}`",), ("git-upload-archive 'site.git'",), ("scp -f site.git/config",),
        ("git-upload-pack '-c core.pager=id' 'site.git'",), ("-s", "sftp"),
    )  # fmt: skip
    for command in commands:
        words = ("-s", "alpha", "sftp") if command[:1] == ("-s",) else ("alpha", *command)
        done = bravo.ssh(*words, stdin=f"touch {mark}\n")
        assert done.status != 0, command
        assert done.stdout == "", command
        assert not mark.exists(), command
    # What git asks for is let through, a terminal for it is not.
    terminal = bravo.ssh("-tt", "alpha", "git-upload-pack 'site.git'", stdin="0000")
    assert "PTY allocation request failed" in terminal.stderr
    port = alpha.port  # type: ignore[attr-defined]
    local = bravo.ssh("-W", f"127.0.0.1:{port}", "alpha")
    assert "SSH-" not in local.stdout
    assert "open failed" in local.stderr
    remote = bravo.ssh("-N", "-o", "ExitOnForwardFailure=yes", "-R", f"0:127.0.0.1:{port}", "alpha")
    assert remote.status != 0
    assert "forwarding failed" in remote.stderr


def test_more_repositories_later_and_json(alpha: Node, bravo: Account) -> None:
    given = f"git_bravo={bravo.key}.pub"
    enroll(alpha, "--repos", "site", given)
    said = json.loads(enroll(alpha, "--repos", "team/*", given, "--json").stdout)
    assert (said["backend"], said["changed"], said["repositories"]) == ("ssh", True, ["team/tools"])
    for url in ("alpha:site", "alpha:team/tools"):
        assert bravo.git("push", url, "HEAD:main").status == 0
    lines = (alpha.home / ".ssh" / "authorized_keys").read_text().splitlines()
    assert sum("restrict" in line for line in lines) == 1


def test_a_file_that_is_not_there_is_made_for_its_owner_alone(alpha: Node, bravo: Account, tmp_path: Path) -> None:
    alpha.run("git", "init", "-q", "--bare", "new/site.git")
    folder = alpha.home / "new" / ".ssh"
    folder.mkdir()
    alpha.run(
        str(BIN / "hookkit"), "setup", "enroll", "--admin", str(folder), "--repos", "*", f"git_bravo={bravo.key}.pub"
    )
    assert oct((folder / "authorized_keys").stat().st_mode & 0o777) == "0o600"
    assert [path.name for path in folder.iterdir()] == ["authorized_keys"]


def test_two_at_the_same_moment(alpha: Node, bravo: Account) -> None:
    file = alpha.ssh_dir / "authorized_keys"
    words = ("setup", "enroll", "--admin", str(alpha.ssh_dir), "--repos", "site", f"git_bravo={bravo.key}.pub")
    with files.alone(alpha.ssh_dir):
        other = subprocess.Popen(
            (BIN / "hookkit", *words), env=alpha.environment, cwd=alpha.home, stderr=subprocess.PIPE, text=True
        )
        assert other.stderr
        assert "waiting for it" in other.stderr.readline()
        with file.open("a") as theirs:
            theirs.write("# theirs\n")
    assert other.wait(30) == 0
    other.stderr.close()
    assert file.read_text().splitlines()[-2] == "# theirs"
    assert file.read_text().splitlines()[-1].endswith(" git_bravo")


def test_what_does_not_work_is_put_back(alpha: Node, bravo: Account) -> None:
    file = alpha.home / ".ssh" / "authorized_keys"
    file.chmod(0o640)
    before = file.read_text()
    config = alpha.path("site") / "config"
    good = config.read_text()
    config.write_text("[broken\n")
    done = enroll(alpha, "--repos", "site", f"git_bravo={bravo.key}.pub", check=False)
    assert done.status == 1
    assert "does not work, it is again as it was" in done.stderr
    assert "bad config" in done.stderr
    assert file.read_text() == before
    config.write_text(good)
    enroll(alpha, "--repos", "site", f"git_bravo={bravo.key}.pub")
    assert oct(file.stat().st_mode & 0o777) == "0o640"


def test_refused_and_nothing_written(alpha: Node, bravo: Account) -> None:
    file = alpha.home / ".ssh" / "authorized_keys"
    before = file.read_text()
    given = f"git_bravo={bravo.key}.pub"
    for args, said in {
        ("--repos", "sites", given): "no repository is called 'sites', did you mean site?",
        ("--repos", "*", f"dana={bravo.client.key}.pub"): "lets the key of dana in already",
        ("--repos", "*", given, f"git_b={bravo.key}.pub"): "are the same key",
        ("--repos", "*", f"a b={bravo.key}.pub"): "is not NAME=FILE.pub",
        ("--repos", "*", "--backend", "gitosis", given): "not a folder that gitosis is configured by",
    }.items():
        done = enroll(alpha, *args, check=False)
        assert (done.status, said in done.stderr) == (2, True), done
        assert file.read_text() == before
    away = alpha.run(*(str(BIN / "hookkit"), "setup", "enroll", "--admin", ".", "--repos", "*", given), check=False)
    assert "the folder is of none of these: gitosis, gitolite, ssh" in away.stderr
