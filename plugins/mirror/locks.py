"""One push in flight per (repository, remote)."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hookkit.api import Repository
from hookkit_plugins.mirror.remotes import file_name

if TYPE_CHECKING:
    from filelock import BaseFileLock


@contextlib.contextmanager
def remote_lock(repo: Repository, remote: str, timeout: float) -> Iterator[bool]:
    """Hold the lock of ``remote``; yields False if somebody else has it.

    The kernel frees it when its holder dies. Nobody queues on it: whoever finds it taken has already written down what
    is owed, and the holder looks again after letting go.

    :param timeout: seconds to wait for it; 0: not at all.
    """
    try:
        lock = _acquired(repo, remote, timeout)
    except OSError:
        # Nobody can lock here (read-only, full, a file system without locks): the leases still exclude harm.
        yield True
        return
    try:
        yield lock is not None
    finally:
        if lock is not None:
            lock.release()


def _acquired(repo: Repository, remote: str, timeout: float) -> "BaseFileLock | None":
    from filelock import FileLock, Timeout

    folder = repo.plugin_dir("mirror")
    lock = FileLock(
        folder / f"{file_name(remote)}.lock",
        timeout=timeout,
        mode=folder.stat().st_mode & 0o666 | 0o600,
        fallback_to_soft=False,
    )
    try:
        lock.acquire()
    except Timeout:
        return None
    return lock
