"""A database that is damaged: put aside, so that another one can begin."""

import contextlib
import time
from pathlib import Path


def put_aside(path: Path) -> Path:
    """Give the SQLite database at ``path`` another name, and what belongs to it.

    :returns: the new name: ``outbox.damaged-20260131-235959.sqlite`` for ``outbox.sqlite``.
    :raises OSError: that is not possible.
    """
    aside = path.with_name(f"{path.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S')}{path.suffix}")
    # The log first: it must never be taken for that of the new one.
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(aside.with_name(aside.name + suffix))
    path.replace(aside)
    return aside
