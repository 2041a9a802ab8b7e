"""Servers whose host keys are pinned: their keys, and an ssh configuration for them, in a private folder of the account.

hookkit's own commands use it, nothing else does; ``~/.ssh`` is never written to. ssh takes the first value that it meets
(ssh_config(5)), so the order decides: how the host key of a pinned server is checked stands before the account's own
configuration, the keys to log in with after those that it names, and everything else is as the account has it. A server is
a host and a port, as in known_hosts; for another port of the same host the account's configuration stands first.
"""

import contextlib
import fcntl
import os
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from hookkit import ssh_config
from hookkit.errors import HookkitError
from hookkit.state import state_dir, state_path

KNOWN_HOSTS, _SERVERS, _IDENTITIES = "known_hosts", "servers", "identities"
_MADE = "# Made by `hookkit setup remote`, for hookkit's own commands only."
# How a server is known to be the right one, and that nobody is asked anything.
_CHECKS = (
    "StrictHostKeyChecking yes",
    "GlobalKnownHostsFile /dev/null",
    "UpdateHostKeys no",
    "VerifyHostKeyDNS no",
    "CheckHostIP no",
    # An agent may have more keys than a server lets anybody try.
    "IdentitiesOnly yes",
    "BatchMode yes",
    "ConnectTimeout 10",
    "ServerAliveInterval 15",
    "ServerAliveCountMax 3",
)


# What ssh has by itself of what is said above, for a port that is not pinned.
_USUAL = (
    "StrictHostKeyChecking ask",
    "UserKnownHostsFile ~/.ssh/known_hosts ~/.ssh/known_hosts2",
    "GlobalKnownHostsFile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2",
    "IdentitiesOnly no",
)
_USUAL_PORT = 22
_NO_SHELLS = ("git-shell", "nologin", "false")


class Pins(NamedTuple):
    """What is pinned.

    :param servers: host, by the name that URLs have for it, and port.
    :param keys: their keys, as lines of a known_hosts file; sshd(8).
    :param identities: the private keys to log in with, beside those that the account's configuration names.
    """

    servers: tuple[tuple[str, int], ...] = ()
    keys: tuple[str, ...] = ()
    identities: tuple[str, ...] = ()

    @property
    def ports(self) -> dict[str, list[int]]:
        """The hosts, each with its ports."""
        found: dict[str, list[int]] = {}
        for host, port in self.servers:
            found.setdefault(host, []).append(port)
        return found

    def adding(self, host: str, port: str | None, key: str, identities: Iterable[str]) -> "Pins":
        """These and one more; ``key`` replaces what was pinned under its name, ``identities`` all that were there.

        :param port: as in the URL; None: it has none.
        """
        others = (line for line in self.keys if line.split(" ")[0] != key.split(" ", maxsplit=1)[0])
        return Pins(
            tuple(dict.fromkeys((*self.servers, (host, int(port or _USUAL_PORT))))),
            self.keys if key in self.keys else (*others, key),
            tuple(identities),
        )


def folder() -> Path:
    """Where it all is; it need not be there."""
    return state_path() / "ssh"


def read() -> Pins:
    """What is pinned now.

    :raises HookkitError: that cannot be read.
    """
    identities = _text(folder() / _IDENTITIES)
    return Pins(
        tuple(_servers(_text(folder() / _SERVERS))),
        tuple(line for line in _text(folder() / KNOWN_HOSTS).split("\n") if line and not line.startswith("#")),
        tuple(_unquoted(path) for path in re.findall(r"(?m)^\tIdentityFile (.*)$", identities)),
    )


def files(pins: Pins) -> dict[Path, str]:
    """The files that say ``pins``."""
    place = folder()
    host = f"Host {' '.join(pins.ports)}"
    # For the configuration that includes it, and for people.
    ports = (f"# {name}: {' '.join(map(str, numbers))}" for name, numbers in pins.ports.items())
    checks = (f"UserKnownHostsFile {_quoted(str(place / KNOWN_HOSTS))}", *_CHECKS)
    keys = (f"IdentityFile {_quoted(path)}" for path in pins.identities)
    return {
        place / KNOWN_HOSTS: _lines(_MADE, *pins.keys),
        place / _IDENTITIES: _lines(_MADE, host, *(f"\t{line}" for line in keys)),
        # The last one: without it nothing of this is used.
        place / _SERVERS: _lines(_MADE, *ports, host, *(f"\t{line}" for line in checks)),
    }


