"""``setup remote``: what is pinned holds, and only for hookkit; real sshd, real ssh, real agents."""

import json
import re
import shlex
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support import faults, poll
from support.account import BIN, USER
from support.client import Client
from support.commands import Done
from support.lab import Lab
from support.node import Node, SshNode
from support.sshd import make_key

URL = "ssh://bravo/~/project.git"


def configuration(account: Node | Client, *lines: str) -> str:
    """An ssh configuration that knows where the nodes are, but none of their host keys."""
    hosts = account.root / "hosts"
    known = account.ssh_dir / "known_hosts"
    return "\n".join((f"Include {hosts}", *lines, f"UserKnownHostsFile {known}", "GlobalKnownHostsFile /dev/null", ""))


@pytest.fixture
def pair(nodes: Callable[..., list[Node]]) -> list[SshNode]:
    """alpha and bravo, each with `project`; ssh on alpha knows no host key."""
    alpha, bravo = nodes("alpha", "bravo")
    assert isinstance(alpha, SshNode)
    assert isinstance(bravo, SshNode)
    alpha.ssh_config.write_text(configuration(alpha, f"IdentityFile {alpha.key}"))
    for node in (alpha, bravo):
        node.create_repository("project")
        node.hookkit("project", "install", "--node", node.name)
    return [alpha, bravo]


def fingerprint(node: SshNode) -> str:
    said = subprocess.run(("ssh-keygen", "-lf", node.sshd.folder / "host_key.pub"), check=True, stdout=-1, text=True)
    return said.stdout.split()[1]


def state(node: Node) -> Path:
    return node.home / ".local/state/hookkit/ssh"


def typed(node: Node, *args: str, check: bool = True, env: dict[str, str] | None = None) -> Done:
    return node.hookkit("project", "setup", "remote", *args, check=check, env=env)


def everything(node: Node) -> dict[str, bytes]:
    """What a setup could have written."""
    places = [
        node.ssh_dir,
        node.home / ".config",
        node.path("project") / "config",
        node.path("project") / "hookkit",
        state(node),
    ]
    files = [path for place in places for path in (place.rglob("*") if place.is_dir() else [place]) if path.is_file()]
    return {str(path): path.read_bytes() for path in files if "plugins." not in path.name}


def arrives(lab: Lab, alpha: Node, bravo: Node, repository: str = "project", branch: str = "main") -> None:
    work = lab.client().init(f"work-{branch}")
    oid = work.commit(branch)
    said = work.git("push", alpha.url("project"), f"HEAD:{branch}").stderr
    assert " ok " in said, said
    assert bravo.refs(repository)[f"refs/heads/{branch}"] == oid


def test_from_nothing_to_a_push_that_arrives(pair: list[SshNode], lab: Lab) -> None:
    alpha, bravo = pair
    before = everything(alpha)
    refused = typed(alpha, "bravo", URL, check=False)
    assert refused.status == 1
    assert "nobody has said that this is the host key of bravo: ED25519 SHA256:" in refused.stderr
    assert everything(alpha) == before
    dry = typed(alpha, "bravo", URL, "--dry-run").stdout
    assert "nobody has said yet" in dry
    assert "login" not in dry
    hint = re.search(r"(?m)^hint: .*then: hookkit (setup remote .*)$", refused.stderr)
    assert hint
    words = shlex.split(hint[1])
    assert words[-2:] == ["--fingerprint", fingerprint(bravo)]
    dry = alpha.hookkit("project", *words, "--dry-run").stdout
    assert everything(alpha) == before
    assert "\n+++ " in dry
    assert f"\n+bravo {bravo.sshd.host_key}\n" in dry
    assert "\ngit config remote.bravo.hookkit mirror\n" in dry
    assert f"\ngit config remote.bravo.url '{URL}'\n" in dry
    assert "write access: a push would be taken" in dry
    done = alpha.hookkit("project", *words).stdout.split("\n")
    assert [line.split()[1] for line in done if line.startswith("ok ")] == [
        "connection:", "login:", "repository:", "write", "git:", "push"
    ]  # fmt: skip
    again = everything(alpha)
    said = alpha.hookkit("project", *words).stdout
    assert "\nnothing changed\n" in said
    assert everything(alpha) == again
    # ~/.ssh is as it was, and with it alone nobody gets to bravo.
    assert {path: data for path, data in again.items() if "/.ssh/" in path} == {
        path: data for path, data in before.items() if "/.ssh/" in path
    }
    own = alpha.git("project", "ls-remote", URL, check=False)
    assert "Host key verification failed" in own.stderr
    arrives(lab, alpha, bravo)
    assert not alpha.refs("project", "refs/remotes")
    # Over one connection, as before.
    logins = bravo.logins()
    arrives(lab, alpha, bravo, branch="second")
    assert bravo.logins() == logins
    config = alpha.git("project", "config", "--get-regexp", r"^remote\.").stdout.split("\n")
    assert sorted(config) == ["", "remote.bravo.hookkit mirror", f"remote.bravo.url {URL}"]
    assert {oct(path.stat().st_mode & 0o777) for path in state(alpha).iterdir()} == {"0o600"}
    assert oct(state(alpha).stat().st_mode & 0o777) == "0o700"
    assert json.loads(typed(alpha, "bravo", URL, "--json").stdout)["changes"] == []


