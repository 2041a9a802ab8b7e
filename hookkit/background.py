"""Work that outlives the hook or the command that leaves it: an interpreter of its own, detached, and what it logs."""

import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from hookkit.detached import start_detached
from hookkit.text import one_line

_LOG_LIMIT = 256_000
# What belongs to the login that pushed: background work outlives it, and acts for the account.
# A pattern, not a compiled one: every plugin imports this module, few use it.
_OF_THE_LOGIN = r"SSH_(?!ASKPASS)|KRB5CCNAME$|GL_|GITOSIS_|GIT_PUSH_|XDG_SESSION|HOOKKIT_"


def start_background(code: str, *args: str, env: Mapping[str, str], log: Path) -> None:
    """Run Python ``code`` in a process that nobody waits for.

    :param args: its arguments, ``sys.argv[1:]``.
    :param env: the environment of whoever starts it; what belongs to their login is left out.
    :param log: where it writes; a log that has grown large is kept as ``LOG.1``, once.
    :raises OSError: it cannot be started.
    """
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
    environ = {name: value for name, value in env.items() if not re.match(_OF_THE_LOGIN, name)}
    start_detached((sys.executable, "-I", "-X", "utf8", "-c", code, *args), env=environ, log=log)


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
    sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {one_line(line, 500)}\n")
    sys.stderr.flush()
