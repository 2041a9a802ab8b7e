"""How a hook or a command leaves work to the worker of a host, and starts it if there is none."""

import fcntl
import hashlib
import os
import re
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

from hookkit.api import Repository, start_background
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.waiting import folder, opened


def leave(repo: Repository, remotes: Iterable[Remote]) -> str | None:
    """Leave what ``repo`` owes to ``remotes`` to the workers of their hosts; they are running when this returns.

    :returns: why that was not possible, in words; None: it was.
    """
    by_host: dict[str, list[str]] = {}
    for remote in remotes:
        by_host.setdefault(host_of(remote.url), []).append(remote.name)
    try:
        with opened() as index:
            for host, names in by_host.items():
                index.add(host, str(repo.git_dir), names)
        for host in by_host:
            start(host, repo.environment())
    except (OSError, sqlite3.Error) as error:
        return str(error)
    return None


def start(host: str, env: Mapping[str, str]) -> bool:
    """Start the worker of ``host``, detached; False if it is running.

    :raises OSError: it cannot be started.
    """
    if is_running(host):
        return False
    code = "from hookkit_plugins.mirror.worker import main; main()"
    start_background(code, host, env=env, log=folder() / "worker.log")
    return True


def lock_path(host: str) -> Path:
    """The file whose lock the worker of ``host`` holds."""
    name = re.sub(r"[^a-z0-9.-]", "_", host)[:60]
    return folder() / f"worker-{name}-{hashlib.sha256(os.fsencode(host)).hexdigest()[:8]}.lock"


def is_running(host: str) -> bool:
    """Whether a worker holds the lock of ``host``: it will look at what waits once more before it ends."""
    try:
        descriptor = os.open(lock_path(host), os.O_RDWR)
    except FileNotFoundError:
        return False
    # filelock is dear to import, and this is asked while a pusher waits; on this kind of system it uses flock(2) too.
    # Shared: two who ask at the same time must not take each other for the worker.
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
