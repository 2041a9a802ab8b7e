"""Starting what outlives its starter, with next to nothing imported: a hook that only does this should cost no more."""

import os
import sys
from collections.abc import Mapping, Sequence

_LOG_LIMIT = 256_000
# Tells what runs in the background where its log is.
_LOG = "HOOKKIT_LOG"
# What belongs to the login that pushed: background work outlives it, and acts for the account.
_OF_THE_LOGIN = ("SSH_", "GL_", "GITOSIS_", "GIT_PUSH_", "XDG_SESSION", "HOOKKIT_")


def start_background(code: str, *args: str, env: Mapping[str, str], log: str | os.PathLike[str]) -> None:
    """Run Python ``code`` in a process that nobody waits for.

    :param args: its arguments, ``sys.argv[1:]``.
    :param env: the environment of whoever starts it; what belongs to their login is left out.
    :param log: where it writes; a log that has grown large is kept as ``LOG.1``, once.
    :raises OSError: it cannot be started.
    """
    log = os.path.abspath(log)
    if os.path.exists(log) and os.stat(log).st_size > _LOG_LIMIT:
        os.replace(log, f"{log}.1")
    environ = {
        name: value
        for name, value in env.items()
        if name != "KRB5CCNAME" and (not name.startswith(_OF_THE_LOGIN) or name.startswith("SSH_ASKPASS"))
    }
    start_detached((sys.executable, "-I", "-X", "utf8", "-c", code, *args), env={**environ, _LOG: log}, log=log)


def keep_small() -> None:
    """Begin this process's log anew if it has grown large, or go on in the one that another process has begun.

    Whatever waits for a server that is down for a year has its log open for as long.
    """
    log = os.environ.get(_LOG)
    if not log:
        return
    try:
        here = os.fstat(2)
        if here.st_size > _LOG_LIMIT and os.path.samestat(here, os.stat(log)):
            os.replace(log, f"{log}.1")
        if os.path.exists(log) and os.path.samestat(here, os.stat(log)):
            return
        fresh = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    except OSError:
        return  # where it cannot be tidied, it grows
    os.dup2(fresh, 1)
    os.dup2(fresh, 2)
    os.close(fresh)


def start_detached(argv: Sequence[str], *, env: Mapping[str, str], log: str | os.PathLike[str]) -> None:
    """Start a command that outlives this process and holds nothing of it: own session, no inherited descriptor, cwd ``/``.

    :param argv: the absolute path of a program, and its arguments.
    :param log: where its output is appended.
    :raises OSError: it cannot be started.
    """
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    reader, writer = os.pipe()
    # Not the module subprocess: importing that takes longer than all the rest of a hook that leaves work to a worker.
    child = os.fork()
    if child == 0:
        _become(argv, env, output, writer)
    os.close(output)
    os.close(writer)
    with open(reader, "rb") as answer:
        failed = answer.read()
    # Nobody waits for its end: it outlives this process.
    if failed:
        os.waitpid(child, 0)
        raise OSError(int(failed), os.strerror(int(failed)), argv[0])


def let_go(output: int, kept: int) -> int:
    """Have this process, just forked, hold nothing of its parent's: own session, no inherited descriptor.

    :param output: where it writes from now on; it reads nothing.
    :param kept: the one descriptor that it keeps; a program that it becomes does not get it.
    :returns: the number of that descriptor from now on.
    :raises OSError: it leads a session already, or there are too many open files.
    """
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    if kept != 3:  # dup3(2) refuses that
        os.dup2(kept, 3, inheritable=False)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    return 3


def _become(argv: Sequence[str], env: Mapping[str, str], output: int, answer: int) -> None:
    """What the child does; never returns."""
    try:
        # Closed by the program's start: that it has not started can be said until then.
        answer = let_go(output, answer)
        os.chdir("/")
        os.execve(argv[0], list(argv), dict(env))  # noqa: S606
    except OSError as error:
        os.write(answer, str(error.errno).encode())
    finally:
        os._exit(1)
