"""Which git is at work in a repository at this moment, as far as this account may see; proc(5)."""

import contextlib
import os
from pathlib import Path

from hookkit.repository import Repository


def at_work(repo: Repository, path: Path) -> str:
    """A process that has ``path`` open, or a git that works in ``repo``; empty if there is none."""
    places = {os.path.realpath(place) for place in (repo.common_dir, repo.path)}
    for process in Path("/proc").glob("[0-9]*"):
        # Processes end while one looks, and those of others are not ours to look at.
        with contextlib.suppress(OSError):
            name = (process / "comm").read_text().strip()
            here = os.path.realpath(process / "cwd")
            if name.startswith("git") and any(here == place or here.startswith(f"{place}/") for place in places):
                return f"{name} (process {process.name})"
            if any(os.path.realpath(each) == os.path.realpath(path) for each in (process / "fd").iterdir()):
                return f"{name} (process {process.name})"
    return ""
