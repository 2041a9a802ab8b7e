"""What tests leave behind outside of labs: processes, and what they made in the temporary directory.

Each worker of pytest-xdist has its own: that of the others, and of other runs on this machine, is not looked at.
"""

import os
import re
import shutil
import signal
import time
from pathlib import Path

from support import leaks

PATIENCE = 10.0
"""Seconds in which a process may end by itself: a background worker does when nothing is left to do."""
# pytest puts it into its own environment, which all have that a test starts without a lab.
_TEST = re.compile(rb"(?:\A|\0)PYTEST_CURRENT_TEST=([^\0]+) \(")


def found(run: Path, temporary: Path, patience: float) -> list[str]:
    """What is still there, one line each, for people; it is gone afterwards.

    :param run: the folder that everything of this run is in, the home of its account and the folders of its tests
        among it: a process that has it in its environment, or works in it, is one of this run.
    :param temporary: the run's temporary directory.
    :param patience: how long processes may take to end by themselves.
    """
    processes = _that_stay(f"{run}/", patience)
    said = [f"process {pid} of {_test(pid)}: {leaks.command(pid)}" for pid in processes]
    leaks.signal_all(processes, signal.SIGKILL)
    for path in sorted(temporary.iterdir()):
        said.append(f"in the temporary directory: {path.name}")
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    return said


def _that_stay(mark: str, patience: float) -> list[int]:
    deadline = time.monotonic() + patience
    while (pids := sorted({*leaks.processes(mark)} - _ancestors())) and time.monotonic() < deadline:
        time.sleep(0.05)
    return pids


def _ancestors() -> set[int]:
    """Who started the tests: a folder that was given to pytest stands in their command lines."""
    found, pid = {os.getpid()}, os.getppid()
    while pid:
        found.add(pid)
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:  # it has just ended
            break
    return found


def _test(pid: int) -> str:
    try:
        said = _TEST.search(Path(f"/proc/{pid}/environ").read_bytes())
    except OSError:
        said = None
    return said[1].decode(errors="replace") if said else "nobody knows which test"
