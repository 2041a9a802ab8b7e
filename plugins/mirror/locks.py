"""One push in flight per (repository, remote)."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator
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
        path = lock_path(repo, remote)
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


def held(repo: Repository, remotes: Iterable[str]) -> set[str] | None:
    """Those of ``remotes`` whose locks somebody holds just now; None: this system does not say.

    Nothing is locked for it: whoever tried meanwhile would take us for somebody who delivers.
    """
    try:
        # "1: FLOCK  ADVISORY  WRITE 4711 fd:01:1234 0 EOF", proc_locks(5). The inode alone: some file systems show another
        # device there than stat(2).
        fields = (line.split() for line in Path("/proc/locks").read_text().splitlines())
        locked = {words[5].rpartition(":")[2] for words in fields if words[1] == "FLOCK"}
    except (OSError, IndexError):
        return None
    found = set()
    for remote in remotes:
        with contextlib.suppress(OSError):
            if str(lock_path(repo, remote).stat().st_ino) in locked:
                found.add(remote)
    return found


def lock_path(repo: Repository, remote: str) -> Path:
    """The file that whoever delivers to ``remote`` locks."""
    return repo.state_dir / "mirror" / f"{file_name(remote)}.lock"


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
