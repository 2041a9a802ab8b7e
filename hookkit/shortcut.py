"""Whether a hook call certainly concerns no plugin, as most do: told without importing what it takes to decide the others.

Beside the cache of plugins stands a summary of it, which is split and compared. Where it does not tell for certain,
:mod:`hookkit.dispatch` decides.
"""

import os
import site
import sys

import hookkit

FALSE = frozenset({"false", "no", "off", "0", ""})
"""What git takes for a boolean that is false; git-config(1)."""

_FILE = "plugins.short"
_UNKNOWN = "?"
# ASCII's own separators: neither names nor paths contain them.
_RECORD, _UNIT = "\x1e", "\x1f"

Row = tuple[str, bool, str, int, str | None]
"""A plugin that may run: its name, whether it is on by default, the file that it came from and when that had changed, and
the hookspecs that it implements, separated by spaces; None if they are not known."""


def nobody(git_dir: str, hook: str) -> bool:
    """Whether certainly no plugin is to be called for ``hook`` in the repository at ``git_dir``."""
    switched = _switched(git_dir)
    rows = _read(os.path.join(_common_dir(git_dir), "hookkit"))
    if switched is None or rows is None:
        return False
    installed = {row[0] for row in rows}
    if any(on and name not in installed for name, on in switched.items()):
        return False
    spec = "hookkit_" + hook.replace("-", "_")
    return all(_certainly_without(row, spec) for row in rows if switched.get(row[0], row[1]))


def _certainly_without(row: Row, spec: str) -> bool:
    _, _, origin, then, specs = row
    return specs is not None and spec not in specs.split(" ") and changed(origin) == then


def _switched(git_dir: str) -> dict[str, bool] | None:
    """The plugins that configuration switches on or off; what it says in a way that is not allowed counts as on.

    None: this cannot be told, or is to be traced.
    """
    env = {name: value for name, value in os.environ.items() if name != "GIT_CONFIG"}
    asked = r"^hookkit\.(.*\.enabled|trace)$"
    command = ("git", f"--git-dir={git_dir}", "config", "-z", "--show-scope", "--get-regexp", asked)
    reader, writer = os.pipe()
    # Not the module subprocess: importing that takes three times as long as git does.
    child = os.posix_spawnp("git", command, env, file_actions=[(os.POSIX_SPAWN_DUP2, writer, 1)])
    os.close(writer)
    with open(reader, "rb") as answer:
        fields = os.fsdecode(answer.read()).split("\0")
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) not in (0, 1):
        return None
    switched = {}
    for scope, line in zip(fields[0::2], fields[1::2], strict=False):
        if scope != "command":
            key, equals, value = line.partition("\n")
            name = key[len("hookkit.") : -len(".enabled")]
            switched[name] = not equals or value.strip().lower() not in FALSE
    # No plugin has an empty name: this is what is left of `hookkit.trace`.
    return None if switched.pop("", False) else switched


def _common_dir(git_dir: str) -> str:
    """Where git and hookkit keep what the work trees of a repository share; gitrepository-layout(5)."""
    try:
        with open(os.path.join(git_dir, "commondir")) as file:
            return os.path.join(git_dir, file.read().strip())
    except OSError:
        return git_dir


def _read(state_dir: str) -> list[Row] | None:
    try:
        with open(os.path.join(state_dir, _FILE), encoding="utf-8", errors="surrogateescape") as file:
            then, *records = file.read().split(_RECORD)
    except (OSError, ValueError):
        return None
    if then != fingerprint():
        return None
    rows: list[Row] = []
    for record in records:
        name, default, origin, changed_at, specs = record.split(_UNIT)
        rows.append((name, default == "1", origin, int(changed_at), None if specs == _UNKNOWN else specs))
    return rows


def write(state_dir: str, rows: list[Row]) -> None:
    """Store the summary.

    :raises OSError: it cannot be stored.
    """
    records = [
        _UNIT.join((name, str(int(default)), origin, str(then), _UNKNOWN if specs is None else specs))
        for name, default, origin, then, specs in rows
    ]
    file = os.path.join(state_dir, _FILE)
    temporary = f"{file}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(_RECORD.join((fingerprint(), *records)))
    os.replace(temporary, file)


def fingerprint() -> str:
    """Changes when a distribution is installed, removed or upgraded, or the interpreter is another."""
    parts = [hookkit.__version__, sys.version, sys.prefix]
    for folder in site_dirs():
        parts += (folder, str(changed(folder)))
    return "\n".join(parts)


def site_dirs() -> list[str]:
    """Where distributions are installed: the folders that an isolated interpreter (``python -I``) also sees.

    Commands may run with the caller's PYTHONPATH and user folder; hooks never do, so nothing in there is a plugin.
    """
    foreign = set()
    if not sys.flags.isolated:
        of_caller = [site.getusersitepackages(), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        foreign = {os.path.abspath(folder) for folder in of_caller if folder}
    return [
        folder for folder in sys.path if folder.endswith(("site-packages", "dist-packages")) and folder not in foreign
    ]


def changed(path: str) -> int:
    """When a file changed, in nanoseconds; 0 if it is not there."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
