"""What a hook stub starts. Most hook calls concern nobody: then nothing else is imported.

``python -I -X utf8 -c 'from hookkit.start import main; main()' HOOK STUB [ARGUMENT...]``: ``STUB`` is the path of the stub,
as git called it, or ``-``. (``-m`` would import as much again as this module and its helper do.)
"""

import os
import sys

from hookkit import shortcut
from hookkit.kept import kept, restored


def main() -> None:
    """Run one hook and exit with the status that git shall see."""
    try:
        hook, stub = sys.argv[1:3]
        # proc-receive is a conversation: git waits for an answer, also from nobody.
        before = kept(stub, hook) or restored(stub)
        if hook == "proc-receive" or before or "HOOKKIT_TRACE" in os.environ or not _nobody(hook):
            from hookkit import runner

            sys.exit(runner.main(sys.argv[1:], before))
    except KeyboardInterrupt:
        sys.exit(130)


def _nobody(hook: str) -> bool:
    try:
        return shortcut.nobody(os.environ.get("GIT_DIR", ".git"), hook)
    except Exception:
        return False  # whatever is wrong, the long way says it in words