def test_a_wrong_fingerprint_changes_nothing(pair: list[SshNode]) -> None:
    alpha, bravo = pair
    before = everything(alpha)
    done = typed(alpha, "bravo", URL, "--fingerprint", "SHA256:" + "A" * 43, check=False)
    assert done.status == 1
    assert f"it shows ED25519 {fingerprint(bravo)}" in done.stderr
    for text in ("SHA256:short", "MD5:aa:bb", fingerprint(bravo)[7:]):
        assert typed(alpha, "bravo", URL, "--fingerprint", text, check=False).status == 2
    assert typed(alpha, "bravo", URL, "--accept-new", "--fingerprint", fingerprint(bravo), check=False).status == 2
    assert everything(alpha) == before
    typed(alpha, "bravo", URL, "--accept-new")
    before = everything(alpha)
    # Once it is pinned, another one is still wrong.
    assert typed(alpha, "bravo", URL, "--fingerprint", "SHA256:" + "A" * 43, check=False).status == 1
    assert everything(alpha) == before


def test_a_fingerprint_of_a_key_of_another_kind(pair: list[SshNode], lab: Lab) -> None:
    alpha, bravo = pair
    key = bravo.sshd.folder / "rsa"
    subprocess.run(("ssh-keygen", "-q", "-t", "rsa", "-N", "", "-f", key), check=True)
    config = bravo.sshd.folder / "config"
    config.write_text(config.read_text() + f"HostKey {key}\n")
    bravo.stop()
    bravo.start()
    said = subprocess.run(("ssh-keygen", "-lf", f"{key}.pub"), check=True, stdout=-1, text=True).stdout
    typed(alpha, "bravo", URL, "--fingerprint", said.split()[1])
    assert "bravo ssh-rsa " in (state(alpha) / "known_hosts").read_text()
    assert "\nnothing changed\n" in typed(alpha, "bravo", URL).stdout
    arrives(lab, alpha, bravo)


def test_a_host_key_that_changed(pair: list[SshNode], lab: Lab) -> None:
    alpha, bravo = pair
    typed(alpha, "bravo", URL, "--accept-new")
    old = fingerprint(bravo)
    before = everything(alpha)
    with faults.wrong_host_key(bravo):
        new = fingerprint(bravo)
        for options in ((), ("--accept-new",), ("--fingerprint", old)):
            done = typed(alpha, "bravo", URL, *options, check=False)
            assert done.status == 1
            assert new in done.stderr
            assert everything(alpha) == before
        assert f"--fingerprint {new}" in typed(alpha, "bravo", URL, check=False).stderr
        work = lab.client().init("work")
        work.commit("first")
        assert "host key" in work.git("push", alpha.url("project"), "HEAD:main").stderr
        hint = alpha.hookkit("project", "doctor", check=False).stdout
        assert "hookkit setup remote NAME URL --fingerprint" in hint
        typed(alpha, "bravo", URL, "--fingerprint", new)
        assert old not in typed(alpha, "bravo", URL).stdout
        alpha.hookkit("project", "mirror", "sync")
        assert bravo.refs("project", "refs/heads") == alpha.refs("project", "refs/heads")
    assert len([line for line in (state(alpha) / "known_hosts").read_text().split("\n") if "bravo" in line]) == 1


