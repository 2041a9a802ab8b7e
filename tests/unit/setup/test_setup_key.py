"""``hookkit setup key``, with the real ssh-keygen; and what a public key may be."""

import re
import socket
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit.errors import HookkitError, UsageError
from hookkit_plugins.setup import identity, keys
from hookkit_plugins.setup.commands import setup


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def run(*args: str) -> str:
        capsys.readouterr()
        setup.main(["key", *args], standalone_mode=False)
        return capsys.readouterr().out

    return run


def test_made_once_and_never_again(run, home: Path) -> None:
    path = home / ".ssh" / "id_ed25519"
    assert f"{path}: would be made" in run("--dry-run")
    assert not path.parent.exists()
    first = run()
    made = path.read_bytes()
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert first.splitlines()[-1] == path.with_suffix(".pub").read_text().strip()
    assert first.splitlines()[0] == f"{path}: made"
    assert run() == f"{path}: nothing changed\n{first.splitlines()[-1]}\n"
    assert path.read_bytes() == made
    assert [each.name for each in sorted(path.parent.iterdir())] == ["id_ed25519", "id_ed25519.pub"]


def test_a_folder_that_is_a_file(run, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / ".ssh").write_text("")
    with pytest.raises(HookkitError, match="cannot be made"):
        run()
    assert capsys.readouterr().out == ""


def test_a_folder_that_nobody_may_look_into(run, home: Path) -> None:
    # Nobody, root included, can follow it.
    (home / ".ssh").symlink_to(".ssh")
    with pytest.raises(HookkitError, match="cannot be looked at"):
        run()


def test_exported_once(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda: "Alpha.Example.org")
    file = tmp_path / "git_alpha.example.org.pub"
    assert f"{file}: would be written" in run("--export", str(tmp_path), "--dry-run")
    assert not file.exists()
    said = run("--export", str(tmp_path))
    assert file.read_text() == said.splitlines()[-1] + "\n"
    assert "nothing changed" in run("--export", str(tmp_path))
    file.write_text(f"{OTHER}\n")
    with pytest.raises(UsageError, match="another key"):
        run("--export", str(tmp_path))
    assert file.read_text() == f"{OTHER}\n"


def test_a_key_that_others_can_read_is_reported_with_the_command(run, home: Path) -> None:
    run()
    path = home / ".ssh" / "id_ed25519"
    path.chmod(0o644)
    with pytest.raises(HookkitError) as caught:
        run()
    assert "0644" in (caught.value.cause or "")
    subprocess.run((caught.value.hint or "").split(), check=True)
    assert "nothing changed" in run()


def test_a_lost_public_half_comes_back_and_a_wrong_one_is_refused(run, home: Path) -> None:
    said = run()
    public = home / ".ssh" / "id_ed25519.pub"
    public.unlink()
    assert "id_ed25519.pub: would be written" in run("--dry-run")
    assert "id_ed25519.pub: written" in run()
    assert public.read_text().split()[:2] == said.splitlines()[-1].split()[:2]
    public.write_text(f"{OTHER}\n")
    with pytest.raises(HookkitError, match="not the public half"):
        run()


def test_a_passphrase_and_a_key_that_is_gone_are_reported(run, home: Path) -> None:
    run()
    path = home / ".ssh" / "id_ed25519"
    subprocess.run(("ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", path), check=True, stdout=-1)
    with pytest.raises(HookkitError, match="without being asked"):
        run()
    path.unlink()
    with pytest.raises(HookkitError, match="is gone"):
        run()


def test_whoever_was_faster_wins(run, home: Path) -> None:
    run()
    before = (home / ".ssh" / "id_ed25519").read_bytes()
    identity.make("again")
    assert (home / ".ssh" / "id_ed25519").read_bytes() == before


OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGKz0bcHUNKEYXPSMQ6lzZ5vhPOsF1yXzv6VxTcU6UPb other"


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "hello", OTHER + "\n" + OTHER, 'command="sh" ' + OTHER, "ssh-ed25519 AAAA", "ssh-rsa " + OTHER.split()[1],
        "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n", OTHER.replace("AAAAC3", "AAAAC4"), "ssh-dss " + OTHER.split()[1],
    ],
)  # fmt: skip
def test_no_public_key(text: str) -> None:
    with pytest.raises(UsageError):
        keys.parse(text, "x.pub")


def test_a_public_key() -> None:
    assert keys.parse(f"# mine\n{OTHER}\r\n", "x") == keys.PublicKey(*OTHER.split())
    assert str(keys.parse(OTHER, "x")) == OTHER


@given(st.text() | st.text(".-a"))
def test_an_exported_name_is_one_that_gitosis_and_gitolite_take(hostname: str) -> None:
    name = keys.exported_name(hostname)
    # gitosis ignores other names; a double dot, and one at the end, git takes for no ref and no file of its own.
    assert re.fullmatch(r"git_[a-zA-Z0-9_.-]*[a-zA-Z0-9_-]", name)
    assert ".." not in name
