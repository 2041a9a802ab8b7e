"""When ``hookkit mirror sync --all DIR`` ran last by itself: so that somebody notices when its timer has died."""

import contextlib
import json
import os
import sys
import time
from pathlib import Path

from hookkit_plugins.mirror.waiting import folder


def stamp(place: Path) -> None:
    """Remember that it ran over ``place`` just now, unless somebody typed it; never a reason to fail."""
    if sys.stdin is not None and sys.stdin.isatty():
        return
    with contextlib.suppress(OSError):
        path = _path()
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        temporary.write_text(json.dumps({**_read(path), str(place.resolve()): time.time()}), encoding="utf-8")
        temporary.replace(path)


def last(repository: Path) -> float | None:
    """When it last ran over a folder that ``repository`` is in, seconds since the epoch; None: never."""
    above = {str(each) for each in (repository, *repository.parents)}
    with contextlib.suppress(OSError):
        return max((at for place, at in _read(_path()).items() if place in above), default=None)
    return None


def _path() -> Path:
    return folder() / "synced.json"


def _read(path: Path) -> dict[str, float]:
    try:
        data = json.loads(path.read_bytes())
        return {str(place): float(at) for place, at in data.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
