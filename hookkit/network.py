"""The one place that starts long-running network commands: git push, fetch, ls-remote, each with a deadline of its own."""

import contextlib
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from hookkit import pinned
from hookkit.repository import Repository
from hookkit.text import plain

if TYPE_CHECKING:
    from sh import RunningCommand

# Those of all threads.
_running: "dict[int, RunningCommand]" = {}


class NetworkResult(NamedTuple):
    """How a network command ended.

    :param status: its exit status; None if it was ended at its deadline.
    :param stdout: what it printed, as it is: ref names in it are data. Not for showing.
    :param stderr: what it and the other side said, control characters removed.
    :param seconds: how long it took.
    """

    status: int | None
    stdout: str
    stderr: str
    seconds: float

    @property
    def timed_out(self) -> bool:
        """It was ended at its deadline."""
        return self.status is None


def git_over_network(
    repo: Repository,
    *args: str,
    timeout: float,
    config: Iterable[tuple[str, str]] = (),
    connect_timeout: float = 10,
    environ: Mapping[str, str] | None = None,
    ssh_options: Iterable[tuple[str, str]] = (),
    go_on: Callable[[], bool] | None = None,
) -> NetworkResult:
    """Run a git command that talks to a remote, in a session of its own, without a terminal and without prompts.

    :param args: the git command and its arguments.
    :param timeout: seconds after which the whole process group is killed.
    :param config: configuration for this command only, keys may repeat; not on its command line, which others can see.
    :param connect_timeout: seconds that ssh may take to connect.
    :param environ: environment variables for this command only.
    :param ssh_options: further options of ssh_config(5), for OpenSSH's own client only; what the account's ssh command sets
        stays in force.
    :param go_on: asked, in another thread, if the command has said something in these seconds (``--progress``): whether
        it has as many again.
    """
    env = network_environment(repo, connect_timeout, ssh_options) | config_environment(config) | dict(environ or {})
    return _text(_run("git", _latin((f"--git-dir={repo.git_dir}", *args)), env, timeout, go_on=go_on))


def ssh_over_network(
    repo: Repository, *args: str, timeout: float, options: Iterable[tuple[str, str]] = ()
) -> NetworkResult:
    """Run ssh as hookkit's git commands run it, but for time limits and keep-alives.

    :param args: ssh's further arguments.
    :param timeout: seconds after which the whole process group is killed.
    :param options: options of ssh_config(5); what the account's ssh command sets stays in force.
    """
    command = ssh_command(repo)
    words = (f"-o{key}={value}" for key, value in options)
    # It is a shell's by definition, git-config(1), core.sshCommand; what comes from here is no part of the script.
    env = repo.environment() | {"LC_ALL": "C", "LANGUAGE": "C"}
    return _text(_run("sh", _latin(("-c", f'{command} "$@"', "ssh", *words, *args)), env, timeout))


class Ended(NamedTuple):
    """How a long-running command ended: as in :class:`NetworkResult`, with what it printed as bytes."""

    status: int | None
    stdout: bytes
    stderr: bytes
    seconds: float


def run_python(code: str, given: bytes, *, env: dict[str, str], timeout: float) -> Ended:
    """Run ``code`` in an interpreter of its own, in a session of its own.

    :param given: its standard input.
    :param timeout: seconds after which its process group is killed.
    """
    return _run(sys.executable, ["-I", "-X", "utf8", "-c", code], env, timeout, given)


def _latin(args: Iterable[str]) -> list[str]:
    """sh wants text that it can encode; names of refs and files are bytes."""
    return [os.fsencode(arg).decode("latin-1") for arg in args]


def _text(ended: Ended) -> NetworkResult:
    return NetworkResult(ended.status, os.fsdecode(ended.stdout), plain(ended.stderr), ended.seconds)


