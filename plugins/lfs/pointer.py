"""What git keeps in the place of a large file. Pure.

https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
"""

import re

LONGEST = 1024
"""A pointer is shorter than this, in bytes."""

_VERSIONS = (b"version https://git-lfs.github.com/spec/v1\n", b"version https://hawser.github.com/spec/v1\n")
_OID = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)
_SIZE = re.compile(rb"^size (\d+)$", re.MULTILINE)


def large_file(blob: bytes) -> str | None:
    """The SHA-256 of the large file that ``blob`` stands for, in hexadecimal; None: it is a file like any other."""
    if len(blob) >= LONGEST or not blob.startswith(_VERSIONS):
        return None
    oid, size = _OID.search(blob), _SIZE.search(blob)
    # Nothing is kept for an empty file.
    return oid[1].decode() if oid and size and int(size[1]) else None
