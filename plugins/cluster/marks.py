"""What a push is about to change, written down before it does: should its post-receive never run, the next one knows."""

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from hookkit.api import RefUpdate, Repository, is_zero
from hookkit_plugins.cluster.quick import FOLDER, write_down

# After so long a push that has not moved all its refs never will, in seconds.
_FORGOTTEN = 3600


class Mark(NamedTuple):
    """One push: what it is to change, and who pushed."""

    path: Path
    updates: tuple[RefUpdate, ...]
    pusher: str | None


def leave(repo: Repository, updates: Sequence[RefUpdate], pusher: str | None) -> None:
    """Write down what a push is about to change.

    :raises OSError: that cannot be written.
    """
    folder = repo.plugin_dir("cluster") / FOLDER
    folder.mkdir(exist_ok=True)
    write_down(str(folder), updates, pusher)


def there(repo: Repository) -> Iterator[Mark]:
    """The pushes that are, or were, under way."""
    folder = repo.state_dir / "cluster" / FOLDER
    with contextlib.suppress(FileNotFoundError):
        for name in sorted(os.listdir(folder)):  # noqa: PTH208 - every push comes by here
            if not name.startswith("."):
                try:
                    data = json.loads((folder / name).read_bytes())
                    yield Mark(folder / name, tuple(RefUpdate(*each) for each in data["updates"]), data["pusher"])
                except (OSError, ValueError, TypeError, KeyError):
                    with contextlib.suppress(OSError):
                        (folder / name).unlink()


def remove(repo: Repository, updates: Sequence[RefUpdate]) -> None:
    """Forget the push that made exactly ``updates``."""
    for mark in there(repo):
        if {*mark.updates} == {*updates}:
            with contextlib.suppress(OSError):
                mark.path.unlink()
            return


def remove_done(marks: Sequence[Mark], actual: Mapping[str, str]) -> None:
    """Forget the pushes whose refs are where they were to go, and those that are too old to go on.

    :param actual: what their refs are.
    """
    for mark in marks:
        done = all(actual.get(each.ref) == (None if is_zero(each.new) else each.new) for each in mark.updates)
        try:
            if done or time.time() - mark.path.stat().st_mtime > _FORGOTTEN:
                mark.path.unlink()
        except OSError:
            pass  # another push has
