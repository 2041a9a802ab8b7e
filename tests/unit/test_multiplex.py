"""Who may share an ssh connection, and where its socket is."""

import os
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hookkit import masters, multiplex, ssh_config
from hookkit.network import NetworkResult
from hookkit.repository import Repository

URL = "ssh://git@host.example/~/project.git"


@pytest.fixture(autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where sockets go; nothing of the machine's own ssh configuration is read."""
    path = tmp_path_factory.mktemp("run")
    monkeypatch.setattr(multiplex, "private_folder", lambda _env: path)
    monkeypatch.setattr(ssh_config, "_SYSTEM", path / "none")
    monkeypatch.setattr(ssh_config, "_home", lambda: str(path))
    return path


def path(repo: Repository, url: str = URL) -> str | None:
    """Where the socket for deliveries to ``url`` is."""
    return dict(multiplex.shared_connection(repo, url).options()).get("ControlPath")


def test_same_place_same_connection(repo: Repository) -> None:
    assert path(repo) == path(repo, "ssh://git@host.example/another.git")
    assert path(repo, "git@host.example:a.git") == path(repo, "git@host.example:b/c.git")
    places = ["ssh://host.example/x", "ssh://a@host.example/x", "ssh://host.example:2222/x", "ssh://other/x", "other:x"]
    found = [path(repo, url) for url in places]
    assert None not in found
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    "url",
    ["https://h/x", "http://user@h/x", "git://h/x", "/srv/x.git", "../x", "file:///x", "HTTPS://h/x", "x", "./a:b"],
)
def test_not_over_ssh(repo: Repository, url: str) -> None:
    assert path(repo, url) is None


def test_a_rewritten_url_has_a_connection_of_its_own(repo: Repository, configure: Callable[..., None]) -> None:
    plain = path(repo)
    configure("url.ssh://git@elsewhere/.insteadOf", "https://h/")
    assert path(repo) == plain
    first, second = path(repo, "https://h/x"), path(repo, "https://h/y")
    assert first
    assert second
    assert first != second
    configure("url.ssh://git@elsewhere/.insteadOf", "/srv/")
    assert path(repo, "/srv/x.git")
    assert path(repo, "https://h/x") is None