def test_a_host_key_that_is_not_the_one_that_the_account_knows(pair: list[SshNode], tmp_path: Path) -> None:
    alpha, bravo = pair
    make_key(tmp_path / "key")
    known = alpha.ssh_dir / "known_hosts"
    known.write_text(f"bravo {(tmp_path / 'key.pub').read_text()}")
    subprocess.run(("ssh-keygen", "-q", "-H", "-f", known), check=True, stdout=-1, stderr=-1)
    before = everything(alpha)
    done = typed(alpha, "bravo", URL, "--accept-new", check=False)
    assert "the host key of bravo has changed" in done.stderr
    assert everything(alpha) == before
    typed(alpha, "bravo", URL, "--fingerprint", fingerprint(bravo))


def test_asked_on_a_terminal(pair: list[SshNode]) -> None:
    alpha, bravo = pair
    command = f"{BIN}/hookkit -C {alpha.path('project')} setup remote bravo {URL}"
    before = everything(alpha)
    for answer, status in (("n\n", 1), ("y\n", 0)):
        said = alpha.run("script", "-qec", command, "/dev/null", stdin=answer, check=False, env={"TERM": "dumb"})
        assert f"ED25519 {fingerprint(bravo)}. Is that what its owner says?" in said.stdout
        assert said.status == status, said.stdout
        assert (everything(alpha) == before) is (status == 1)


def test_a_key_that_others_can_read(pair: list[SshNode]) -> None:
    alpha = pair[0]
    alpha.key.chmod(0o644)
    before = everything(alpha)
    done = typed(alpha, "bravo", URL, "--accept-new", check=False)
    assert done.status == 1
    assert f"caused by: {alpha.key} has mode 0644" in done.stderr
    assert everything(alpha) == before
    alpha.run("sh", "-c", done.stderr.partition("hint: ")[2])
    typed(alpha, "bravo", URL, "--accept-new")


@contextmanager
def agent(node: Node, keys: int) -> Iterator[dict[str, str]]:
    """The environment of an agent with that many keys that nobody lets in."""
    address = node.root / "agent"
    child = subprocess.Popen(("ssh-agent", "-D", "-a", address), env=node.environment, stdout=-1, stderr=-1)
    env = {"SSH_AUTH_SOCK": str(address)}
    try:
        poll.until(address.exists, "the agent does not start")
        for number in range(keys):
            key = node.root / f"key-{number}"
            make_key(key)
            node.run("ssh-add", "-q", str(key), env=env)
        yield env
    finally:
        child.terminate()
        child.communicate()


def test_an_agent_with_ten_other_keys(pair: list[SshNode]) -> None:
    alpha = pair[0]
    with agent(alpha, 10) as env:
        typed(alpha, "bravo", URL, "--accept-new", env=env)
        # So it would have been otherwise.
        known = ("-o", f"UserKnownHostsFile={state(alpha) / 'known_hosts'}", "-o", "BatchMode=yes")
        own = alpha.run("ssh", "-F", str(alpha.ssh_config), *known, "bravo", "true", env=env, check=False)
        assert "Too many authentication failures" in own.stderr
        alpha.ssh_config.write_text(configuration(alpha))
        assert "login: this account is let in" in typed(alpha, "bravo", URL, env=env).stdout


