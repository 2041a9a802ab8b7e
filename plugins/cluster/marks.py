"""What a push is about to change, written down before it does: should its post-receive never run, the next one knows."""

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from hookkit.api import HookkitError, RefUpdate, Repository, is_zero
from hookkit_plugins.cluster.quick import COMING, FOLDER, write_down

# After so long a push that has not moved all its refs never will, in seconds.
_FORGOTTEN = 3600


class Mark(NamedTuple):
    """One push: what it is to change, and who pushed."""

    path: Path
    updates: tuple[RefUpdate, ...]
    pusher: str | None


def leave(repo: Repository, updates: Sequence[RefUpdate], pusher: str | None) -> None:
    """Write down what a push is about to change.

    :raises HookkitError: that cannot be written.
    """
    path = repo.plugin_dir("cluster") / FOLDER
    try:
        path.mkdir(exist_ok=True)
        write_down(str(path), updates, pusher)
    except OSError as error:
        raise HookkitError(
            f"the push cannot be written down in {path}", cause=error.strerror, hint=f"hookkit doctor; ls -ld {path}"
        ) from None


def there(repo: Repository, folder: str = FOLDER) -> Iterator[Mark]:
    """The pushes that are, or were, under way."""
    path = repo.state_dir / "cluster" / folder
    with contextlib.suppress(OSError):
        for name in sorted(os.listdir(path)):  # noqa: PTH208 - every push comes by here
            if not name.startswith(".") and (mark := read(path / name)):
                yield mark


def read(path: Path) -> Mark | None:
    """The push that is written down in the file ``path``; one that cannot be read is removed."""
    try:
        data = json.loads(path.read_bytes())
        return Mark(path, tuple(RefUpdate(*each) for each in data["updates"]), data["pusher"])
    except (OSError, ValueError, TypeError, KeyError):
        with contextlib.suppress(OSError):
            path.unlink()
        return None


def remove(repo: Repository, updates: Sequence[RefUpdate]) -> None:
    """Forget the push that made exactly ``updates``."""
    for mark in there(repo):
        if {*mark.updates} == {*updates}:
            with contextlib.suppress(OSError):
                mark.path.unlink()
            return


def begin(repo: Repository, updates: Sequence[RefUpdate]) -> None:
    """Post-receive of the push that made ``updates`` has begun: nobody has to call it, whatever becomes of it."""
    waiting = [*there(repo, COMING)]
    # It is told of those only that were carried out.
    ours = next((mark for mark in waiting if {*updates} <= {*mark.updates}), None)
    for mark in waiting:
        # One that is to change just the same was sent twice, and is refused. For old ones nobody waits any more, as
        # everything was ended with the machine.
        if (ours and mark.updates == ours.updates) or _is_old(mark):
            with contextlib.suppress(OSError):
                mark.path.unlink()


def _is_old(mark: Mark) -> bool:
    try:
        return time.time() - mark.path.stat().st_mtime > _FORGOTTEN
    except OSError:
        return False  # another push has removed it


def remove_done(marks: Sequence[Mark], actual: Mapping[str, str]) -> None:
    """Forget the pushes whose refs are where they were to go, and those that are too old to go on.

    :param actual: what their refs are.
    """
    for mark in marks:
        done = all(actual.get(each.ref) == (None if is_zero(each.new) else each.new) for each in mark.updates)
        if done or _is_old(mark):
            with contextlib.suppress(OSError):
                mark.path.unlink()