def test_whoever_logs_in_differently_does_not_share(
    repo: Repository, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    found = [path(repo)]

    def different() -> None:
        found.append(path(repo))
        assert found[-1] is not None
        assert len(set(found)) == len(found)

    configure("core.sshCommand", "ssh -i key1")
    different()
    configure("core.sshCommand", "ssh -i key2")
    different()
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -i key3")
    different()
    monkeypatch.delenv("GIT_SSH_COMMAND")
    configure("core.sshCommand", "ssh")
    monkeypatch.setenv("HOME", "/another")
    repo.reload()
    different()
    monkeypatch.setenv("SSH_AUTH_SOCK", "/own/agent")
    different()
    (folder / ".ssh").mkdir()
    (folder / ".ssh" / "config").write_text("Include more/*\n")
    different()
    (folder / ".ssh" / "more").mkdir()
    (folder / ".ssh" / "more" / "x").write_text("IdentityFile key4\n")
    different()


def test_nothing_goes_out_in_the_name_of_somebody_else_who_pushed(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "127.0.0.1 1 127.0.0.1 22")
    assert path(repo)
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/ssh-x/agent.1")
    assert path(repo) is None


@pytest.mark.parametrize("command", ["plink", "/usr/local/bin/wrapper", "ssh -S x", "ssh -oControlMaster=no", "ssh 'x"])
def test_commands_that_are_left_alone(repo: Repository, configure: Callable[..., None], command: str) -> None:
    configure("core.sshCommand", command)
    assert path(repo) is None


@pytest.mark.parametrize(
    ("command", "text", "own"),
    [
        ("ssh", "", False),
        ("ssh -4M", "", True),
        ("ssh -S /a/socket", "", True),
        ("ssh -o ControlPath=none", "", True),
        ("ssh -ocontrolpath=none", "", True),
        ("ssh -o 'ControlMaster yes'", "", True),
        ("ssh -i /home/MS/.ssh/x -p 22", "", False),
        ("ssh", "Host *\n\tControlMaster auto\n", True),
        ("ssh", "controlpath=~/.ssh/%C", True),
        ("ssh", "# ControlMaster auto\nControlPersist 3\n", False),
    ],
)
def test_shares_itself(command: str, text: str, own: bool) -> None:
    assert ssh_config.shares_itself(command, [text]) is own


def test_files_that_ssh_reads(folder: Path) -> None:
    (folder / ".ssh").mkdir()
    (folder / ".ssh" / "config").write_text("user")
    (folder / "a").write_text(f"include {folder}/b ~/c")
    (folder / "b").write_text(f"Include {folder}/a")
    (folder / "c").write_text("third")
    assert list(ssh_config.texts("ssh")) == ["user"]
    assert list(ssh_config.texts("ssh -F none")) == []
    for command in (f"ssh -F {folder}/a", f"ssh -4F{folder}/a"):
        found = list(ssh_config.texts(command))
        # It ends, although they include each other.
        assert len(found) < 40
        assert {"third", f"Include {folder}/a"} < set(found)


def test_an_answer_decides_what_is_done_next(repo: Repository, folder: Path) -> None:
    def failed(status: int | None, stderr: str, *, there: bool) -> bool:
        shared = multiplex.shared_connection(repo, URL)
        place = Path(dict(shared.options())["ControlPath"])
        if there:
            place.touch()
            shared.options()
        again = shared.failed(NetworkResult(status, "", stderr, 1))
        place.unlink(missing_ok=True)
        return again

    broken = "fatal: the remote end hung up unexpectedly"
    assert failed(128, broken, there=True)
    assert not failed(128, broken, there=False)
    assert not failed(None, "", there=True)
    assert not failed(128, "Permission denied (publickey).", there=True)
    full = "unix_listener: cannot bind to path /run/x.a: No space left on device"
    assert failed(255, full, there=False)


def test_after_trouble_with_the_socket_nothing_is_shared(repo: Repository) -> None:
    shared = multiplex.shared_connection(repo, URL)
    assert shared.options()
    assert shared.failed(NetworkResult(128, "", "ControlPath too long ('/x' >= 108 bytes)\nfatal: Could not read", 1))
    assert shared.options() == ()


def test_what_is_dropped_is_gone(repo: Repository, folder: Path) -> None:
    shared = multiplex.shared_connection(repo, URL)
    place = Path(dict(shared.options())["ControlPath"])
    place.touch()
    shared.failed(NetworkResult(None, "", "", 1))
    assert not place.exists()


def test_old_ones_are_not_used(repo: Repository, folder: Path) -> None:
    place = Path(path(repo) or "")
    mine, others, litter = place, folder / "others", folder / "litter"
    for file, age in ((mine, 601), (others, 3600), (litter, 90_000)):
        file.touch()
        os.utime(file, (file.stat().st_mtime - age,) * 2)
    multiplex.shared_connection(repo, URL).options()
    assert sorted(folder.iterdir()) == [others]


class TestFolder:
    """The folder of the sockets."""

    def at(self, runtime: Path) -> Path | None:
        found = masters.private_folder({"XDG_RUNTIME_DIR": str(runtime)})
        return found if found and found.parent == runtime else None

    @pytest.fixture
    def runtime(self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(masters, "_LONGEST", 200)
        path = tmp_path_factory.mktemp("runtime")
        path.chmod(0o700)
        return path

    def test_it_is_made_for_this_account_only(self, runtime: Path) -> None:
        assert self.at(runtime) == runtime / "hookkit"
        assert (runtime / "hookkit").stat().st_mode & 0o777 == 0o700
        assert self.at(runtime) == runtime / "hookkit"

    def test_a_link(self, runtime: Path, tmp_path: Path) -> None:
        (runtime / "hookkit").symlink_to(tmp_path)
        assert self.at(runtime) is None

    def test_a_file(self, runtime: Path) -> None:
        (runtime / "hookkit").touch(mode=0o700)
        assert self.at(runtime) is None

    def test_open_to_others(self, runtime: Path) -> None:
        (runtime / "hookkit").mkdir()
        (runtime / "hookkit").chmod(0o710)
        assert self.at(runtime) is None

    def test_replaceable_by_others(self, runtime: Path) -> None:
        runtime.chmod(0o777)
        assert self.at(runtime) is None
        runtime.chmod(0o1777)
        assert self.at(runtime)

    def test_of_somebody_else(self, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.at(runtime)
        somebody = os.geteuid() + 1
        monkeypatch.setattr(os, "geteuid", lambda: somebody)
        assert self.at(runtime) is None

    def test_too_long(self, runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.undo()
        deep = runtime / ("x" * 60)
        deep.mkdir(mode=0o700)
        assert masters.private_folder({"XDG_RUNTIME_DIR": str(deep)}) == Path(f"/tmp/hookkit-{os.geteuid()}")

    @pytest.mark.parametrize("name", ["a b", "${HOME}", "%h", "größe"])
    def test_what_ssh_would_expand(self, runtime: Path, name: str) -> None:
        odd = runtime / name
        odd.mkdir(mode=0o700)
        assert self.at(odd) is None


def listening(place: Path, answer: Callable[[socket.socket], None]) -> threading.Thread:
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(place))
    server.listen()

    def serve() -> None:
        with server, server.accept()[0] as client:
            answer(client)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    return thread


ANSWERS: Mapping[str, Callable[[socket.socket], object]] = {
    "nothing": lambda client: client.recv(100) and client.recv(100),
    "closes": lambda client: client.close(),
    "garbage": lambda client: client.sendall(b"\xff\xff\xff\x00x"),
    "refuses": lambda client: client.sendall(b"\0\0\0\x08\x80\0\0\x02\0\0\0\0"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_master_that_does_not_understand_loses_its_socket(
    name: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(masters, "_PATIENCE", 0.1)
    place = tmp_path_factory.mktemp("s") / "x"
    thread = listening(place, lambda client: ANSWERS[name](client) and None)
    masters.retire(place)
    assert not place.exists()
    thread.join(5)
    masters.retire(place)
