"""Host keys, where URLs lead, and what is pinned."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from hookkit import pinned
from hookkit.errors import HookkitError, UsageError
from hookkit.network import ssh_command
from hookkit.pinned import Pins
from hookkit.repository import Repository
from hookkit.ssh_config import named
from hookkit_plugins.setup import host_keys, place, settings
from hookkit_plugins.setup.host_keys import HostKey
from hookkit_plugins.setup.place import Place

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGKz0bcHUNKEYXPSMQ6lzZ5vhPOsF1yXzv6VxTcU6UPb"


@pytest.fixture(autouse=True)
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of its own, whose path ssh could misunderstand."""
    path = tmp_path / 'a 100% "state"'
    monkeypatch.setenv("XDG_STATE_HOME", str(path))
    return path / "hookkit" / "ssh"


def test_a_fingerprint_is_the_one_that_ssh_keygen_shows(tmp_path: Path) -> None:
    for kind in ("ed25519", "ecdsa", "rsa"):
        file = tmp_path / kind
        subprocess.run(("ssh-keygen", "-q", "-t", kind, "-N", "", "-f", file), check=True)
        (key,) = host_keys.parse([f"[host]:2222 {file.with_suffix('.pub').read_text()}"])
        said = subprocess.run(("ssh-keygen", "-lf", file), check=True, stdout=-1, text=True).stdout
        assert str(key) == f"{kind.upper()} {key.fingerprint}"
        assert said.split()[1] == host_keys.fingerprint(key.fingerprint) == host_keys.fingerprint(f"{key.fingerprint}=")


def test_lines_that_are_no_key() -> None:
    assert host_keys.parse(["", "# x", "@cert-authority * " + KEY, "host ssh-ed25519", "host ssh-ed25519 !!!"]) == []


def test_what_contradicts() -> None:
    key = HostKey("h", *KEY.split())
    assert not host_keys.contradicts([], key)
    assert not host_keys.contradicts([key, key._replace(base64="other")], key)
    assert not host_keys.contradicts([key._replace(kind="ssh-rsa", base64="x")], key)
    assert host_keys.contradicts([key._replace(base64="other")], key)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("ssh://git@h:2222/~/a/b.git", Place("h", "git", "2222")),
        ("ssh://h/x", Place("h")),
        ("git@h:a/b.git", Place("h", "git")),
        ("h:x", Place("h")),
        ("ssh://git@[::1]:22/x", Place("::1", "git", "22")),
        ("git@[fe80::1%eth0]:x", Place("fe80::1%eth0", "git")),
        ("[git@h:2200]:x", Place("h", "git", "2200")),
        ("a@b@h:x", Place("h", "a@b")),
        ("of:x", Place("h", "git", "7")),
        ("/srv/x.git", None),
        ("../x", None),
        ("https://127.0.0.1:1/x", None),
    ],
)
def test_where_git_goes(repo: Repository, configure: Callable[..., None], url: str, wanted: Place | None) -> None:
    configure("url.ssh://git@h:7/.insteadOf", "of:")
    assert place.where(repo, url) == wanted


@pytest.mark.parametrize("url", ["ssh://-oProxyCommand=x/y", "-x:y", "h:-x"])
def test_where_git_does_not_go(repo: Repository, url: str) -> None:
    with pytest.raises(UsageError):
        place.where(repo, place.checked(url))


def test_pins_are_read_as_they_were_written(account: Path) -> None:
    pins = Pins().adding("h", None, f"h {KEY}", ["/a b/100%/id"]).adding("h", "23", f"[h]:23 {KEY}", [])
    pins = pins.adding("::1", "2222", f"[::1]:2222 {KEY}", ["/a b/100%/id", '/"x"'])
    assert pins.ports == {"h": [22, 23], "::1": [2222]}
    with pinned.changing() as before:
        assert before == Pins()
        pinned.write(pins)
    assert pinned.read() == pins
    assert pins.adding("h", "022", f"h {KEY}", pins.identities) == pins
    assert pins.adding("h", None, f"h {KEY}x", ()).keys == (f"[h]:23 {KEY}", f"[::1]:2222 {KEY}", f"h {KEY}x")
    assert {path.name for path in account.iterdir()} == {"known_hosts", "servers", "identities", "lock"}


def asked(command: str, *args: str) -> dict[str, list[str]]:
    """What ssh makes of its configuration."""
    said = subprocess.run(("sh", "-c", f'{command} "$@"', "ssh", "-G", *args), check=True, stdout=-1, text=True).stdout
    found: dict[str, list[str]] = {}
    for line in said.splitlines():
        key, _, value = line.partition(" ")
        found.setdefault(key, []).append(value)
    return found


