"""Run a command to its end, within a deadline, with nothing of it left running."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Done(NamedTuple):
    """How a command ended.

    :param seconds: how long whoever typed it had to wait.
    """

    status: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def remote(self) -> list[str]:
        """What the other side's hooks said: the lines that git shows after ``remote:``."""
        lines = (
            line.removeprefix("remote:").strip() for line in self.stderr.splitlines() if line.startswith("remote:")
        )
        return [line for line in lines if line]


class CommandFailedError(Exception):
    """A command that should have worked did not; shows what it said."""


def run(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    stdin: str = "",
    check: bool = True,
    timeout: float = 60,
) -> Done:
    """Run ``argv`` in a session of its own.

    :param check: a non-zero exit status is an error.
    :param timeout: seconds after which everything that it started in its session is killed.
    :raises CommandFailedError: it failed and ``check`` is set, or it took too long.
    """
    started = time.monotonic()
    with subprocess.Popen(
        argv,
        env=env,
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="surrogateescape",
        start_new_session=True,
    ) as child:
        try:
            stdout, stderr = child.communicate(stdin, timeout=timeout)
        except subprocess.TimeoutExpired:
            _kill_session(child.pid)
            stdout, stderr = child.communicate()
            raise CommandFailedError(f"{argv} took longer than {timeout} s\n{stdout}{stderr}") from None
        except BaseException:
            _kill_session(child.pid)
            raise
    done = Done(child.returncode, stdout, stderr, time.monotonic() - started)
    if check and done.status:
        raise CommandFailedError(f"{argv} in {cwd} exited with status {done.status}\n{done.stdout}{done.stderr}")
    return done


def _kill_session(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has just ended by itself
        os.killpg(leader, signal.SIGKILL)
