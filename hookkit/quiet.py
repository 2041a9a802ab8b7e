"""A note for the stub: nobody wants this hook, as long as none of these files changes. Then Python need not even start.

The note stands in ``<git dir>/hookkit/quiet-<hook>``, in three lines: the environment that says which configuration is read,
the files that decide, and what ``stat`` says of each: inode, size, time of change of content and of anything. The stub
compares both with what is now; templates/hook.sh. Where anything is in doubt, there is no note.
"""

import os
import sys
import time

from hookkit.shortcut import Call, Row, listed, run, site_dirs

FORMAT = "%n %i %s %.9Y %.9Z:"
# They say where configuration is. Those of the second group have no note: set and empty is not the same as not set.
_PLACES = ("HOME", "XDG_CONFIG_HOME")
_UNUSUAL = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM")
# Nanoseconds; the kernel's clock for files ticks a hundred times a second at least.
_SECOND, _TICK = 10**9, 10**8


def note(call: Call, on: list[Row]) -> None:
    """Have the stub know that nobody wants this hook; whatever goes wrong, it goes on asking.

    :param on: the plugins that are on.
    """
    folder = os.path.join(call.git_dir, "hookkit")
    # In a linked work tree the stub would look elsewhere.
    if call.common_dir != call.git_dir or not os.access(folder, os.W_OK):
        return
    files = _files(call, on)
    if files is None or any(map(_is_fresh, files)):
        return
    known = run("stat", "-L", f"--printf={FORMAT}", "--", *files, drop=2)[1]
    # What has changed before that shows now, and what changes from now on shows in the next answer of stat.
    if not known or listed(call.git_dir) != call.listed:
        return
    lines = (_account(), ":".join(files), os.fsdecode(known))
    if any("\n" in line for line in lines):
        return
    path = os.path.join(folder, f"quiet-{call.hook}")
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write("".join(f"{line}\n" for line in lines))
    os.chmod(temporary, os.stat(folder).st_mode & 0o666)
    os.replace(temporary, path)


def _account() -> str:
    """As the stub says it: which configuration is read, and with which git."""
    return ":".join((*(os.environ.get(name, "") for name in _PLACES), os.environ.get("PATH", "")))


def _files(call: Call, on: list[Row]) -> list[str] | None:
    """Every file that decides, whether it is there or not; None: that is not certain."""
    if any(name in os.environ for name in _UNUSUAL):
        return None
    if any(key.startswith(("include.", "includeif.")) for key in call.config):
        return None
    origins = os.fsdecode(call.listed or b"").split("\0")[1::3]
    files = {origin.removeprefix("file:") for origin in origins if origin.startswith("file:")}
    system = _system(call)
    if system is None:
        return None
    home = os.path.expanduser("~")
    xdg = os.environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    files |= {system, os.path.join(home, ".gitconfig"), os.path.join(xdg, "git", "config")}
    files |= {os.path.join(call.git_dir, name) for name in ("config", "config.worktree", "hookkit/plugins.short")}
    files |= {row[2] for row in on} | {*site_dirs()} | {sys.executable}
    # The stub's shell splits them at colons.
    return None if any(":" in path or not path.startswith("/") for path in files) else sorted(files)


def _is_fresh(path: str) -> bool:
    """It has changed just now: should it change once more, that need not show."""
    try:
        at = os.stat(path).st_ctime_ns
    except OSError:
        return False
    # Some file systems count seconds.
    return time.time_ns() - at < (_TICK if at % _SECOND else 3 * _SECOND)


def _system(call: Call) -> str | None:
    """The system's configuration: git says where it is if there is something in it, or if it is not there."""
    fields = os.fsdecode(call.listed or b"").split("\0")
    for scope, origin in zip(fields[0::3], fields[1::3], strict=False):
        if scope == "system" and origin.startswith("file:"):
            return origin.removeprefix("file:")
    status, said = run("git", "config", "--system", "--list", take=2, drop=1)
    parts = os.fsdecode(said).split("'")
    return parts[1] if status and len(parts) == 3 and parts[1].startswith("/") else None
