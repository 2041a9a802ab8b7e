"""``setup join``: a new server, from nothing, interrupted, and again; real sshd."""

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support import faults, poll
from support.account import BIN
from support.commands import Done
from support.lab import Lab, forget
from support.node import Node, SshNode
from support.requirements import require

NAMES = ("site", "team/tools", "wiki")


@pytest.fixture
def trio(lab: Lab) -> list[SshNode]:
    """alpha and bravo have the repositories, each the other as a remote; charlie has nothing, not even a key."""
    require("sshd")
    nodes = [lab.node("alpha"), lab.node("bravo"), lab.stranger("charlie")]
    work = lab.client().init("work")
    work.commit("first")
    for node, other in (nodes[:2], nodes[1::-1]):
        for name in NAMES:
            node.create_repository(name)
            node.git(name, "remote", "add", other.name, other.url(name))
            node.hookkit(name, "install", "--node", node.name)
    for name in NAMES:
        work.git("push", "--quiet", nodes[0].url(name), "HEAD:main")
    return [node for node in nodes if isinstance(node, SshNode)]


def fingerprint(node: SshNode) -> str:
    said = subprocess.run(("ssh-keygen", "-lf", node.sshd.folder / "host_key.pub"), check=True, stdout=-1, text=True)
    return said.stdout.split()[1]


def command(*nodes: SshNode, consent: bool = True) -> list[str]:
    words = ["setup", "join", "--node", "charlie"]
    for node in nodes:
        words += ["--from", f"{node.name}=ssh://{node.name}/~/{{}}.git"]
        words += ["--fingerprint", f"{node.name}={fingerprint(node)}"] * consent
    return words


def typed(node: Node, *args: str, check: bool = True) -> Done:
    return node.run(str(BIN / "hookkit"), *args, check=check, timeout=100)


def everything(node: Node) -> dict[str, bytes]:
    files = (path for path in node.home.rglob("*") if path.is_file() and "empty.git" not in path.parts)
    return {str(path): path.read_bytes() for path in files}


def complete(charlie: Node, others: list[SshNode], names: tuple[str, ...] = NAMES) -> None:
    for name in names:
        for other in others:
            assert charlie.refs(name, "refs/heads") == other.refs(name, "refs/heads")
        config = charlie.git(name, "config", "--get-regexp", r"^remote\.").stdout.split()
        assert config[1::2] == [value for other in others for value in ("mirror", f"ssh://{other.name}/~/{name}.git")]
        assert charlie.git(name, "config", "hookkit.node").stdout == "charlie\n"


def test_from_nothing(trio: list[SshNode], lab: Lab) -> None:
    alpha, bravo, charlie = trio
    before = everything(charlie)
    words = command(alpha, bravo)
    refused = typed(charlie, *command(alpha, bravo, consent=False), ".", *NAMES, check=False)
    assert (
        f"hint: compare it with what the server's owner tells you, then: hookkit setup join ... --fingerprint "
        f"alpha={fingerprint(alpha)}\n" in refused.stderr
    )
    made = {path: data for path, data in everything(charlie).items() if "/.ssh/id_" not in path}
    assert made == before
    forget(charlie)
    dry = typed(charlie, *words, "--dry-run", ".", *NAMES).stdout
    assert everything(charlie) == before
    assert f"{charlie.key}: would be made\n" in dry
    assert f'\n+\tIdentityFile "{charlie.key}"\n' in dry
    assert f"alpha: host key ED25519 {fingerprint(alpha)}\n" in dry
    for name in NAMES:
        assert f"{charlie.path(name)}: would be cloned from ssh://alpha/~/{name}.git, hookkit installed as node" in dry
        assert f"git config remote.bravo.url 'ssh://bravo/~/{name}.git'\n" in dry
    refused = typed(charlie, *words, ".", *NAMES, check=False)
    assert refused.status == 1
    assert "caused by: not let in: " in refused.stderr
    assert charlie.public_key in refused.stderr
    assert not charlie.path("site").exists()
    alpha.admit(charlie)
    half = typed(charlie, *words, ".", *NAMES, check=False)
    assert half.status == 1
    assert "ok       alpha: 3 of 3 repositories can be pushed to\n" in half.stdout
    assert "problem  bravo: 0 of 3 repositories can be pushed to\n" in half.stdout
    bravo.admit(charlie)
    logins = alpha.logins() + bravo.logins()
    typed(charlie, *words, ".", *NAMES)
    # Three looks at host keys do not count; one connection for what is asked of each, perhaps a few.
    assert alpha.logins() + bravo.logins() - logins < 12
    complete(charlie, [alpha, bravo])
    again = everything(charlie)
    said = typed(charlie, *words, ".", *NAMES).stdout
    assert sorted(re.findall(r"(?m)^(\S+): up to date, 1 ref$", said)) == list(NAMES)
    assert everything(charlie) == again
    data = json.loads(typed(charlie, *words, "--json", ".", *NAMES).stdout)
    assert [each["ok"] for each in data["remotes"]] == [True] * 6
    assert data["key"] == charlie.public_key
    # A push to the new one is everywhere.
    work = lab.client().clone(charlie.url("team/tools"), "again")
    work.commit("second")
    assert work.push().stderr.count(" ok ") == 2
    complete(charlie, [alpha, bravo])


