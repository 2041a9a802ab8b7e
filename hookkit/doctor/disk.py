"""Whether there is room for the next pushes."""

import contextlib
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from hookkit.repository import Repository
from hookkit.state import state_path
from hookkit.values import Check

_MIB = 1 << 20
_NOTHING = 16 * _MIB
_LITTLE = 200 * _MIB
# Of a large disk a small part is still a lot.
_LITTLE_SHARE = 0.03
_PLENTY = 10_000 * _MIB
_FEW_FILES = 100


def checks(repo: Repository) -> Iterator[Check]:
    """Bytes and files that are free on the repository's disk, and on that of the account's folder if it is another one."""
    yield _room("disk", repo.common_dir, "pushes are about to fail")
    # One that cannot be made is what another check is about.
    with contextlib.suppress(OSError, RuntimeError):
        own = state_path()
        if own.stat().st_dev != repo.common_dir.stat().st_dev:
            yield _room("the account's disk", own, "what is about this account cannot be written down any more")


def _room(name: str, folder: Path, otherwise: str) -> Check:
    disk = os.statvfs(folder)
    free, size = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    said = f"{free // _MIB} MiB of {size // _MIB} MiB are free"
    hint = f"df {shlex.quote(str(folder))}"
    if disk.f_files and disk.f_favail < _FEW_FILES:
        return Check(name, "problem", f"only {disk.f_favail} more files fit on it: {otherwise}", hint + " -i")
    if free < _NOTHING:
        return Check(name, "problem", f"only {said}: {otherwise}", hint)
    if free < _LITTLE or (free < size * _LITTLE_SHARE and free < _PLENTY):
        return Check(name, "warning", f"only {said}", hint)
    return Check(name, "ok", said)
