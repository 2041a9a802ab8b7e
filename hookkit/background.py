"""The whole of a process in the background: one at a time, until nothing is left, and what it logs."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from hookkit.detached import keep_small
from hookkit.text import one_line


def work_alone(lock: Path, work: Callable[[], None], is_left: Callable[[], bool]) -> None:
    """The whole of a background process: call ``work`` until nothing is left; leave at once if another process does.

    Whoever writes down what is to be done *before* calling this, or starting a process that does, can be sure that it
    is done.

    :param lock: a file that is locked meanwhile.
    :param is_left: whether there is something to do; asked after the lock was given back.
    :raises SystemExit: a file could not be used; the log says which.
    """
    # Only those who work need them.
    import sqlite3

    from filelock import FileLock, Timeout

    try:
        while True:
            with FileLock(lock, timeout=0, fallback_to_soft=False):
                work()
            # Who came after the last look found the lock taken.
            if not is_left():
                return
    except Timeout:
        return
    except (OSError, sqlite3.Error) as error:
        log_line(f"it ends: {error}")
        sys.exit(1)


def log_line(line: str) -> None:
    """Write a line with the time to standard error, which is the log of what runs in the background."""
    keep_small()
    sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {one_line(line, 500)}\n")
    sys.stderr.flush()