def _servers(text: str) -> Iterator[tuple[str, int]]:
    """What :func:`files` has written down about hosts and ports."""
    for host, ports in re.findall(r"(?m)^# (\S+): ([\d ]+)$", text):
        yield from ((host, int(port)) for port in ports.split())


@contextlib.contextmanager
def changing() -> Iterator[Pins]:
    """What is pinned now, and nobody else changes it meanwhile.

    :raises HookkitError: the folder cannot be used.
    """
    try:
        place = state_dir() / "ssh"
        place.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(place / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise HookkitError("the folder for ssh's configuration cannot be used", cause=str(error)) from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield read()
    finally:
        os.close(descriptor)


def write(pins: Pins) -> None:
    """Write what differs, each file in one step. Only within :func:`changing`.

    :raises HookkitError: that is impossible.
    """
    for path, text in files(pins).items():
        _put(path, text)


def in_use(command: str) -> str:
    """``command``, an ssh command of OpenSSH for a shell, with what is pinned, if anything is.

    :raises HookkitError: the configuration that it needs cannot be written.
    """
    try:
        place = folder()
    except RuntimeError:  # an account without a home
        return command
    servers = _text(place / _SERVERS)
    if not servers:
        return command
    # Only accounts that have pinned something pay for it.
    import hashlib

    base = ssh_config.named(command)
    name = "config" if base is None else f"config-{hashlib.sha256(os.fsencode(base)).hexdigest()[:12]}"
    # ssh takes the last -F, and with one does not read the usual files by itself; ssh(1).
    included = ("~/.ssh/config", "/etc/ssh/ssh_config") if base is None else (base,) if base != "none" else ()
    account = [f"Include {_quoted(path, percent='%')}" for path in included]
    first, last = (f"Include {_quoted(str(place / file), percent='%')}" for file in (_SERVERS, _IDENTITIES))
    ports = Pins(tuple(_servers(servers))).ports if _runs_conditions() else {}
    name += "" if ports else "-all-ports"
    elsewhere = (line for host, pinned in ports.items() for line in _other_ports(host, pinned, account))
    _put(place / name, _lines(_MADE, *elsewhere, "Match all", first, *account, last))
    return f"{command} -F {shlex.quote(str(place / name))}"


def _other_ports(host: str, ports: Iterable[int], account: Iterable[str]) -> Iterator[str]:
    """Before what is said about a host: what holds for those of its ports that are not pinned."""
    condition = " && ".join(f"test %p -ne {port}" for port in ports)
    yield f'Match originalhost {host} exec "{condition}"'
    yield from (f"\t{line}" for line in (*account, *_USUAL))


def _runs_conditions() -> bool:
    """Whether the account's shell, which ssh takes for it, can run a condition; where none can, all ports are pinned."""
    shell = os.environ.get("SHELL") or "/bin/sh"
    return os.access(shell, os.X_OK) and os.path.basename(shell) not in _NO_SHELLS  # noqa: PTH119


def _put(path: Path, text: str) -> None:
    if _text(path) == text:
        return
    import tempfile

    try:
        descriptor, fresh = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(text)
        os.replace(fresh, path)  # noqa: PTH105
    except OSError as error:
        raise HookkitError(f"{path} cannot be written", cause=str(error)) from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise HookkitError(f"{path} cannot be read", cause=str(error)) from None


def _lines(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


def _quoted(path: str, percent: str = "%%") -> str:
    """As ssh_config(5) wants it; most keywords take ``%`` for the beginning of a token."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("%", percent) + '"'


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text[1:-1]).replace("%%", "%")
