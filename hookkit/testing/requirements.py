"""What this machine has of what real servers need, and what happens if it has not."""

import os
import shutil
from collections.abc import Callable
from functools import cache

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
REQUIRE_REAL = "HOOKKIT_REQUIRE_REAL"


@cache
def missing(what: str) -> str | None:
    """Why ``what`` (one of :data:`CHECKS`) cannot be had here, None if it can."""
    return CHECKS[what]()


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


CHECKS: dict[str, Callable[[], str | None]] = {"sshd": _sshd}
"""What can be asked for; a test suite may add more."""
