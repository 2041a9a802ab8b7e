"""One sshd on a loopback port, as this process's own child; no root needed."""

import os
import pwd
import re
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from hookkit.testing import leaks
from hookkit.testing.requirements import program

_ACCEPTED = re.compile(r"^Accepted publickey for ", re.MULTILINE)
_SESSION = re.compile(r"^Starting session: ", re.MULTILINE)


class Sshd:
    """An ssh server whose sessions have a home of their own, although they share an account.

    :param folder: where its configuration, host key and log are.
    :param environment: what every session gets; must name HOME.
    :param authorized_keys: who may log in.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], authorized_keys: Path) -> None:
        self.folder = folder
        self.log = folder / "log"
        self._host_key = folder / "host_key"
        self._config = folder / "config"
        self._child: subprocess.Popen[bytes] | None = None
        # Bound, never listening: nobody else can get the port while the server is down, and connections are refused.
        self._reservation = socket.socket()
        self._reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._reservation.bind(("127.0.0.1", 0))
        self.port: int = self._reservation.getsockname()[1]
        folder.mkdir(parents=True)
        self.log.touch()
        self.make_host_key()
        self._authorized_keys = authorized_keys
        self.set_environment(environment)

    def set_environment(self, environment: Mapping[str, str]) -> None:
        """Change what every session gets; takes effect when it is started next."""
        self._config.write_text(_configuration(self.port, self._host_key, environment, self._authorized_keys))

    def make_host_key(self) -> None:
        """Give it a new host key; takes effect with the next connection."""
        make_key(self._host_key)

    @property
    def host_key(self) -> str:
        """Its public host key: type and base64."""
        return " ".join(self._host_key.with_suffix(".pub").read_text().split()[:2])

    @property
    def running(self) -> bool:
        """It was started and not stopped."""
        return self._child is not None

    def start(self) -> None:
        """Start it, and return when it answers.

        :raises RuntimeError: it does not.
        """
        if self._child is not None:
            return
        if os.geteuid() == 0:  # what the package's service file does before it starts the server
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        sshd = program("sshd")
        if sshd is None:
            raise RuntimeError("sshd is not installed")
        self._child = subprocess.Popen(
            (sshd, "-D", "-f", self._config, "-E", self.log),
            env={"PATH": "/usr/bin:/bin"},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        deadline = time.monotonic() + 10
        while not self._answers():
            if self._child.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"sshd does not start:\n{self.log.read_text()}")
            time.sleep(0.01)

    def kill(self) -> None:
        """End it and every session, at once, as a power cut does."""
        if self._child is None:
            return
        # Stopped first, it cannot accept a connection between the look and the kill.
        leaks.signal_all([self._child.pid], signal.SIGSTOP)
        leaks.signal_all([*leaks.descendants(self._child.pid), self._child.pid], signal.SIGKILL)
        self._child.wait()
        self._child = None

    def freeze(self) -> None:
        """Stop it and its sessions in place: the kernel still accepts connections, nobody answers."""
        self._signal_tree(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on after :meth:`freeze`."""
        self._signal_tree(signal.SIGCONT)

    def close(self) -> None:
        """:meth:`kill` it and give the port back."""
        self.kill()
        self._reservation.close()

    def logins(self) -> int:
        """How many times somebody has logged in."""
        return len(_ACCEPTED.findall(self.log.read_text(errors="replace")))

    def sessions(self) -> int:
        """How many commands were run on it, several of them, perhaps, after one login."""
        return len(_SESSION.findall(self.log.read_text(errors="replace")))

    def end_sessions(self) -> None:
        """Cut all connections that are open; it goes on."""
        if self._child is not None:
            leaks.signal_all(leaks.descendants(self._child.pid), signal.SIGKILL)

    def _signal_tree(self, number: signal.Signals) -> None:
        if self._child is None:
            raise RuntimeError("the server is not running")
        leaks.signal_all([self._child.pid, *leaks.descendants(self._child.pid)], number)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False


def make_key(path: Path) -> None:
    """Make an ed25519 key pair at ``path`` and ``path.pub``, in the place of what is there."""
    for old in (path, path.with_suffix(".pub")):
        old.unlink(missing_ok=True)
    subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", path.parent.name, "-f", path), check=True)


def _configuration(port: int, host_key: Path, environment: Mapping[str, str], authorized_keys: Path) -> str:
    variables = " ".join(f'"{name}={value}"' for name, value in environment.items())
    lines = [
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {host_key}",
        "PidFile none",
        f"UsePAM {'yes' if _is_locked() else 'no'}",
        "StrictModes no",
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        f"AuthorizedKeysFile {authorized_keys}",
        "MaxStartups 100:30:200",
        "LogLevel VERBOSE",
        "PrintMotd no",
        f"SetEnv {variables}",
    ]
    if _version() >= (9, 8):
        # Tests fail to log in on purpose, all from one address.
        lines.append("PerSourcePenalties no")
    return "\n".join(lines) + "\n"


def _is_locked() -> bool:
    """Whether sshd takes this account for locked: only PAM lets such an account in."""
    name = pwd.getpwuid(os.geteuid()).pw_name
    try:
        entries = Path("/etc/shadow").read_text().splitlines()
    except OSError:
        return False
    return any(entry.startswith(f"{name}:!") for entry in entries)


def _version() -> tuple[int, int]:
    said = subprocess.run(("ssh", "-V"), capture_output=True, text=True, check=True).stderr
    found = re.search(r"OpenSSH_(\d+)\.(\d+)", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)