def _run(
    program: str,
    argv: list[str],
    env: dict[str, str],
    timeout: float,
    given: bytes | None = None,
    go_on: Callable[[], bool] | None = None,
) -> Ended:
    # sh costs more to import than everything else on the way to a push: only those who push pay.
    from hookkit import lean

    sh = lean.load("sh")
    # Files in memory, not pipes: what ssh leaves in the background holds on to them, and nobody waits for it.
    # And a file for what nobody says: for a pipe there would be a thread.
    with _memory("stdout") as stdout, _memory("stderr") as stderr, open(os.devnull, "rb") as nothing:  # noqa: PTH123
        started = time.monotonic()
        running = sh.Command(program)(
            *argv,
            _encoding="latin-1",
            _env=env,
            _in=nothing if given is None else given,
            _out=stdout,
            _err=stderr,
            _tty_out=False,
            _new_session=True,
            _bg=True,
            _bg_exc=False,
            _ok_code=list(range(256)),
            _return_cmd=True,
        )
        # sh's own wait(timeout=...) looks every 0.1 s; a thread lets the wait end when the command does.
        ended, expired = threading.Event(), threading.Event()

        def limit() -> None:
            heard = 0
            while not ended.wait(timeout):
                said = os.fstat(stderr.fileno()).st_size
                if go_on is None or said == heard or not go_on():
                    expired.set()
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        running.kill_group()
                    return
                heard = said

        limiting = threading.Thread(target=limit, daemon=True)
        limiting.start()
        _running[id(running)] = running
        status: int | None
        try:
            running.wait()
            status = running.exit_code
        except sh.ErrorReturnCode as error:  # ended by a signal, which no list of exit codes can allow
            status = 128 - error.exit_code if error.exit_code < 0 else error.exit_code
        finally:
            ended.set()
            _running.pop(id(running), None)
        limiting.join()
        if expired.is_set():
            status = None
        return Ended(status, _content(stdout), _content(stderr), time.monotonic() - started)


def end_network_commands(number: int | None = None) -> None:
    """End every network command that this process runs.

    :param number: the signal for all its processes. None: only those that git has started, such as ssh, are told to end.
        Git then gives up by itself and tidies up; a signal that meets it while it takes a lock can leave the lock behind.
    """
    for running in tuple(_running.values()):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if number is None:
                _end_helpers(running.pid)
            else:
                running.signal_group(number)


def _end_helpers(leader: int) -> None:
    """Tell all processes of a group but its leader to end; those of others are left alone."""
    for name in os.listdir("/proc"):  # noqa: PTH208 - no path object for each process
        with contextlib.suppress(OSError, ValueError):
            pid = int(name)
            if pid != leader and os.getpgid(pid) == leader:
                os.kill(pid, signal.SIGTERM)


def _memory(name: str) -> BinaryIO:
    return os.fdopen(os.memfd_create(name), "r+b", buffering=0)


def _content(file: BinaryIO) -> bytes:
    # Not read(): whoever still writes to it shares its position.
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)


def network_environment(
    repo: Repository, connect_timeout: float, ssh_options: Iterable[tuple[str, str]] = ()
) -> dict[str, str]:
    """The environment for a command that talks to another repository: the account's, with no way to ask a question."""
    env = repo.environment()
    # Messages are parsed: English, whatever the account speaks.
    env.update(LC_ALL="C", LANGUAGE="C", GIT_TERMINAL_PROMPT="0")
    command = ssh_command(repo)
    # What a wrapper or another program accepts is not known: git starts it as the account says.
    if is_openssh(command):
        # ssh takes the first value that it meets.
        options = (
            ("BatchMode", "yes"),
            ("ConnectTimeout", str(max(1, round(connect_timeout)))),
            *ssh_options,
            ("ServerAliveInterval", "15"),
            ("ServerAliveCountMax", "3"),
        )
        env["GIT_SSH_COMMAND"] = " ".join((command, *(f"-o {shlex.quote(f'{key}={value}')}" for key, value in options)))
    return env


def config_environment(config: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The environment variables that add ``config`` to what git reads; git-config(1), GIT_CONFIG_COUNT."""
    env: dict[str, str] = {}
    for number, (key, value) in enumerate(config):
        env |= {
            f"GIT_CONFIG_KEY_{number}": key,
            f"GIT_CONFIG_VALUE_{number}": value,
            "GIT_CONFIG_COUNT": str(number + 1),
        }
    return env


def ssh_command(repo: Repository) -> str:
    """The ssh command of hookkit's own network commands, for a shell: the account's, with the servers that are pinned."""
    command = account_ssh_command(repo)
    return pinned.in_use(command) if is_openssh(command) else command


def account_ssh_command(repo: Repository) -> str:
    """The account's own ssh command, for a shell: ``GIT_SSH_COMMAND``, ``core.sshCommand``, ``GIT_SSH``, or ``ssh``."""
    env = repo.environment()
    configured = repo.config.last("core.sshCommand")
    command = env.get("GIT_SSH_COMMAND") or (configured.value if configured else None)
    if not command and env.get("GIT_SSH"):
        command = shlex.quote(env["GIT_SSH"])
    return command or "ssh"


def is_openssh(command: str) -> bool:
    """Whether an ssh command starts OpenSSH's own client."""
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    program = next((word for word in words if "=" not in word), "")
    return os.path.basename(program) == "ssh"  # noqa: PTH119 - no path object for a word of a command
