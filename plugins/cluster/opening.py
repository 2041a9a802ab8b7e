"""The lock and the cache of a repository."""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from hookkit.api import HookkitError, Repository
from hookkit_plugins.cluster.store import Store

_LOCK_PATIENCE = 30.0


@contextlib.contextmanager
def locked(repo: Repository) -> Iterator[None]:
    """Hold the lock of ``repo``: one process at a time.

    :raises HookkitError: another one holds it for too long, or it cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        folder = repo.plugin_dir("cluster")
        lock = FileLock(
            folder / "lock", timeout=_LOCK_PATIENCE, mode=folder.stat().st_mode & 0o666 | 0o600, fallback_to_soft=False
        )
        lock.acquire()
    except Timeout:
        raise HookkitError(
            f"another process has been at the journal for {_LOCK_PATIENCE:g}s", hint="later: hookkit mirror sync"
        ) from None
    except OSError as error:
        cause = f"{error.filename}: {error.strerror}"
        raise HookkitError("the journal cannot be written here", cause=cause, hint="hookkit doctor") from None
    try:
        yield
    finally:
        lock.release()


def is_locked(repo: Repository) -> bool:
    """Whether a process is at it now; nothing is written to find out."""
    try:
        descriptor = os.open(repo.state_dir / "cluster" / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        # filelock is dear to import, and on this kind of system uses flock(2) too.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def opened(repo: Repository) -> Iterator[Store]:
    """The cache of ``repo``; one that is damaged is made again.

    :raises HookkitError: it cannot be read or written.
    """
    path = repo.plugin_dir("cluster") / "state.sqlite"
    try:
        store = Store(path)
        store.heads()
    except sqlite3.OperationalError as error:
        raise HookkitError("the state of the cluster cannot be read or written", cause=str(error)) from None
    except sqlite3.DatabaseError:
        _remove(path)
        store = Store(path)
    damaged = False
    try:
        yield store
    except sqlite3.Error as error:
        damaged = not isinstance(error, sqlite3.OperationalError)
        raise HookkitError("the state of the cluster cannot be read or written", cause=str(error)) from None
    finally:
        store.close()
        if damaged:
            _remove(path)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
