"""Starting what outlives its starter, with next to nothing imported: a hook that only does this should cost no more."""

import os
from collections.abc import Mapping, Sequence


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


def _become(argv: Sequence[str], env: Mapping[str, str], output: int, answer: int) -> None:
    """What the child does; never returns."""
    try:
        os.setsid()
        os.chdir("/")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        # Closed by the program's start: that it has not started can be said until then.
        os.dup2(answer, 3, inheritable=False)
        os.closerange(4, os.sysconf("SC_OPEN_MAX"))
        answer = 3
        os.execve(argv[0], list(argv), dict(env))  # noqa: S606
    except OSError as error:
        os.write(answer, str(error.errno).encode())
    finally:
        os._exit(1)
