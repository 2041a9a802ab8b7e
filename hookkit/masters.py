"""ssh's masters: the folder that their sockets are in, and how one is made to take no more."""

import contextlib
import os
import re
import stat
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

# A socket's path has 107 bytes at most; ssh appends 17 while it makes one, and ours are 24 long, after a slash.
_LONGEST = 107 - 17 - 25
# A master is another process of this account on this machine; whoever waits for it may have a pusher waiting.
_PATIENCE = 0.3
_LONGEST_ANSWER = 4096
# OpenSSH's PROTOCOL.mux
_HELLO, _VERSION, _STOP_LISTENING, _OK = 0x00000001, 4, 0x10000009, 0x80000001


def private_folder(env: Mapping[str, str]) -> Path | None:
    """A folder that nobody else can enter or replace, with a short path, made if it is not there; None: there is none."""
    return next((path for path in _candidates(env) if _is_usable(path)), None)


def _candidates(env: Mapping[str, str]) -> Iterator[Path]:
    runtime = env.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):
        yield Path(runtime) / "hookkit"
    # Not $TMPDIR: it may differ from login to login, and be long.
    yield Path(f"/tmp/hookkit-{os.geteuid()}")  # noqa: S108 - whose it is, is looked at


def _is_usable(path: Path) -> bool:
    # ssh expands more than one character in such a path.
    if len(str(path)) > _LONGEST or not re.fullmatch(r"[A-Za-z0-9/._+@=-]+", str(path)):
        return False
    mine = {os.geteuid(), 0}
    try:
        above = path.parent.stat()
        if above.st_uid not in mine or (above.st_mode & 0o022 and not above.st_mode & stat.S_ISVTX):
            return False
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
        here = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(here.st_mode) and here.st_uid == os.geteuid() and not here.st_mode & 0o077


def retire(socket: Path) -> None:
    """Nobody uses the master at ``socket`` from now on; what runs over it is not disturbed, and then it ends.

    If nobody answers there, only the socket goes.
    """
    with contextlib.suppress(OSError):
        if not _told_to_stop(socket):
            socket.unlink()


def _told_to_stop(path: Path) -> bool:
    # Removing the socket would not do: a master that ends removes what then has that name, which may be another's.
    import socket

    said = b"".join(
        struct.pack(">I", len(message)) + message
        for message in (struct.pack(">II", _HELLO, _VERSION), struct.pack(">II", _STOP_LISTENING, 0))
    )
    try:
        with socket.socket(socket.AF_UNIX) as master:
            master.settimeout(_PATIENCE)
            master.connect(str(path))
            master.sendall(said)
            with master.makefile("rb") as answers:
                while head := answers.read(4):
                    (size,) = struct.unpack(">I", head)
                    if answers.read(min(size, _LONGEST_ANSWER)).startswith(struct.pack(">I", _OK)):
                        return True
    except (OSError, struct.error):
        return False
    return False
