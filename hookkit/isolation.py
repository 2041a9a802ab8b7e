"""One plugin's hook call in a process of its own: what it raises, prints, hangs in or exits with stays there."""

import contextlib
import gc
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hookkit.errors import HookkitError, summary
from hookkit.text import one_line, shown

_OUTPUT_LIMIT = 1 << 20
_PIPE_LIMIT = 1 << 20  # Linux lets nobody make a pipe larger than this; pipe(7)
_CHUNK = 1 << 16
_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM)


class Answer(NamedTuple):
    """How a call ended.

    :param value: what the function returned; empty if it failed.
    :param failed: what went wrong, None if it returned.
    """

    value: dict[str, Any]
    failed: str | None = None


def call(function: Callable[[], dict[str, Any]], doing: str, *, timeout: float, emit: Callable[[str], None]) -> Answer:
    """Call ``function`` in a child process.

    :param function: returns JSON values.
    :param doing: what it is, for the report about an exception.
    :param timeout: seconds; 0: no limit. At the limit the child's whole process group is killed.
    :param emit: takes each line that the child prints, fit to be shown.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    output_read, output_write = os.pipe()
    answer_read, answer_write = os.pipe()
    # From the child's first moment on, whoever ends this process ends the child too: until there is a handler, they wait.
    signal.pthread_sigmask(signal.SIG_BLOCK, _INTERRUPTIONS)
    child = os.fork()
    if child == 0:
        os.close(output_read)
        os.close(answer_read)
        _child(function, doing, output_write, answer_write)
    os.close(output_write)
    os.close(answer_write)
    with contextlib.suppress(OSError):
        os.setpgid(child, child)
    try:
        with _forwarded_signals(child):
            return _follow(child, output_read, answer_read, timeout, emit)
    finally:
        os.close(output_read)
        os.close(answer_read)


def _child(function: Callable[[], dict[str, Any]], doing: str, output: int, answer: int) -> None:
    """The child's whole life; never returns."""
    status = 1
    try:
        # A hook's start is without; what was there before stays, and need not be looked at.
        gc.freeze()
        gc.enable()
        os.setpgid(0, 0)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTIONS)
        null = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((null, 0), (output, 1), (output, 2)):
            os.dup2(source, target)
        os.close(null)
        os.close(output)
        os.set_inheritable(answer, False)
        # Line by line, so that nothing is lost with a process that ends badly; a name that is not UTF-8 can be printed.
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
        sys.stdout, sys.stderr = (
            open(number, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
            for number in (1, 2)
        )
        try:
            said: dict[str, Any] = {"value": function()}
        except SystemExit as stop:
            said = {"failed": f"called exit({'' if stop.code is None else repr(stop.code)})"}
        except HookkitError as error:
            hint = f"; hint: {one_line(error.hint)}" if error.hint else ""
            said = {"failed": one_line(summary(error)) + hint}
        except BaseException as error:
            from hookkit.state import write_report

            report = write_report(error, doing)
            where = f" (report: {report})" if report else ""
            said = {"failed": one_line(f"{type(error).__name__}: {error}") + where}
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        try:
            data = json.dumps(said).encode()
        except (TypeError, ValueError) as error:
            data = json.dumps({"failed": one_line(f"answered what cannot be passed on: {error}")}).encode()
        while data:
            data = data[os.write(answer, data) :]
        status = 0
    finally:
        os._exit(status)


def _decode(answer: bytes, status: int) -> Answer:
    try:
        said = json.loads(answer)
    except ValueError:
        if os.WIFSIGNALED(status):
            return Answer({}, f"was ended by signal {os.WTERMSIG(status)}")
        return Answer({}, f"ended its process without an answer (exit status {os.waitstatus_to_exitcode(status)})")
    return Answer(said.get("value", {}), said.get("failed"))


def _follow(child: int, output: int, answer: int, timeout: float, emit: Callable[[str], None]) -> Answer:
    deadline = time.monotonic() + timeout if timeout else None
    ended = os.pidfd_open(child)
    lines = _Lines(emit)
    said = bytearray()
    try:
        os.set_blocking(output, False)
        os.set_blocking(answer, False)
        poll = select.poll()
        for descriptor in (output, answer, ended):
            poll.register(descriptor, select.POLLIN)
        alive = True
        while alive:
            left = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
            ready = {descriptor for descriptor, _ in poll.poll(left)}
            # A grandchild may hold the pipes open for ever: the child's end is the end.
            alive = ended not in ready
            for descriptor, take in ((output, lines.feed), (answer, said.extend)):
                if (descriptor in ready or not alive) and not _drain(descriptor, take, alive):
                    poll.unregister(descriptor)
            if alive and deadline is not None and time.monotonic() >= deadline:
                _kill(child)
                os.waitpid(child, 0)
                return Answer({}, f"did not answer within {timeout:g}s and was ended")
        return _decode(bytes(said), os.waitpid(child, 0)[1])
    finally:
        lines.end()
        os.close(ended)


def _kill(child: int) -> None:
    """End the child and what it started; itself too, should it have gone to another process group."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            kill(child, signal.SIGKILL)


def _drain(descriptor: int, take: Callable[[bytes], object], alive: bool) -> bool:
    """Read what is there; whether more may come.

    After the child's end that is no more than a pipe holds: a grandchild may go on writing for ever.
    """
    for _ in range(1 if alive else _PIPE_LIMIT // _CHUNK):
        try:
            chunk = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return True
        if not chunk:
            return not alive
        take(chunk)
    return True


class _Lines:
    """Cuts output into lines that may be shown, up to a limit."""

    def __init__(self, emit: Callable[[str], None]) -> None:
        self._emit = emit
        self._rest = b""
        self._taken = 0

    def feed(self, chunk: bytes) -> None:
        self._taken += len(chunk)
        if self._taken > _OUTPUT_LIMIT:
            if self._taken - len(chunk) <= _OUTPUT_LIMIT:
                self._emit("hookkit: the plugin prints too much: the rest is not shown")
            self._rest = b""
            return
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._emit(shown(line).replace("\n", " "))

    def end(self) -> None:
        if self._rest:
            self._emit(shown(self._rest).replace("\n", " "))


@contextlib.contextmanager
def _forwarded_signals(child: int) -> Iterator[None]:
    """Whoever interrupts the hook interrupts the plugin too, which is in a process group of its own."""

    def forward(number: int, _frame: object) -> None:
        _kill(child)
        os._exit(128 + number)

    # What is ignored (a job in the background ignores SIGINT) stays ignored.
    numbers = [number for number in _INTERRUPTIONS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, forward) for number in numbers}
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _INTERRUPTIONS)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
