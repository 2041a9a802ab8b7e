"""The same for every repository below a folder: several at a time, one that fails does not stop the others."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from hookkit.api import HookkitError, Repository, attempted, repositories
from hookkit_plugins.mirror import settings

T = TypeVar("T")
# Each has several remotes, and ssh's servers take ten sessions over one connection.
_AT_ONCE = 6


def each_below(
    folder: Path, action: Callable[[Repository], T], unreadable: Callable[[OSError], None]
) -> Iterator[tuple[Path, T | HookkitError]]:
    """What ``action`` makes of every repository where hookkit is installed and mirrors, or why it makes nothing.

    :param action: is called in several threads.
    :param unreadable: is told which folders cannot be looked into.
    """

    def one(path: Path) -> tuple[T] | None:
        repo = Repository.discover(path)
        return (action(repo),) if repo.state_dir.is_dir() and settings.is_on(repo) else None

    paths = list(repositories(folder, unreadable))
    with ThreadPoolExecutor(_AT_ONCE) as pool, _progress(len(paths)) as step:
        for path, outcome in zip(paths, pool.map(partial(attempted, one), paths), strict=True):
            step()
            if isinstance(outcome, HookkitError):
                yield path, outcome
            elif outcome is not None:
                yield path, outcome[0]


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("repositories", total=total)
        yield lambda: bar.advance(task)
