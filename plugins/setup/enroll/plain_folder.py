"""A folder that is not in git: written in place, tried, and put back if what is there then does not work."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from hookkit.api import HookkitError, run_program, shown
from hookkit_plugins.setup.enroll.admin_clone import replace
from hookkit_plugins.setup.enroll.plan import Request

# "I want nothing": the end of a conversation with git-upload-pack; gitprotocol-pack(5).
_FLUSH = b"0000"


def write(folder: Path, before: Mapping[str, str], after: Mapping[str, str], requests: Sequence[Request]) -> None:
    """Write the texts ``after``, and try what they are for.

    :param before: what they were, those that were there.
    :raises HookkitError: they do not work; they are again as they were.
    """
    _put(folder, dict(after))
    for request in requests:
        done = run_program(request.argv, env={**os.environ, **request.environ}, stdin=_FLUSH)
        if done.status:
            _put(folder, {path: before.get(path) for path in after})
            cause = f"{request.environ.get('SSH_ORIGINAL_COMMAND') or request.argv[0]}: {shown(done.stderr).strip()}"
            raise HookkitError(f"what was written to {folder} does not work, it is again as it was", cause=cause)


def _put(folder: Path, texts: Mapping[str, str | None]) -> None:
    try:
        for path, text in texts.items():
            place = folder / path
            if text is None:
                place.unlink(missing_ok=True)
                continue
            if not place.exists():
                # What lets people in is nobody else's to read.
                os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o600))
            replace(place, text, place.resolve().parent)
    except OSError as error:
        raise HookkitError(f"{folder} cannot be written to", cause=str(error)) from None
