"""Whether what is written down about remotes can be read."""

import sqlite3
from collections.abc import Iterator

from hookkit.api import Check, HookkitError
from hookkit_plugins.mirror.doctor.subject import Subject
from hookkit_plugins.mirror.outbox_file import open_outbox, outbox_path
from hookkit_plugins.mirror.store import Outbox


def checks(subject: Subject) -> Iterator[Check]:
    """Every page of the file is looked at."""
    path = outbox_path(subject.repo)
    if not path.exists():
        return
    sync = "hookkit mirror sync"

    def start_anew() -> None:
        said: list[str] = []
        outbox = open_outbox(subject.repo, said.append, Outbox.check)
        outbox.close()
        if not outbox.is_on_disk:
            raise HookkitError(said[-1])

    try:
        outbox = Outbox(path)
        try:
            outbox.check()
        finally:
            outbox.close()
    except sqlite3.OperationalError as error:
        cause = f"{path} cannot be used ({error}): what is owed to remotes is not known"
        yield Check("outbox", "problem", cause, f"ls -l {path}; then: {sync}")
    except sqlite3.Error as error:
        cause = f"{path} is damaged ({error}): what is owed to remotes is not known until all is compared again"
        yield Check("outbox", "problem", cause, sync, start_anew)
    else:
        yield Check("outbox", "ok", "readable")
