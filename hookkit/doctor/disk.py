"""Whether there is room for the next pushes."""

import os
import shlex
from collections.abc import Iterator

from hookkit.repository import Repository
from hookkit.values import Check

_MIB = 1 << 20
_NOTHING = 16 * _MIB
_LITTLE = 200 * _MIB
# Of a large disk a small part is still a lot.
_LITTLE_SHARE = 0.03
_PLENTY = 10_000 * _MIB
_FEW_FILES = 100


def checks(repo: Repository) -> Iterator[Check]:
    """Bytes and files that are free on the repository's disk."""
    disk = os.statvfs(repo.common_dir)
    free, size = disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize
    said = f"{free // _MIB} MiB of {size // _MIB} MiB are free"
    hint = f"df {shlex.quote(str(repo.common_dir))}"
    if disk.f_files and disk.f_favail < _FEW_FILES:
        yield Check(
            "disk", "problem", f"only {disk.f_favail} more files fit on it: pushes are about to fail", hint + " -i"
        )
    elif free < _NOTHING:
        yield Check("disk", "problem", f"only {said}: pushes are about to fail", hint)
    elif free < _LITTLE or (free < size * _LITTLE_SHARE and free < _PLENTY):
        yield Check("disk", "warning", f"only {said}", hint)
    else:
        yield Check("disk", "ok", said)
