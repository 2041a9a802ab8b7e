"""Post-receive, should git end without it: as it does where whoever pushes has gone before they could be answered.

git-receive-pack(1) moves the refs, then answers, then runs post-receive, and a broken pipe ends it in between. Its end is
waited for by a process that has nothing to do with the connection. Next to nothing is imported here: pushes wait for this.
"""

import os
import signal
import sys

from hookkit.quick import let_go

_QUARANTINE = ("GIT_QUARANTINE_PATH", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "HOOKKIT_QUIET")
_CODE = "from hookkit_plugins.cluster.latecomer import main; main()"
_ANCESTORS = 5


def watch(mark: str) -> None:
    """Have post-receive called after all if git has ended and ``mark`` is still there; returns at once.

    :param mark: a file in which the push is written down, and which post-receive removes as it begins.
    """
    receiving = _receiving(os.getpid())
    if receiving is None:
        return
    mark = os.path.abspath(mark)
    try:
        end = os.pidfd_open(receiving)
        waits = os.fork() == 0
    except OSError:
        return  # a push is not refused for want of a safety net
    if not waits:
        os.close(end)
        return
    try:
        _wait(end, mark)
    finally:
        os._exit(0)


def _wait(end: int, mark: str) -> None:
    end = let_go(os.open(os.devnull, os.O_WRONLY), end)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    # Imported here: whoever pushes does not wait for it.
    import select

    waiting = select.poll()
    waiting.register(end, select.POLLIN)
    waiting.poll()
    if os.path.exists(mark):
        environ = {name: value for name, value in os.environ.items() if name not in _QUARANTINE}
        os.execve(sys.executable, [sys.executable, "-I", "-X", "utf8", "-c", _CODE, mark], environ)  # noqa: S606


def _receiving(process: int) -> int | None:
    """The git-receive-pack to which the hook belongs that is ``process``, as Linux tells; proc(5)."""
    for _ in range(_ANCESTORS):
        try:
            with open(f"/proc/{process}/stat", "rb") as file:
                process = int(file.read().rpartition(b")")[2].split()[1])
            with open(f"/proc/{process}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except (OSError, ValueError, IndexError):
            return None
        if any(word.endswith(b"receive-pack") for word in words[:3]):
            return process
    return None
