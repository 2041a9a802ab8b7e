"""One push in flight per (repository, remote)."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from hookkit.api import Repository
from hookkit_plugins.mirror.remotes import file_name


@contextlib.contextmanager
def remote_lock(repo: Repository, remote: str, timeout: float) -> Iterator[bool]:
    """Hold the lock of ``remote``; yields False if somebody else has it.

    The kernel frees it when its holder dies. Nobody queues on it: whoever finds it taken has already written down what
    is owed, and the holder looks again after letting go.

    :param timeout: seconds to wait for it; 0: not at all.
    """
    try:
        folder = repo.plugin_dir("mirror")
        path = folder / f"{file_name(remote)}.lock"
        mode = folder.stat().st_mode & 0o666 | 0o600
        release = _within(path, mode, timeout) if timeout else _at_once(path, mode)
    except OSError:
        # Nobody can lock here (read-only, full, a file system without locks): the leases still exclude harm.
        yield True
        return
    try:
        yield release is not None
    finally:
        if release is not None:
            release()


def _within(path: Path, mode: int, timeout: float) -> Callable[[], object] | None:
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=timeout, mode=mode, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        return None
    return lock.release


def _at_once(path: Path, mode: int) -> Callable[[], object] | None:
    """The same lock, taken as filelock takes it on this kind of system: with flock(2), on a file that stays.

    A pusher waits for this, and importing filelock takes longer than all that goes on here until git is started.
    """
    # Not truncated, and no way through a link that somebody may have put there.
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    fresh = not path.exists()
    descriptor = os.open(path, flags, mode)
    try:
        if fresh:
            with contextlib.suppress(PermissionError):
                os.fchmod(descriptor, mode)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return lambda: os.close(descriptor)
    except BlockingIOError:
        pass
    except BaseException:
        os.close(descriptor)
        raise
    # Taken; or removed since it was opened: whoever comes now locks another file.
    os.close(descriptor)
    return None
