"""Whatever a plugin does in its process, the caller gets an answer, in time, and lines that can be shown."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hookkit import isolation, state
from hookkit.errors import ConfigError
from hookkit.isolation import Answer, call

Function = Callable[[], Any]


class Caller:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def __call__(self, function: Function, timeout: float = 20) -> Answer:
        return call(function, "a test", timeout=timeout, emit=self.lines.append)


@pytest.fixture
def caller() -> Caller:
    return Caller()


def raises(error: BaseException) -> Function:
    def function() -> None:
        raise error

    return function


def test_values_come_back(caller: Caller) -> None:
    value = {"a": [1, None, "ü\udcff"], "big": "x" * 300_000}
    assert caller(lambda: value) == Answer(value)
    assert caller.lines == []


def test_what_it_changes_stays_there(caller: Caller) -> None:
    seen: list[int] = []
    caller(lambda: seen.append(1) or os.chdir("/") or {})
    assert seen == []


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (raises(ValueError("no")), "ValueError: no"),
        (raises(KeyboardInterrupt()), "KeyboardInterrupt:"),
        (raises(ConfigError("x = 1 is not allowed", cause="file")), "x = 1 is not allowed (file)"),
        (raises(ConfigError("x = 1 is not allowed", hint="x = 2")), "x = 1 is not allowed; hint: x = 2"),
        (lambda: sys.exit(3), "called exit(3)"),
        (sys.exit, "called exit()"),
        (lambda: os._exit(0), "ended its process without an answer (exit status 0)"),
        (lambda: os._exit(7), "ended its process without an answer (exit status 7)"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "was ended by signal 9"),
        (lambda: {"a": object()}, "answered what cannot be passed on: Object of type object is not JSON serializable"),
    ],
)
def test_every_way_to_fail_has_a_reason(caller: Caller, function: Function, reason: str) -> None:
    answer = caller(function)
    assert answer.value == {}
    assert str(answer.failed).startswith(reason)


def test_an_exception_is_reported_in_a_file(caller: Caller, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    failed = caller(raises(ValueError("https://dana:hunter2@host")))[1]
    (report,) = (state.state_dir() / "reports").iterdir()
    assert failed == f"ValueError: https://dana:***@host (report: {report})"
    text = report.read_text()
    assert "a test" in text
    assert "Traceback" in text
    assert "hunter2" not in text


def test_who_hangs_is_ended_with_what_it_started(caller: Caller, tmp_path: Any) -> None:
    def hang() -> None:
        child = subprocess.Popen(["sleep", "1000"])
        (tmp_path / "pid").write_text(str(child.pid))
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(1)

    started = time.monotonic()
    assert caller(hang, timeout=0.5).failed == "did not answer within 0.5s and was ended"
    assert time.monotonic() - started < 5
    assert _ended(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize(
    "how", [lambda: os.kill(os.getpid(), signal.SIGSTOP), lambda: os.setpgid(0, os.getpgid(os.getppid()))]
)
def test_who_stops_or_leaves_its_group_is_ended_too(caller: Caller, how: Function) -> None:
    def hide() -> None:
        how()
        time.sleep(1000)

    assert caller(hide, timeout=0.5).failed == "did not answer within 0.5s and was ended"


def test_no_limit_is_no_limit(caller: Caller) -> None:
    assert caller(lambda: time.sleep(0.3) or {"done": 1}, timeout=0).value == {"done": 1}


def test_output_is_shown_line_by_line_as_it_comes(caller: Caller) -> None:
    def talk() -> dict[str, Any]:
        print("one")
        print("two", file=sys.stderr)
        os.write(1, b"raw\n")
        subprocess.run(["sh", "-c", "echo from a child; printf 'no line end'"], check=True)
        return {}

    caller(talk)
    assert sorted(caller.lines) == ["from a child", "no line end", "one", "raw", "two"]


def test_binary_garbage_becomes_text(caller: Caller) -> None:
    caller(lambda: os.write(2, bytes(range(256)) + b"\n\x1b[2J\x1b]0;x\x07https://a:secret@h\n") and {})
    text = "".join(caller.lines)
    assert "secret" not in text
    assert all(char >= " " or char == "\t" for char in text)
    assert not any("\x7f" <= char <= "\x9f" for char in text)


def test_a_flood_is_cut_and_does_not_stop_the_answer(caller: Caller) -> None:
    def flood() -> dict[str, Any]:
        for _ in range(200):
            os.write(1, b"x" * 99 * 1024 + b"\n")
        return {"done": 1}

    assert caller(flood).value == {"done": 1}
    assert sum(map(len, caller.lines)) < 2 << 20
    assert caller.lines[-1] == "hookkit: the plugin prints too much: the rest is not shown"


def test_a_grandchild_that_keeps_the_pipe_open_is_not_waited_for(caller: Caller) -> None:
    def leave_one() -> dict[str, Any]:
        return {"pid": subprocess.Popen(["sleep", "1000"]).pid}

    started = time.monotonic()
    answer = caller(leave_one)
    try:
        assert time.monotonic() - started < 10
    finally:
        os.kill(answer.value["pid"], signal.SIGKILL)


def test_a_grandchild_that_never_stops_printing_is_not_listened_to_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation.os, "read", lambda _descriptor, size: b"x" * size)
    heard: list[bytes] = []
    isolation._drain(0, heard.append, alive=False)
    assert 1 << 20 <= sum(map(len, heard)) <= 2 << 20, "what a pipe can hold, no more"


def test_it_has_nothing_to_read(caller: Caller) -> None:
    assert caller(lambda: {"read": sys.stdin.read() + os.read(0, 1).decode()}).value == {"read": ""}


def test_garbage_is_collected_there_but_not_what_was_there_before(caller: Caller) -> None:
    gc.disable()  # as a hook's start does
    try:
        answer = caller(lambda: {"seen": [gc.isenabled(), gc.get_freeze_count() > 1000]})
    finally:
        gc.enable()
    assert answer == Answer({"seen": [True, True]})
    assert gc.get_freeze_count() == 0


def test_no_descriptor_is_left_open(caller: Caller) -> None:
    before = _descriptors()
    for function in (dict, raises(ValueError()), lambda: os._exit(1)):
        caller(function)
    assert _descriptors() == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_interrupts_the_hook_interrupts_the_plugin(tmp_path: Any, number: int) -> None:
    code = f"""
