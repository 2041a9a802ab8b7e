"""The one place that starts processes for plumbing and for hook executables."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from hookkit import lean
from hookkit.errors import GitError, HookkitError
from hookkit.text import one_line, shown

if TYPE_CHECKING:
    import subprocess
else:
    subprocess = lean.load("subprocess")


class Completed(NamedTuple):
    """What a finished plumbing command left: exit status, standard output, standard error."""

    status: int
    stdout: bytes
    stderr: bytes

    def text(self) -> str:
        """Standard output as text, without the last line feed; bytes that are not UTF-8 survive a round trip."""
        return os.fsdecode(self.stdout).rstrip("\n")


def run(
    argv: Sequence[str],
    *,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
) -> Completed:
    """Run a short local command to its end, both outputs captured.

    :raises HookkitError: it cannot be started.
    """
    try:
        done = subprocess.run(list(argv), cwd=cwd, env=env, input=stdin, capture_output=True, check=False)
    except OSError as error:
        raise HookkitError(f"cannot run {argv[0]}", cause=str(error)) from None
    return Completed(done.returncode, done.stdout, done.stderr)


def git(
    *args: str,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    check: bool = True,
) -> Completed:
    """Run a local git command (plumbing; nothing that opens a connection).

    :param check: a non-zero exit status is an error.
    :raises GitError: it failed, and ``check`` is set.
    """
    done = run(("git", *args), cwd=cwd, env=env, stdin=stdin)
    if check and done.status:
        raise _failed(args, done)
    return done


def _failed(args: Sequence[str], done: Completed) -> GitError:
    from hookkit import failures

    # Of options only -C has a value that is a word of its own.
    words = [arg for before, arg in zip(("", *args), args, strict=False) if before != "-C"]
    command = next((word for word in words if not word.startswith("-") and "=" not in word), "")
    said = shown(done.stderr)
    found = failures.classify(done.status, said, 0)
    # A lock that somebody has left behind; the rest is about connections.
    hint = found.hint if found.kind is failures.Kind.BUSY else None
    return GitError(f"git {command} failed with exit status {done.status}", status=done.status, stderr=said, hint=hint)


def run_hook_file(
    path: str | os.PathLike[str],
    args: Sequence[str],
    *,
    stdin: bytes | None,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
) -> int:
    """Run a hook executable the way git does and return its exit status (128 + n if signal n ended it).

    :param stdin: what it reads; None: it inherits standard input. It need not read all of it.
    :raises HookkitError: it cannot be executed (no such interpreter, wrong format).
    """
    try:
        # A hook file writes to the pusher directly: its output is inherited, as under git.
        with subprocess.Popen(
            [os.fspath(path), *args], stdin=None if stdin is None else subprocess.PIPE, env=env, cwd=cwd
        ) as child:
            child.communicate(stdin)
    except OSError as error:
        raise HookkitError(f"cannot run {one_line(os.fspath(path))}", cause=error.strerror) from None
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def run_hook_file_captured(path: str | os.PathLike[str], args: Sequence[str], *, stdin: bytes) -> Completed:
    """Run a hook executable whose standard output is an answer, as that of ``proc-receive``.

    :returns: standard error is inherited, and empty here.
    :raises HookkitError: it cannot be executed.
    """
    try:
        done = subprocess.run([os.fspath(path), *args], input=stdin, stdout=subprocess.PIPE, check=False)
    except OSError as error:
        raise HookkitError(f"cannot run {one_line(os.fspath(path))}", cause=error.strerror) from None
    return Completed(done.returncode if done.returncode >= 0 else 128 - done.returncode, done.stdout, b"")
