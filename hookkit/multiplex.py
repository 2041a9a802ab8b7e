"""Deliveries to one place share an ssh connection, which stays open for a minute: no login for each push.

ssh does it (ControlMaster; ssh_config(5)). Here is decided who may share which connection, and what is old, or may have
died without a sign, is dropped, so that the next command opens a new one.
"""

import contextlib
import os
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from hookkit import failures
from hookkit.masters import private_folder, retire
from hookkit.network import NetworkResult, is_openssh, ssh_command
from hookkit.repository import Repository
from hookkit.ssh_config import shares_itself, texts

# Who lets a key in, or which host key is right, is only asked when a connection is opened: none is used for longer.
_OLDEST = 600
# What was left by masters that were killed.
_LITTER = 86_400
# With it a connection whose other end is gone is recognised after 9 s, within the 10 s that a pusher waits.
_OPTIONS = (
    ("ControlMaster", "auto"),
    ("ControlPersist", "60"),
    ("ServerAliveInterval", "3"),
    ("ServerAliveCountMax", "2"),
)
# What the pusher may have brought along: nobody else's delivery may go out in their name.
_BROUGHT_ALONG = ("SSH_AUTH_SOCK", "KRB5CCNAME")
# ssh's words when it gives up because of the socket.
_OUR_FAULT = r"(?m)^(?:unix_listener|muxserver_listen|link mux listener|ControlPath|.*[Cc]ontrol [Ss]ocket connect)"


class SharedConnection:
    """The connection to one place.

    :param socket: where its master listens, if there is one; None: nothing is shared.
    """

    def __init__(self, socket: Path | None) -> None:
        self._socket = socket
        self._was_open = False

    def options(self) -> tuple[tuple[str, str], ...]:
        """ssh's options for the next command."""
        if self._socket is None:
            return ()
        _tidy(self._socket)
        self._was_open = self._socket.exists()
        return (*_OPTIONS, ("ControlPath", str(self._socket)))

    def failed(self, result: NetworkResult) -> bool:
        """A command failed: a connection that may be dead is not used again.

        :returns: whether that may be all that was wrong, so that the command should be run again at once.
        """
        if self._socket is None:
            return False
        if re.search(_OUR_FAULT, result.stderr):
            self._socket = None
            return True
        if not failures.classify(result.status, result.stderr, result.seconds).kind.unreachable:
            return False
        retire(self._socket)
        return self._was_open and not result.timed_out


def shared_connection(repo: Repository, url: str) -> SharedConnection:
    """The connection over which ``repo`` may deliver to ``url``."""
    env = repo.environment()
    command = ssh_command(repo)
    place = _place(repo, url)
    if place is None or not is_openssh(command) or ("SSH_CONNECTION" in env and any(map(env.get, _BROUGHT_ALONG))):
        return SharedConnection(None)
    configuration = list(texts(command))
    if shares_itself(command, configuration):
        return SharedConnection(None)
    folder = private_folder(env)
    return SharedConnection(folder and folder / _name([command, place, *_account(env), *configuration]))


def _place(repo: Repository, url: str) -> str | None:
    """What ``url`` has in common with others on the same account of the same host; None: not reached over ssh."""
    rewritten = [
        f"{entry.key}={entry.value}"
        for entry in repo.config.below("url")
        if entry.key.endswith(("insteadof", "pushinsteadof")) and url.startswith(entry.value or "")
    ]
    if rewritten:
        # Where that leads only git knows: one connection for this URL alone.
        return "\n".join((url, *rewritten))
    found = re.match(r"(?s)((?:ssh|git\+ssh|ssh\+git)://[^/]*)/", url) or re.match(
        r"((?:[^/:\[]*\[[^\]/]*\]|[^/:]+):)", url
    )
    if found is None or re.match(r"(?i)(?:https?|ftps?|file|git)://", url):
        return None
    return found[1]


def _account(env: Mapping[str, str]) -> Iterator[str]:
    """What decides who this account is; several may share a user id."""
    for name in ("HOME", "XDG_STATE_HOME", *_BROUGHT_ALONG):
        yield env.get(name, "")


def _name(parts: list[str]) -> str:
    """A short name: two that differ in anything must not share, for then one would log in with the other's key."""
    # hashlib takes it from there too; beside it that loads OpenSSL, for longer than all else here takes.
    from _blake2 import blake2b

    text = "\0".join(f"{len(part)}:{part}" for part in parts)
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()


def _tidy(socket: Path) -> None:
    now = time.time()
    # Others use the folder too, and what is not there need not be tidied.
    with contextlib.suppress(OSError), os.scandir(socket.parent) as entries:
        for entry in entries:
            age = now - entry.stat(follow_symlinks=False).st_mtime
            if age > (_OLDEST if entry.name == socket.name else _LITTER):
                retire(Path(entry.path))
