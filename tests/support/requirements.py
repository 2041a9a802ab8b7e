"""What this machine has of what real servers need, and what happens if it has not."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import cache

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
REQUIRE_REAL = "HOOKKIT_REQUIRE_REAL"


@cache
def missing(what: str) -> str | None:
    """Why ``what`` (``sshd``, ``gitolite``, ``git-lfs``, ``firewall``, ``mount``) cannot be had here, None if it can."""
    return _CHECKS[what]()


def require(*needs: str) -> None:
    """Skip the test that needs what this machine has not; with HOOKKIT_REQUIRE_REAL=1 it fails instead."""
    import pytest

    for what in needs:
        reason = missing(what)
        if reason and os.environ.get(REQUIRE_REAL) == "1":
            pytest.fail(f"{REQUIRE_REAL}=1, but {reason}", pytrace=False)
        if reason:
            pytest.skip(reason)


def program(name: str) -> str | None:
    """The absolute path of a system program; servers live in folders that are not on everybody's path."""
    return shutil.which(name, path=SYSTEM_PATH)


def _sshd() -> str | None:
    return None if program("sshd") and program("ssh") else "sshd is not installed (Debian: openssh-server)"


def _gitolite() -> str | None:
    return _sshd() or (None if program("gitolite") else "gitolite is not installed (Debian: gitolite3)")


def _lfs() -> str | None:
    return None if program("git-lfs") else "git-lfs is not installed (Debian: git-lfs)"


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


_CHECKS: dict[str, Callable[[], str | None]] = {
    "sshd": _sshd,
    "gitolite": _gitolite,
    "git-lfs": _lfs,
    "firewall": _firewall,
    "mount": _mount,
}
