"""Network commands side by side; Ctrl-C ends them all before it ends this process."""

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from typing import TypeVar

from hookkit.api import end_network_commands

# What git needs to end by itself when nobody is there to talk to, and then, when it is told to end.
_PATIENCE = 2.0
_AGAIN = 0.2

T = TypeVar("T")
R = TypeVar("R")


def each(items: Sequence[T], action: Callable[[T], R], jobs: int) -> Iterator[R]:
    """What ``action`` returns for each of ``items``, at most ``jobs`` at a time, as they are ready.

    :raises Exception: what ``action`` raised.
    """
    if not items:
        return
    pool = ThreadPoolExecutor(max(1, min(jobs, len(items))))
    futures = [pool.submit(action, item) for item in items]
    try:
        for future in as_completed(futures):
            yield future.result()
    finally:
        # Nothing of this is left to do, unless somebody has interrupted it.
        pool.shutdown(wait=False, cancel_futures=True)
        _end(futures)


def _end(futures: Sequence[Future[R]]) -> None:
    waited = 0.0
    # Again and again: between two looks an action may have started its next command.
    while wait(futures, timeout=0 if not waited else _AGAIN).not_done:
        end_network_commands(_signal(waited))
        waited += _AGAIN


def _signal(waited: float) -> int | None:
    if waited < _PATIENCE:
        return None
    return signal.SIGTERM if waited < 2 * _PATIENCE else signal.SIGKILL