@contextmanager
def on_ipv6(port: int) -> Iterator[int]:
    """A port of ::1 that leads to one of 127.0.0.1."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
        ends: list[socket.socket] = []

        def copy(source: socket.socket, target: socket.socket) -> None:
            try:
                while data := source.recv(65536):
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                return

        def accept() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                there = socket.create_connection(("127.0.0.1", port))
                ends.extend((client, there))
                for pair in ((client, there), (there, client)):
                    threading.Thread(target=copy, args=pair, daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        for end in ends:
            end.close()


FORMS = {
    "port": "ssh://{user}@127.0.0.1:{port}{path}",
    "home": "ssh://127.0.0.1:{port}/~/team/project.git",
    "IPv6": "ssh://{user}@[::1]:{port6}/~/team/project.git",
    "scp-like": "bravo:~/team/project.git",
    "scp-like with a user": "{user}@bravo:~/team/project.git",
    "scp-like with a port": "[{user}@127.0.0.1:{port}]:~/team/project.git",
    "git+ssh": "git+ssh://bravo/~/team/project.git",
    "instead of": "b:team/project.git",
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_urls_and_a_repository_in_a_folder(pair: list[SshNode], lab: Lab, form: str) -> None:
    alpha, bravo = pair
    bravo.create_repository("team/project")
    alpha.run("git", "config", "--global", "url.ssh://bravo/~/team/.insteadOf", "b:team/")
    with on_ipv6(bravo.port) as port6:
        path = bravo.path("team/project")
        url = FORMS[form].format(user=USER, port=bravo.port, port6=port6, path=path)
        said = typed(alpha, "there", url, "--fingerprint", fingerprint(bravo)).stdout
        assert "write access: a push would be taken" in said
        name = {"port": f"[127.0.0.1]:{bravo.port}", "home": f"[127.0.0.1]:{bravo.port}", "IPv6": f"[::1]:{port6}"}
        pinned = name.get(form, f"[127.0.0.1]:{bravo.port}" if form.endswith("with a port") else "bravo")
        assert f"\n{pinned} {bravo.sshd.host_key}\n" in (state(alpha) / "known_hosts").read_text()
        assert "\nnothing changed\n" in typed(alpha, "there", url).stdout
        arrives(lab, alpha, bravo, "team/project")


def test_two_servers_of_which_one_is_behind_the_other(pair: list[SshNode], nodes: Callable[..., list[Node]]) -> None:
    alpha, bravo = pair
    (charlie,) = nodes("charlie")
    charlie.create_repository("project")
    alpha.ssh_config.write_text(configuration(alpha, f"IdentityFile {alpha.key}") + "Host charlie\n ProxyJump bravo\n")
    typed(alpha, "bravo", URL, "--accept-new")
    typed(alpha, "charlie", "ssh://charlie/~/project.git", "--accept-new")
    logins = bravo.logins()
    assert "nothing changed" in typed(alpha, "charlie", "ssh://charlie/~/project.git").stdout
    assert bravo.logins() > logins
    known = (state(alpha) / "known_hosts").read_text()
    assert re.findall(r"(?m)^(\w+) ", known) == ["bravo", "charlie"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("ssh -o StrictHostKeyChecking=no", "says itself which host keys are right"),
        ("ssh -oUserKnownHostsFile=/dev/null", "says itself which host keys are right"),
        ("plink -batch", "is not OpenSSH"),
    ],
)
def test_ssh_commands_that_keys_cannot_be_pinned_for(pair: list[SshNode], command: str, words: str) -> None:
    alpha = pair[0]
    before = everything(alpha)
    done = typed(alpha, "bravo", URL, "--accept-new", check=False, env={"GIT_SSH_COMMAND": command})
    assert done.status == 1
    assert words in done.stderr
    assert everything(alpha) == before


def test_what_the_other_end_does_not_let_in(pair: list[SshNode], nodes: Callable[..., list[Node]]) -> None:
    alpha, bravo = pair
    with faults.repository_missing(bravo, "project"):
        done = typed(alpha, "bravo", URL, "--accept-new", check=False)
    assert done.status == 1
    assert "ok       login: " in done.stdout
    assert "problem  repository: no such repository" in done.stdout
    with faults.key_refused(bravo):
        done = typed(alpha, "bravo", URL, check=False)
    assert "problem  login: not let in" in done.stdout
    assert "hookkit setup key" in done.stderr
    with faults.stopped(bravo):
        done = typed(alpha, "bravo", URL, check=False)
    assert "bravo does not show its host key" in done.stderr
    (golf,) = nodes("golf", kind="gitolite")
    golf.create_repository("other")
    done = typed(alpha, "golf", "ssh://golf/project", "--accept-new", check=False)
    assert "problem  write access: no write access" in done.stdout
    assert "ok       write access" in typed(alpha, "golf", "ssh://golf/other", "--replace").stdout


def test_a_name_that_leads_elsewhere(pair: list[SshNode]) -> None:
    alpha, bravo = pair
    bravo.create_repository("other")
    alpha.git("project", "config", "remote.bravo.url", "ssh://user:secret@elsewhere/x")
    alpha.git("project", "config", "remote.bravo.pushurl", "ssh://user:secret@elsewhere/x")
    before = everything(alpha)
    done = typed(alpha, "bravo", URL, "--accept-new", check=False)
    assert done.status == 2
    assert "the remote bravo leads to ssh://user:***@elsewhere/x" in done.stderr
    for name in ("a b", "-x", "..", "a/b"):
        assert typed(alpha, "--accept-new", "--", name, URL, check=False).status == 2
    for url in ("--upload-pack=x", "ssh://-x/y", "ssh://h/a\nb", ""):
        assert typed(alpha, "--accept-new", "--", "bravo", url, check=False).status == 2
    assert everything(alpha) == before
    typed(alpha, "bravo", URL, "--accept-new", "--replace")
    config = alpha.git("project", "config", "--get-regexp", r"^remote\.").stdout.split("\n")
    assert sorted(config) == ["", "remote.bravo.hookkit mirror", f"remote.bravo.url {URL}"]
    # A path has no host key.
    backup = alpha.create_repository("backup")
    assert "ok       write access" in typed(alpha, "backup", str(backup)).stdout
    alpha.hookkit("project", "uninstall")
    assert "warning  hooks: hookkit is not installed" in typed(alpha, "backup", str(backup)).stdout


def test_two_servers_on_two_ports_of_one_address(pair: list[SshNode], nodes: Callable[..., list[Node]]) -> None:
    alpha, bravo = pair
    (charlie,) = nodes("charlie")
    assert isinstance(charlie, SshNode)
    charlie.create_repository("project")
    for node in (bravo, charlie):
        url = f"ssh://127.0.0.1:{node.port}/~/project.git"
        typed(alpha, node.name, url, "--fingerprint", fingerprint(node))
    for node in (bravo, charlie):
        assert "\nnothing changed\n" in typed(alpha, node.name, f"ssh://127.0.0.1:{node.port}/~/project.git").stdout


def test_a_port_that_is_not_pinned_is_as_the_account_has_it(
    pair: list[SshNode], nodes: Callable[..., list[Node]]
) -> None:
    alpha, bravo = pair
    (charlie,) = nodes("charlie")
    assert isinstance(charlie, SshNode)
    charlie.create_repository("project")
    typed(alpha, "bravo", f"ssh://127.0.0.1:{bravo.port}/~/project.git", "--fingerprint", fingerprint(bravo))
    alpha.git("project", "config", "remote.charlie.url", f"ssh://127.0.0.1:{charlie.port}/~/project.git")
    # Nobody knows its key: as without hookkit.
    unknown = alpha.hookkit("project", "mirror", "verify", "charlie", check=False)
    assert "host key" in unknown.stdout + unknown.stderr, unknown
    known = alpha.ssh_dir / "known_hosts"
    known.write_text(f"[127.0.0.1]:{charlie.port} {charlie.sshd.host_key}\n")
    assert alpha.hookkit("project", "mirror", "verify", "charlie").status == 0
    # What the account knows counts for nothing where a key is pinned, though.
    known.write_text(f"[127.0.0.1]:{bravo.port} {charlie.sshd.host_key}\n")
    assert alpha.hookkit("project", "mirror", "verify", "bravo").status == 0


def test_a_peer_and_its_key(pair: list[SshNode]) -> None:
    alpha, bravo = pair
    key = alpha.home / "bravo.pub"
    key.write_text(bravo.public_key + "\n")
    assert typed(alpha, "bravo", URL, "--mirror", "--signer", str(key), check=False).status == 2
    typed(alpha, "bravo", URL, "--peer", "--signer", str(key), "--accept-new", check=False)
    signers = alpha.home / ".config" / "hookkit" / "signers"
    kind, material = bravo.public_key.split()[:2]
    assert signers.read_text() == f"bravo {kind} {material}\n"
    assert oct(signers.stat().st_mode & 0o777) == "0o644"
    assert alpha.git("project", "config", "remote.bravo.hookkit").stdout == "peer\n"
    assert alpha.git("project", "config", "hookkit.cluster.enabled").stdout == "true\n"


def test_a_peer_whose_key_nobody_knows_and_the_admin_repository(pair: list[SshNode]) -> None:
    alpha, bravo = pair
    said = typed(alpha, "bravo", URL, "--peer", "--accept-new").stdout
    assert "warning  signer: no key of bravo is trusted here" in said
    assert "hint: hookkit setup trust bravo FILE.pub" in said
    (alpha.home / "bravo.pub").write_text(bravo.public_key + "\n")
    alpha.hookkit("project", "setup", "trust", "bravo", str(alpha.home / "bravo.pub"))
    assert "warning" not in typed(alpha, "bravo", URL).stdout
    alpha.create_repository("gitolite-admin")
    admin = alpha.hookkit("gitolite-admin", "setup", "remote", "bravo", URL, "--peer").stdout
    assert "warning  admin repository: what a peer sends moves refs without git's post-update hook" in admin


def test_trust(pair: list[SshNode], tmp_path: Path) -> None:
    alpha, bravo = pair
    signers = alpha.home / ".config" / "hookkit" / "signers"

    def trusted(name: str, key: str, *options: str, check: bool = True) -> Done:
        file = alpha.home / "key.pub"
        file.write_text(key + "\n")
        return alpha.hookkit("project", "setup", "trust", name, str(file), *options, check=check)

    assert f"+bravo {bravo.public_key.split()[0]}" in trusted("bravo", bravo.public_key, "--dry-run").stdout
    assert not signers.exists()
    signers.parent.mkdir(parents=True)
    signers.write_text('# ours\r\n\n  delta   valid-before="20400101"  ssh-ed25519 AAAA # odd\nno final newline')
    signers.chmod(0o600)
    before = signers.read_bytes()
    trusted("bravo", bravo.public_key)
    after = signers.read_bytes()
    assert after.startswith(before + b"\nbravo ")
    assert oct(signers.stat().st_mode & 0o777) == "0o600"
    assert "nothing changed" in trusted("bravo", bravo.public_key).stdout
    done = trusted("charlie", bravo.public_key, check=False)
    assert done.status == 1
    assert "this key is that of bravo already" in done.stderr
    done = trusted("bravo", alpha.public_key, check=False)
    assert "bravo has another key already" in done.stderr
    for name in ("-x", "a b", "*", "a,b", ""):
        assert trusted("--", name, check=False).status == 2
    assert trusted("echo", alpha.key.read_text(), check=False).status == 2
    assert signers.read_bytes() == after
    # It is a file that ssh-keygen takes.
    signers.write_text("")
    trusted("bravo", bravo.public_key)
    message = tmp_path / "message"
    message.write_text("hello")
    subprocess.run(("ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", bravo.key, message), check=True, stderr=-1)
    with message.open() as stdin:
        verify = ("ssh-keygen", "-Y", "verify", "-n", "git", "-f", signers, "-I", "bravo")
        subprocess.run((*verify, "-s", f"{message}.sig"), stdin=stdin, check=True, stdout=-1)
    elsewhere = alpha.home / "signers"
    alpha.git("project", "config", "hookkit.cluster.signers", "~/signers")
    trusted("alpha", alpha.public_key)
    assert elsewhere.read_text().startswith("alpha ")


def test_a_new_key_and_who_it_lets_in(pair: list[SshNode], lab: Lab) -> None:
    alpha, bravo = pair
    for file in (alpha.key, alpha.key.with_suffix(".pub")):
        file.unlink()
    alpha.ssh_config.write_text(configuration(alpha))
    done = typed(alpha, "bravo", URL, "--accept-new", check=False)
    assert "problem  login: not let in" in done.stdout
    said = alpha.run(str(BIN / "hookkit"), "setup", "key", "--export", str(alpha.home)).stdout.split("\n")
    assert oct(alpha.key.stat().st_mode & 0o777) == "0o600"
    (exported,) = alpha.home.glob("git_*.pub")
    assert exported.read_text() == said[-2] + "\n" == alpha.key.with_suffix(".pub").read_text()
    bravo.admit(alpha)
    assert "ok       login" in typed(alpha, "bravo", URL).stdout
    arrives(lab, alpha, bravo)
    assert "nothing changed" in alpha.run(str(BIN / "hookkit"), "setup", "key", "--export", str(alpha.home)).stdout
