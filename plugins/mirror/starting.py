"""The worker of a host: whether it runs, and how it is started. Imports next to nothing: hooks wait for this."""

import fcntl
import os
import zlib
from collections.abc import Mapping

from hookkit.quick import start_background


def start(folder: str, host: str, env: Mapping[str, str]) -> bool:
    """Start the worker of ``host``, detached; False if it is running.

    :param folder: the account's folder for what is about all its repositories.
    :raises OSError: it cannot be started.
    """
    if is_running(folder, host):
        return False
    code = "from hookkit_plugins.mirror.worker import main; main()"
    start_background(code, host, env=env, log=os.path.join(folder, "worker.log"))
    return True


def lock_path(folder: str, host: str) -> str:
    """The file whose lock the worker of ``host`` holds."""
    name = "".join(each if each.isascii() and (each.isalnum() or each in ".-") else "_" for each in host)[:60]
    return os.path.join(folder, f"worker-{name}-{zlib.crc32(os.fsencode(host)):08x}.lock")


def is_running(folder: str, host: str) -> bool:
    """Whether a worker holds the lock of ``host``: it will look at what waits once more before it ends."""
    try:
        descriptor = os.open(lock_path(folder, host), os.O_RDWR)
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
