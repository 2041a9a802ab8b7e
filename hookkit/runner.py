"""One hook call: the kept hook first, then the plugins that the repository enabled.

This is the hot path: what is imported here is paid for by every push.
"""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from hookkit import trace
from hookkit.catalogue import HOOKS, Hook
from hookkit.dispatch import Dispatch, Emit
from hookkit.errors import HookkitError
from hookkit.kept import KEPT_PREFIX, RESTORED, kept
from hookkit.process import run_hook_file
from hookkit.repository import Repository
from hookkit.shortcut import Call


def main(argv: Sequence[str], before: str | None = None, call: Call | None = None, *, by_hand: bool = False) -> int:
    """Run the hook ``argv[0]`` for the stub ``argv[1]``; the exit status that git shall see. Nobody sees a traceback.

    :param before: where the hook is that was there before, if that is not beside the stub.
    :param call: what is known about it already.
    :param by_hand: not git has called it, but somebody who wants to know of an error in any hook.
    """
    hook = HOOKS[argv[0]]
    try:
        stdin = (call.stdin if call else sys.stdin.buffer.read()) if hook.stdin else b""
        before = before or kept(argv[1], hook.name)
        repo = Repository.of_hook(call.listed if call else None)
        return run(repo, hook, argv[2:], stdin, before=Path(before) if before else None, emit=say)
    except KeyboardInterrupt:
        return 130
    except HookkitError as error:
        failed = error
    except Exception as error:
        from hookkit.state import bug

        failed = bug(error, f"hook {hook.name}")
    _show(failed)
    return failed.exit_status if hook.refuses or by_hand else 0


def say(line: str) -> None:
    """Show one line to whoever started git; if nobody listens any more, the work goes on."""
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


def _show(error: HookkitError) -> None:
    from hookkit import errors
    from hookkit.text import shown

    for line in errors.lines(error):
        say(f"hookkit: {shown(line)}")


def run(repo: Repository, hook: Hook, args: Sequence[str], stdin: bytes, *, before: Path | None, emit: Emit) -> int:
    """Run ``hook``: the hook that was there ``before``, then every enabled plugin that implements it.

    :returns: the exit status: that of the first who refuses, 0 if nobody does.
    """
    # git has one conversation with proc-receive: a hook that was there before keeps having it.
    if hook.name == "proc-receive":
        return Dispatch(repo, hook, args, emit).proc_receive() if before is None else _run_kept(before, args, None)
    status = 0
    if before is not None:
        started = time.monotonic()
        status = _run_kept(before, args, stdin if hook.stdin else None)
        if trace.is_on(repo.settings()):
            seconds = time.monotonic() - started
            emit(trace.line(hook.name, "the hook that was there before", seconds, f"exit status {status}"))
    plugins = Dispatch(repo, hook, args, emit).run(stdin)
    return status or plugins


def _run_kept(before: Path, args: Sequence[str], stdin: bytes | None) -> int:
    """Run it where it is kept, or where an uninstallation puts it back at this very moment."""
    if not before.name.startswith(KEPT_PREFIX) or not before.exists():
        os.environ[RESTORED] = "1"
        before = before.with_name(before.name.removeprefix(KEPT_PREFIX))
    try:
        return run_hook_file(before.absolute(), args, stdin=stdin)
    except HookkitError as error:
        _show(error)
        return 1
