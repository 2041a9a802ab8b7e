"""Every repository below a folder, for ``--all DIR``."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from hookkit.errors import HookkitError
from hookkit.state import bug

T = TypeVar("T")
_PARTS = ("HEAD", "objects", "refs")  # gitrepository-layout(5)


def attempted(action: Callable[[Path], T], path: Path) -> T | HookkitError:
    """What ``action`` makes of the repository ``path``, or why it makes nothing: no other one has to do with that.

    An error that nobody expected is one, too, with a report.
    """
    try:
        return action(path)
    except HookkitError as error:
        return error
    except Exception as error:  # a bug that one repository brings to light
        return bug(error, f"in {path}")


def repositories(folder: Path, unreadable: Callable[[OSError], None]) -> Iterator[Path]:
    """The repositories in ``folder`` and its sub-folders (or ``folder`` itself), sorted: bare ones, and work trees.

    Symbolic links are not followed, and repositories are not searched for others.

    :param unreadable: is told of each folder that cannot be searched.
    """
    for path, folders, _ in os.walk(folder, onerror=unreadable):
        here = Path(path)
        if is_repository(here):
            folders.clear()
            yield here
        folders.sort()


def is_repository(folder: Path) -> bool:
    """Whether git would take ``folder`` for a repository, or for the top of a work tree."""
    return is_git_dir(folder) or is_git_dir(folder / ".git") or (folder / ".git").is_file()


def is_git_dir(folder: Path) -> bool:
    """Whether ``folder`` has the parts of a git directory."""
    return all(os.path.lexists(folder / part) for part in _PARTS)