def test_killed_again_and_again(trio: list[SshNode]) -> None:
    alpha, bravo, charlie = trio
    names = tuple(f"repo-{number}" for number in range(12))
    for name in names:
        for node in (alpha, bravo):
            shutil.copytree(node.path("site"), node.path(name))
    typed(charlie, "setup", "key")
    for node in (alpha, bravo):
        node.admit(charlie)
    line = (str(BIN / "hookkit"), *command(alpha, bravo), ".", *names)

    def pinned() -> bool:
        known = charlie.home / ".local/state/hookkit/ssh/known_hosts"
        return known.exists() and "bravo" in known.read_text()

    def arrived(count: int) -> bool:
        return len(list(charlie.home.glob("repo-*.git"))) >= count

    moments: list[Callable[[], bool]] = [pinned, lambda: arrived(1), lambda: arrived(9)]
    for moment in moments:
        child = subprocess.Popen(line, env=charlie.environment, cwd=charlie.home, stdout=-1, stderr=-1)
        try:
            poll.until(lambda moment=moment, child=child: moment() or child.poll() is not None, "nothing happens", 60)  # type: ignore[misc]
            child.send_signal(signal.SIGKILL)
        finally:
            child.kill()
            child.communicate()
    typed(charlie, *line[1:])
    complete(charlie, [alpha, bravo], names)
    assert not list(charlie.home.glob(".hookkit-clone.*"))


def test_peers_with_their_keys(trio: list[SshNode]) -> None:
    alpha, bravo, charlie = trio
    typed(charlie, "setup", "key")
    words = command(alpha, bravo)
    for node in (alpha, bravo):
        node.admit(charlie)
        (charlie.home / f"{node.name}.pub").write_text(node.public_key + "\n")
        words += ["--signer", f"{node.name}={node.name}.pub"]
    assert typed(charlie, *words, ".", "site", check=False).status == 2
    dry = typed(charlie, *words, "--peer", ".", "site", "--dry-run").stdout
    for node in (alpha, bravo):
        assert f"\n+{node.name} {node.sshd.host_key}\n" in dry
        assert f"\n+{node.name} {' '.join(node.public_key.split()[:2])}\n" in dry
    said = typed(charlie, *words, "--peer", ".", "site", check=False)
    assert charlie.path("site").exists(), said
    assert "is trusted here" not in said.stdout
    dry = typed(charlie, *words, "--peer", ".", "site", "--dry-run").stdout
    assert "+++" not in dry
    assert "hookkit installed" not in dry
    assert "git config" not in dry
    signers = (charlie.home / ".config" / "hookkit" / "signers").read_text().splitlines()
    assert [line.split()[0] for line in signers] == ["alpha", "bravo"]
    assert charlie.git("site", "config", "--get-all", "remote.bravo.hookkit").stdout == "peer\n"
    assert charlie.git("site", "config", "hookkit.cluster.enabled").stdout == "true\n"


def test_what_stands_in_the_way_stays(trio: list[SshNode]) -> None:
    alpha, bravo, charlie = trio
    typed(charlie, "setup", "key")
    for node in (alpha, bravo):
        node.admit(charlie)
    charlie.create_repository("site")
    charlie.git("site", "config", "remote.bravo.url", "ssh://elsewhere/x")
    done = typed(charlie, *command(alpha, bravo), ".", "site", "wiki", "gone", check=False)
    assert done.status == 1
    assert "site: failed, refused: the remote bravo leads to ssh://elsewhere/x" in done.stdout
    assert "gone: failed, no such repository" in done.stdout
    assert charlie.git("site", "config", "remote.bravo.url").stdout == "ssh://elsewhere/x\n"
    complete(charlie, [alpha, bravo], ("wiki",))
    with faults.wrong_host_key(bravo):
        done = typed(charlie, *command(alpha, bravo, consent=False), ".", "wiki", check=False)
        assert "the host key of bravo has changed" in done.stderr
        assert f"--fingerprint bravo={fingerprint(bravo)}" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--from", "alpha"),
        ("--from", "=x{}"),
        ("--from", "alpha=ssh://alpha/x.git"),
        ("--from", "a/b=h:{}"),
        ("--from", "alpha=h:{}", "--from", "alpha=g:{}"),
        ("--from", "alpha=h:{}", "--fingerprint", "bravo=SHA256:" + "A" * 43),
        ("--from", "alpha=h:{}", "--fingerprint", "alpha=SHA256:short"),
        ("--from", "alpha=h:{}", "--node", "a b"),
        ("--from", "alpha=h:{}", "--peer", "--signer", "alpha=nowhere.pub"),
    ],
)
def test_what_makes_no_sense(lab: Lab, tmp_path: Path, words: tuple[str, ...]) -> None:
    node = lab.node("alpha")
    before = everything(node)
    done = node.run(str(BIN / "hookkit"), "setup", "join", "--node", "x", *words, ".", "site", check=False)
    assert done.status == 2
    assert done.stderr.startswith(("error: ", "Usage: "))
    assert everything(node) == before
