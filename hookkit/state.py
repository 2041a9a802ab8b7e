"""The account's own folder for what hookkit keeps outside repositories, and the reports about bugs in it."""

import os
import time
from pathlib import Path

import hookkit
from hookkit.environment import account_folder
from hookkit.errors import BugError
from hookkit.text import redact

_REPORTS_KEPT = 20


def state_path() -> Path:
    """``$XDG_STATE_HOME/hookkit``, usually ``~/.local/state/hookkit``, which need not be there."""
    return Path(account_folder())


def state_dir() -> Path:
    """:func:`state_path`, made on demand, for this account only."""
    folder = state_path()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def account_dir(plugin: str) -> Path:
    """A folder below :func:`state_dir` for one plugin; made on demand, and for this account only."""
    folder = state_dir() / plugin
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def write_report(error: BaseException, doing: str) -> Path | None:
    """Write what a developer needs to know about an unexpected ``error``; None if that is impossible too."""
    import platform
    import sys
    import tempfile
    import traceback

    text = "\n".join(
        (
            f"hookkit {hookkit.__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')}  {doing}",
            f"arguments: {sys.argv}",
            f"directory: {_here()}",
            "",
            *traceback.format_exception(error),
        )
    )
    now = time.strftime("%Y%m%d-%H%M%S-")
    places = ((_reports_dir, now), (lambda: Path(tempfile.gettempdir()), f"hookkit-report-{now}"))
    for folder, prefix in places:
        try:
            descriptor, path = tempfile.mkstemp(".txt", prefix, folder())
            with os.fdopen(descriptor, "w", errors="replace") as file:
                file.write(redact(text))
        except (OSError, RuntimeError):
            continue
        return Path(path)
    return None


def bug(error: BaseException, doing: str) -> BugError:
    """What people are told about an unexpected ``error``, whose details go to a report."""
    report = write_report(error, doing)
    hint = f"the details are in {report}" if report else "no report could be written: look for a full or read-only disk"
    return BugError("hookkit has a bug, sorry", cause=f"{type(error).__name__}: {error}", hint=hint)


def _reports_dir() -> Path:
    folder = state_dir() / "reports"
    folder.mkdir(mode=0o700, exist_ok=True)
    for old in sorted(folder.glob("*.txt"))[: -_REPORTS_KEPT + 1]:
        old.unlink(missing_ok=True)
    return folder


def _here() -> str:
    try:
        return os.getcwd()  # noqa: PTH109
    except OSError as error:
        return str(error)