import os, time
from hookkit.isolation import call
def hang():
    open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid()))
    time.sleep(1000)
call(hang, "", timeout=0, emit=print)
"""
    caller = subprocess.Popen([sys.executable, "-I", "-c", code])
    plugin = _number_in(tmp_path / "pid")
    caller.send_signal(number)
    assert caller.wait(20) == 128 + number
    assert _ended(plugin)


def test_there_is_no_moment_without_a_handler(tmp_path: Path) -> None:
    code = f"""
import os, signal, time
from hookkit import isolation
def hang():
    open({str(tmp_path / "pid")!r}, "w").write(str(os.getpid()))
    time.sleep(1000)
fork = os.fork
def slow_fork():
    child = fork()
    if child:
        time.sleep(0.5)
    return child
os.fork = slow_fork
isolation.call(hang, "", timeout=0, emit=print)
"""
    caller = subprocess.Popen([sys.executable, "-I", "-c", code])
    plugin = _number_in(tmp_path / "pid")
    caller.terminate()
    assert caller.wait(20) == 128 + signal.SIGTERM
    assert _ended(plugin)


def test_a_signal_that_is_ignored_stays_ignored(caller: Caller) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        assert caller(lambda: time.sleep(0.6) or {"done": 1}).value == {"done": 1}
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def _descriptors() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def _number_in(path: Any) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if path.exists() and path.read_text():
            return int(path.read_text())
        time.sleep(0.02)
    raise AssertionError(path)


def _ended(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False
