"""What this machine has of what real servers need, and what happens if it has not: more of :mod:`hookkit.testing`'s."""

import os
import subprocess
import tempfile
from collections.abc import Callable

from hookkit.testing.requirements import CHECKS, REQUIRE_REAL, SYSTEM_PATH, missing, program, require

__all__ = ["REQUIRE_REAL", "SYSTEM_PATH", "missing", "program", "require"]


def _gitolite() -> str | None:
    return missing("sshd") or (None if program("gitolite") else "gitolite is not installed (Debian: gitolite3)")


def _lfs() -> str | None:
    return None if program("git-lfs") else "git-lfs is not installed (Debian: git-lfs)"


def _shell(name: str) -> Callable[[], str | None]:
    return lambda: None if program(name) else f"{name} is not installed (Debian: {name})"


def _firewall() -> str | None:
    return _as_root("iptables", "-w", "-S", "INPUT")


def _mount() -> str | None:
    with tempfile.TemporaryDirectory() as folder:
        reason = _as_root("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder)
        if reason is None:
            subprocess.run(("umount", folder), check=True)
    return reason


def _as_root(*argv: str) -> str | None:
    if os.geteuid() != 0:
        return f"{argv[0]} needs root"
    found = program(argv[0])
    if found is None:
        return f"{argv[0]} is not installed"
    done = subprocess.run((found, *argv[1:]), capture_output=True, text=True, check=False)
    return f"{argv[0]} does not work here: {done.stderr.strip()}" if done.returncode else None


CHECKS["gitolite"] = _gitolite
CHECKS["firewall"] = _firewall
CHECKS["mount"] = _mount
CHECKS["git-lfs"] = _lfs
CHECKS.update({name: _shell(name) for name in ("bash", "zsh", "fish")})
