"""The hook stub: its text, and how one is recognised. Pure, apart from reading the template."""

import hashlib
import os
import re
import shlex
import sys
from pathlib import Path

import hookkit_templates
from hookkit import quiet
from hookkit.catalogue import Hook
from hookkit.kept import KEPT_PREFIX
from hookkit.shortcut import site_dirs

# Without its interpreter a stub cannot ask any plugin: a hook that can refuse then refuses, as when a plugin fails.
_REFUSE = "    exit 1"
# The others let what was there before have its turn.
_GO_ON = (
    f'    kept="${{0%/*}}/{KEPT_PREFIX}@HOOK@"\n    test -f "$kept" && test -x "$kept" && exec "$kept" "$@"\n    exit 0'
)

_DIGEST = re.compile(rb"\(([0-9a-f]{64})\)")
_PYTHON = re.compile(rb"^python=(.*)$", re.MULTILINE)


def text(hook: Hook, python: str) -> bytes:
    """The stub of ``hook`` that starts the interpreter ``python``."""
    template = Path(hookkit_templates.__file__).with_name("hook.sh").read_text(encoding="ascii")
    script = template.replace("@GONE@\n", (_REFUSE if hook.refuses else _GO_ON) + "\n").replace("@HOOK@", hook.name)
    script = script.replace("@KEPT@", KEPT_PREFIX).replace("@STAT@", quiet.FORMAT)
    script = script.replace("@PACKAGES@", shlex.quote(_packages(python)))
    unsigned = os.fsencode(script.replace("@PYTHON@", shlex.quote(python)))
    return unsigned.replace(b"@DIGEST@", _digest(unsigned))


def _packages(python: str) -> str:
    """Where ``python`` finds packages, separated by colons; empty if that is its own to find out."""
    folders = site_dirs() if python == sys.executable else []
    return "" if any(":" in folder or "\n" in folder for folder in folders) else ":".join(folders)


def is_ours(data: bytes) -> bool:
    """Whether hookkit (any version) wrote exactly this: the stub carries a digest of itself."""
    signed = _DIGEST.search(data)
    return signed is not None and _digest(data.replace(signed[1], b"@DIGEST@", 1)) == signed[1]


def interpreter(data: bytes) -> str:
    """The interpreter that a stub of ours starts; empty if it says none."""
    line = _PYTHON.search(data)
    words = shlex.split(os.fsdecode(line[1])) if line else []
    return words[0] if words else ""


def command(hook: Hook, python: str) -> str:
    """The same as a command line for git's own ``hook.<name>.command``: there is no stub, and nothing kept beside it."""
    return f"{shlex.quote(python)} -I -X utf8 -c 'from hookkit.start import main; main()' {hook.name} -"


def _digest(unsigned: bytes) -> bytes:
    return hashlib.sha256(unsigned).hexdigest().encode()
