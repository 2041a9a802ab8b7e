"""What a hook stub starts. Most hook calls concern nobody, or are answered quickly: then nothing else is imported.

``python -I -S -X utf8 -c '...; from hookkit.start import main; main()' HOOK STUB [ARGUMENT...]``: ``STUB`` is the path of
the stub, as git called it, or ``-``. (``-m`` would import as much again as this module and its helper do.)
"""

import gc
import os
import sys

from hookkit import shortcut
from hookkit.kept import kept, restored


def main() -> None:
    """Run one hook and exit with the status that git shall see."""
    # What is imported stays: to look for garbage among it, again and again, is a tenth of a start.
    gc.disable()
    try:
        status = run()
    except KeyboardInterrupt:
        status = 130
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # nobody listens any more
    # What Python would tidy up now goes with the process, at a tenth of what all of this has cost.
    os._exit(status)


def run() -> int:
    """Run one hook; the exit status that git shall see."""
    hook, stub = sys.argv[1:3]
    asked = os.environ.pop("HOOKKIT_QUIET", None)
    # Looked for once more: it may have been put back, and kept again, between the first two looks.
    before = kept(stub, hook) or restored(stub) or kept(stub, hook)
    call = None
    # proc-receive is a conversation: git waits for an answer, also from nobody.
    if hook != "proc-receive" and not before and "HOOKKIT_TRACE" not in os.environ:
        call = _call(hook)
        if call and _settled(call):
            if asked and call.nobody:
                _note(call)
            return 0
    from hookkit import lean

    # Nearly all that comes now imports it.
    lean.load("pathlib")
    from hookkit import runner

    return runner.main(sys.argv[1:], before, call)


# Whatever is wrong in these, the long way says it in words.


def _call(hook: str) -> shortcut.Call | None:
    try:
        return shortcut.Call(hook, os.environ.get("GIT_DIR", ".git"))
    except Exception:
        return None


def _settled(call: shortcut.Call) -> bool:
    try:
        return shortcut.settled(call)
    except Exception:
        return False


def _note(call: shortcut.Call) -> None:
    from hookkit import quiet

    try:
        quiet.note(call, shortcut.on(call) or [])
    except Exception:
        return  # then the stub asks again
