"""What a hook stub starts: the kept hook first, then the plugins that the repository enabled.

``python -I -m hookkit.runner HOOK STUB [ARGUMENT...]``: ``STUB`` is the path of the stub, as git called it, or ``-``.
This is the hot path: what is imported here is paid for by every push.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from hookkit.catalogue import HOOKS, Hook
from hookkit.dispatch import Dispatch, Emit
from hookkit.errors import HookkitError
from hookkit.process import run_hook_file
from hookkit.repository import Repository

KEPT_PREFIX = "hookkit-kept-"
"""An existing hook ``X`` is kept beside the stub as ``hookkit-kept-X``: what it finds beside itself, it still finds."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one hook; the exit status is what git shall see. Nobody sees a traceback."""
    argv = sys.argv[1:] if argv is None else argv
    hook = HOOKS[argv[0]]
    try:
        stdin = sys.stdin.buffer.read() if hook.stdin else b""
        return run(Repository.of_hook(), hook, argv[2:], stdin, kept=_kept(argv[1], hook), emit=say)
    except KeyboardInterrupt:
        return 130
    except HookkitError as error:
        failed = error
    except Exception as error:
        from hookkit.state import bug

        failed = bug(error, f"hook {hook.name}")
    _show(failed)
    return failed.exit_status if hook.refuses else 0


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


def _kept(stub: str, hook: Hook) -> Path | None:
    if stub == "-":  # started from git's configuration: the hook file, if there is one, is git's to run
        return None
    kept = Path(stub).with_name(KEPT_PREFIX + hook.name)
    return kept if os.access(kept, os.X_OK) and not kept.is_dir() else None


def run(repo: Repository, hook: Hook, args: Sequence[str], stdin: bytes, *, kept: Path | None, emit: Emit) -> int:
    """Run ``hook``: ``kept`` (the hook that was there before), then every enabled plugin that implements it.

    :returns: the exit status: that of the first who refuses, 0 if nobody does.
    """
    # git has one conversation with proc-receive: a hook that was there before keeps having it.
    if hook.name == "proc-receive":
        return Dispatch(repo, hook, args, emit).proc_receive() if kept is None else _run_kept(kept, args, None)
    status = _run_kept(kept, args, stdin if hook.stdin else None) if kept is not None else 0
    plugins = Dispatch(repo, hook, args, emit).run(stdin)
    return status or plugins


def _run_kept(kept: Path, args: Sequence[str], stdin: bytes | None) -> int:
    try:
        return run_hook_file(kept.absolute(), args, stdin=stdin)
    except HookkitError as error:
        _show(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