def test_what_wins(
    repo: Repository,
    configure: Callable[..., None],
    tmp_path: Path,
    account: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")
    own = tmp_path / "own config"
    own.write_text("StrictHostKeyChecking no\nUserKnownHostsFile /x\nIdentityFile /theirs\nPort 2222\nProxyJump j\n")
    configure("core.sshCommand", f"ssh -F '{own}'")
    command = ssh_command(repo)
    assert command == f"ssh -F '{own}'"
    with pinned.changing():
        pinned.write(Pins((("h", 22), ("h", 23), ("::1", 22)), (f"h {KEY}",), ("/ours",)))
    command = ssh_command(repo)
    for host in ("h", "::1"):
        said = asked(command, host)
        assert said["stricthostkeychecking"] == ["true"]
        assert said["userknownhostsfile"] == [str(account / "known_hosts")]
        assert said["globalknownhostsfile"] == ["/dev/null"]
        assert said["identityfile"] == ["/theirs", "/ours"]
        assert said["identitiesonly"] == said["batchmode"] == ["yes"]
        assert (said["port"], said["proxyjump"]) == (["2222"], ["j"])
    assert asked(command, "-p", "23", "h")["userknownhostsfile"] == [str(account / "known_hosts")]
    # Another port is another server, and the account's configuration says how that is known.
    other = asked(command, "-p", "24", "h")
    assert (other["stricthostkeychecking"], other["userknownhostsfile"]) == (["false"], ["/x"])
    assert (other["identitiesonly"], other["port"]) == (["no"], ["24"])
    for shell in ("/usr/bin/git-shell", "/nowhere/sh"):
        monkeypatch.setenv("SHELL", shell)
        assert asked(ssh_command(repo), "-p", "24", "h")["userknownhostsfile"] == [str(account / "known_hosts")]
    monkeypatch.setenv("SHELL", "/bin/sh")
    own.write_text("Port 2222\n")
    usual = asked("ssh -F none", "h")
    for key in ("stricthostkeychecking", "userknownhostsfile", "globalknownhostsfile", "identitiesonly"):
        assert asked(ssh_command(repo), "-p", "24", "h")[key] == usual[key]
    # Nobody else's connection changes.
    assert asked(command, "elsewhere") == asked(f"ssh -F '{own}'", "elsewhere")
    configure("core.sshCommand", "plink")
    assert ssh_command(repo) == "plink"


def test_what_is_pinned_and_cannot_be_read(repo: Repository, account: Path) -> None:
    account.mkdir(parents=True)
    (account / "servers").symlink_to("servers")
    with pytest.raises(HookkitError, match="servers cannot be read"):
        ssh_command(repo)


def test_the_usual_configuration_is_included(repo: Repository, account: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")
    with pinned.changing():
        pinned.write(Pins((("h", 22),), (f"h {KEY}",)))
    file = named(ssh_command(repo))
    assert file == str(account / "config")
    included = [line for line in Path(file).read_text().splitlines() if line.startswith("Include")]
    # Once more, for ports that are not pinned; before them, nothing.
    assert 'Match originalhost h exec "test %p -ne 22"' in Path(file).read_text().splitlines()[1]
    assert included[1:3] == ['Include "~/.ssh/config"', 'Include "/etc/ssh/ssh_config"']
    before = Path(file).stat()
    ssh_command(repo)
    assert Path(file).stat() == before


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ("ssh", None),
        ("ssh -F /a -F /b", "/b"),
        ("ssh -4F/a", "/a"),
        ("ssh -F none", "none"),
        ("ssh -F $HOME/x", "{home}/x"),
        ("ssh -F ~/x", "{home}/x"),
    ],
)
def test_the_file_that_a_command_names(command: str, file: str | None) -> None:
    assert named(command) == (file and file.format(home=Path.home()))


def test_settings_of_a_remote(repo: Repository, configure: Callable[..., None]) -> None:
    def wanted(kind: str = "mirror", *, replace: bool = False) -> list[str]:
        return [each.command for each in settings.remote(repo, "b", "h:x", kind, replace=replace)]

    assert wanted() == ["git config remote.b.hookkit mirror", "git config remote.b.url h:x"]
    for each in settings.remote(repo, "b", "h:x", "mirror", replace=False):
        each.apply(repo)
    repo.reload()
    assert wanted() == []
    assert wanted("peer") == ["git config remote.b.hookkit peer", "git config hookkit.cluster.enabled true"]
    configure("hookkit.cluster.enabled", "yes")
    assert wanted("peer") == ["git config remote.b.hookkit peer"]
    configure("remote.b.pushurl", "ssh://user:secret@h/y")
    with pytest.raises(UsageError, match=r"user:\*\*\*@h"):
        wanted()
    assert wanted(replace=True) == ["git config --unset-all remote.b.pushurl"]
