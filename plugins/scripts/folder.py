"""The folder: which scripts are in it, which of them run, and which look as if they should."""

import os
from pathlib import Path
from typing import NamedTuple

from hookkit.api import HOOKS, Repository, nearest, options

FOLDER = options.path(
    "folder", "hooks.d", "Where the scripts are: in a folder for each hook, such as hooks.d/pre-receive."
)

_LEFTOVERS = ("~", ".bak", ".sample")


class Script(NamedTuple):
    """A file in the folder.

    :param hook: the name of the folder that it is in.
    :param problem: why it does not run; None if it does.
    """

    hook: str
    path: Path
    problem: str | None = None

    @property
    def name(self) -> str:
        """What people call it: ``pre-receive/10-check``."""
        return f"{self.hook}/{self.path.name}"


def of_hook(repo: Repository, hook: str) -> list[Script]:
    """The scripts for one hook, in the order in which they run, with those that only look like scripts."""
    scripts = (Script(hook, path, _problem(path)) for path in _listed(_base(repo) / hook) if not path.is_dir())
    return [
        script
        for script in scripts
        if not script.path.name.endswith(_LEFTOVERS) and (script.problem is None or _looks_like_one(script.path))
    ]


def folders(repo: Repository) -> list[str]:
    """The names of the folders for hooks, also of those that are named like no hook."""
    return [path.name for path in _listed(_base(repo)) if path.is_dir()]


def _base(repo: Repository) -> Path:
    return repo.locate(repo.settings("scripts").get(FOLDER))


def _listed(folder: Path) -> list[Path]:
    # A folder that is there but cannot be read is an error: checks must not be skipped for that.
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _problem(path: Path) -> str | None:
    hook = path.parent.name
    if hook not in HOOKS:
        meant = nearest(hook, list(HOOKS))
        return f"there is no hook {hook}" + (f" (did you mean {meant}?)" if meant else "")
    if not path.exists():
        return "a link to nothing"
    return None if os.access(path, os.X_OK) else "not executable"


def _looks_like_one(path: Path) -> bool:
    """Whether somebody might expect it to run; notes and data may lie beside the scripts."""
    try:
        with path.open("rb") as file:
            return file.read(2) == b"#!" or os.access(path, os.X_OK)
    except OSError:
        return True
