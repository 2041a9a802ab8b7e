"""What a folder holds, to the last byte, so that two moments can be compared."""

import os
import stat
from pathlib import Path
from typing import NamedTuple


class File(NamedTuple):
    """Everything about one file that somebody could miss: kind and permissions, owner, content or target."""

    mode: str
    owner: tuple[int, int]
    content: bytes


Tree = dict[str, File]


def snapshot(root: Path) -> Tree:
    """Everything below ``root``, and ``root`` itself, by relative path; symbolic links are not followed."""
    found: Tree = {}
    pending = [root]
    while pending:
        path = pending.pop()
        status = path.lstat()
        content = b""
        if stat.S_ISLNK(status.st_mode):
            content = os.fsencode(path.readlink())
        elif stat.S_ISREG(status.st_mode):
            content = path.read_bytes()
        elif stat.S_ISDIR(status.st_mode):
            pending += path.iterdir()
        mode = stat.filemode(status.st_mode)
        found[str(path.relative_to(root))] = File(mode, (status.st_uid, status.st_gid), content)
    return found


def differences(before: Tree, after: Tree) -> dict[str, tuple[File | None, File | None]]:
    """What is not the same, by path: empty if nobody could tell the two moments apart."""
    paths = sorted(before.keys() | after.keys())
    return {path: (before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path)}
