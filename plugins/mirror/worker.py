"""The worker of one host: delivers what waits for it, of all repositories of this account, until nothing waits.

Started detached by a hook, or by ``hookkit mirror worker``. It keeps nothing in its head: killed at any point, the index
and the outboxes say what is left, and the next hook or command starts another one.
"""

import contextlib
import sqlite3
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hookkit.api import HookkitError, Repository, log_line
from hookkit_plugins.mirror import notices
from hookkit_plugins.mirror.attempt import LASTING, PASSING, DownError, Say, Tried, attempt
from hookkit_plugins.mirror.starting import lock_path
from hookkit_plugins.mirror.waiting import Item, Waiting, delay, opened, waiting_path

# ssh's servers take ten sessions over one connection (MaxSessions); leave some to others.
_AT_ONCE = 8
# How long it stays when nothing waits: the next push of a burst finds it running.
_LINGER = 3.0
_TICK = 0.2
# Seconds between two looks whether somebody is to be told that a remote is stale.
_LOOK = 60.0
# Seconds until the log says once more that the host is down.
_REMIND = 3600.0


def main() -> None:
    """``python -c ... HOST``: what :func:`work` does, its log on standard error."""
    host = sys.argv[1]
    try:
        work(host, log_line)
    except (OSError, sqlite3.Error) as error:
        log_line(f"{host}: the worker ends: {error}")
        sys.exit(1)


def work(host: str, say: Say, linger: float = _LINGER) -> bool:
    """Deliver what waits for ``host`` until nothing does; False if another worker is at it.

    :param linger: seconds to stay when nothing waits.
    """
    from filelock import FileLock, Timeout

    path = waiting_path()
    while True:
        # Whoever looks whether a worker runs holds the lock for a moment.
        lock = FileLock(lock_path(str(path.parent), host), timeout=2, fallback_to_soft=False)
        try:
            lock.acquire()
        except Timeout:
            return False
        try:
            with opened(say) as index:
                _Server(host, index, say).serve(path, linger)
        finally:
            lock.release()
        # Who found the lock taken after our last look has written down before what waits.
        if not path.exists():
            return True
        with opened() as index:
            if not index.count(host):
                return True


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


class _Server:
    """The worker of ``host`` while it holds the lock."""

    def __init__(self, host: str, index: Waiting, say: Say) -> None:
        self._host = host
        self._index = index
        self._say = say
        self._said_down = -_REMIND

    def serve(self, path: Path, linger: float) -> None:
        """Deliver until nothing waits, and for ``linger`` seconds longer."""
        idle_since = looked = time.monotonic()
        ours = _inode(path)
        # An index that was removed, with its account perhaps, or replaced by a new one, has nothing to say any more.
        while ours is not None and _inode(path) == ours:
            down = self._index.breaker(self._host)
            pause = down.pause(time.time()) if down else 0
            if pause <= 0 and (items := self._index.due(self._host, 1 if down else 4 * _AT_ONCE)):
                self._tell(self._round(items))
                idle_since = time.monotonic()
            elif self._index.count(self._host):
                if time.monotonic() - looked > _LOOK:
                    self._tell(self._index.repositories(self._host))
                    looked = time.monotonic()
                time.sleep(min(max(pause, _TICK), 1.0))
                idle_since = time.monotonic()
            elif time.monotonic() - idle_since > linger:
                # Down or not: from now on nobody asks it, so that the next push has to.
                self._index.mend(self._host)
                return
            else:
                time.sleep(_TICK)

    def _round(self, items: list[Item]) -> set[str]:
        """Try ``items`` at the same time; one that finds the host down stops those that have not begun.

        :returns: the repositories of which plugins want to be told; its threads have ended: what tells them forks.
        """
        wanted: set[str] = set()
        down = self._index.breaker(self._host)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            futures = {
                item: pool.submit(attempt, self._host, item, probe=down is not None, say=self._say) for item in items
            }
            for item, future in futures.items():
                if future.cancelled():
                    continue
                try:
                    tried = future.result()
                except DownError as error:
                    for other in futures.values():
                        other.cancel()
                    # Once a round: eight at a time that fail are one failure of the host.
                    if not (known := self._index.breaker(self._host)) or known == down:
                        self._trip(str(error))
                    continue
                except Exception as error:  # a bug in one repository's delivery must not keep the others from theirs
                    self._say(f"{item.repository} {item.remote}: {type(error).__name__}: {error}")
                    # An outbox that was damaged under it is begun anew by the next try.
                    passes = isinstance(error, sqlite3.Error)
                    tried = Tried(delay(item.tries, *(PASSING if passes else LASTING)))
                if tried.answered and down is not None and self._index.breaker(self._host) == down:
                    self._index.mend(self._host)
                    self._said_down = -_REMIND
                    self._say(f"{self._host} is back")
                if tried.wanted:
                    wanted.add(item.repository)
                if tried.pause is None:
                    self._index.done(self._host, item)
                else:
                    self._index.later(self._host, item, tried.pause)
        return wanted

    def _trip(self, error: str) -> None:
        seconds = self._index.trip(self._host, error)
        # A weekend has thirty thousand probes.
        if time.monotonic() - self._said_down >= _REMIND:
            self._said_down = time.monotonic()
            waiting = self._index.count(self._host)
            self._say(f"{self._host} is down ({error}); next try in {seconds:.1f}s, {waiting} waiting")

    def _tell(self, repositories: Iterable[str]) -> None:
        """Have plugins told what became of the remotes."""
        for each in sorted(repositories):
            # What is wrong with one of them, the delivery has said.
            with contextlib.suppress(HookkitError):
                notices.tell(Repository.discover(each), self._say)
