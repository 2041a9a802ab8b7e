"""Finds, and removes, what belongs to a lab: processes, mounts, firewall rules. The lab's folder is the mark on each."""

import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from hookkit.testing.requirements import program

PLACE = Path(tempfile.gettempdir())
"""Where labs are. Found once: tests may have a temporary directory of their own, and that of a lab has to have a short path,
for there are sockets in it."""
PREFIX = "hookkit-lab-"
LOCK = "lock"


def processes(mark: str) -> list[int]:
    """The processes that carry ``mark`` in command line, environment, current directory or an open file, and theirs.

    Detached ones too: they left their parent, but not their environment. Who has a lab's lock open, and nothing else of
    it, only looks whether it is an orphan.
    """
    marked = {pid for pid in _pids() if pid != os.getpid() and _is_marked(pid, mark)}
    return sorted(marked | {below for pid in marked for below in descendants(pid)})


def descendants(pid: int) -> list[int]:
    """The children of ``pid``, theirs, and so on, as of now."""
    children: dict[int, list[int]] = {}
    for each in _pids():
        try:
            # The second field, the command's name in parentheses, may contain anything.
            state, parent = Path(f"/proc/{each}/stat").read_text(errors="replace").rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state != "Z":
            children.setdefault(int(parent), []).append(each)
    found = list(children.get(pid, ()))
    for each in found:
        found += children.get(each, ())
    return found


def signal_all(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to each of ``pids`` that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def mounts(mark: str) -> list[str]:
    """The mount points with ``mark`` in their path, the deepest first."""
    fields = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    return sorted((field[1] for field in fields if mark in field[1]), reverse=True)


def rules(mark: str) -> list[str]:
    """The firewall rules with ``mark`` in their comment, as ``iptables -S`` shows them."""
    iptables = program("iptables")
    if iptables is None or os.geteuid() != 0:
        return []
    listed = subprocess.run((iptables, "-w", "-S", "INPUT"), capture_output=True, text=True, check=False)
    return [line for line in listed.stdout.splitlines() if mark in line]


def left(mark: str) -> list[str]:
    """What is still there, one line each, for people."""
    return [
        *(f"process {pid}: {command(pid)}" for pid in processes(mark)),
        *(f"mount {point}" for point in mounts(mark)),
        *(f"firewall rule {rule}" for rule in rules(mark)),
        *(f"folder {path}" for path in PLACE.glob(f"{mark}*")),
    ]


def end(mark: str) -> None:
    """Kill every process that carries ``mark``, those too that start meanwhile."""
    deadline = time.monotonic() + 10
    while (pids := processes(mark)) and time.monotonic() < deadline:
        signal_all(pids, signal.SIGKILL)
        time.sleep(0.01)


def remove(root: Path) -> None:
    """End and remove everything that belongs to the lab in ``root``, and ``root``."""
    mark = root.name
    end(mark)
    for rule in rules(mark):
        subprocess.run((program("iptables") or "iptables", "-w", *shlex.split(rule.replace("-A", "-D", 1))), check=True)
    for point in mounts(mark):
        subprocess.run(("umount", point), check=True)
    shutil.rmtree(root)


def remove_orphans() -> None:
    """Remove the labs of processes that were killed before they could tidy up: nobody holds their lock any more."""
    for root in PLACE.glob(f"{PREFIX}*"):
        try:
            lock = os.open(root / LOCK, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove(root)
        except OSError:
            continue
        finally:
            os.close(lock)


def _pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())


def _is_marked(pid: int, mark: str) -> bool:
    place = Path(f"/proc/{pid}")
    wanted = mark.encode()
    try:
        if wanted in (place / "cmdline").read_bytes() or wanted in (place / "environ").read_bytes():
            return True
        links = [place / "cwd", *(place / "fd").iterdir()]
    except OSError:
        return False
    targets = map(_target, links)
    return any(mark in target for target in targets if not target.endswith(f"/{LOCK}"))


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def command(pid: int) -> str:
    """The command line of a process, for people."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return "has just ended"
