"""Which kind of file system a path is on; proc(5), ``/proc/PID/mountinfo``."""

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")

NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "lustre"}
)
"""File systems that several machines may have mounted."""


def kind(path: Path) -> str:
    """The kind of the file system that ``path`` is on; empty if that cannot be told."""
    try:
        return kind_among(os.path.realpath(path), MOUNTS.read_text())
    except OSError:
        return ""


def kind_among(path: str, mounts: str) -> str:
    """The same, among ``mounts``. Pure."""
    found = ("", "")
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        place, words = _unescaped(before.split()[4]), after.split()
        inside = path == place or path.startswith(place.rstrip("/") + "/")
        # The last one at a place covers those before it.
        if inside and words and len(place) >= len(found[0]):
            found = (place, words[0])
    return found[1]


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), text)
