"""Names of refs in entries and checkpoints. Pure.

What is not UTF-8 in the message of a commit, git takes for Latin-1 and rewrites: a name that has such bytes is written in
percent-encoding, after a colon, with which no name begins. Every other name is written as it is.
"""

import os
import re

_MARK = ":"


def quoted(name: str) -> str:
    """How ``name`` is written: ``:refs/heads/caf%E9``."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return _MARK + "".join(_byte(char) if char == "%" or "\udc80" <= char <= "\udcff" else char for char in name)
    return name


def unquoted(text: str) -> str:
    """The name that is written ``text``.

    :raises ValueError: no name is written so.
    """
    if not text.startswith(_MARK):
        return text
    said = re.sub(rb"%([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), os.fsencode(text[len(_MARK) :]))
    name = os.fsdecode(said)
    # A name is written in one way only.
    if quoted(name) != text:
        raise ValueError("ref")
    return name


def _byte(char: str) -> str:
    return f"%{os.fsencode(char)[0]:02X}"
