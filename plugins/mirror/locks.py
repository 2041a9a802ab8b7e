"""One push in flight per (repository, remote)."""

import contextlib
import re
from collections.abc import Iterator

from hookkit.api import Repository


@contextlib.contextmanager
def remote_lock(repo: Repository, remote: str, timeout: float) -> Iterator[bool]:
    """Hold the lock of ``remote``; yields False if somebody else has it.

    The kernel frees it when its holder dies. Nobody queues on it: whoever finds it taken has already written down what
    is owed, and the holder looks again after letting go.

    :param timeout: seconds to wait for it; 0: not at all.
    """
    from filelock import FileLock, Timeout

    # Characters that a remote's name may have and a file's may not (or that could clash on it) as %XX.
    name = re.sub(r"[^A-Za-z0-9_-]", lambda match: f"%{ord(match[0]):02X}", remote)
    folder = repo.plugin_dir("mirror")
    lock = FileLock(
        folder / f"{name}.lock", timeout=timeout, mode=folder.stat().st_mode & 0o666, fallback_to_soft=False
    )
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
