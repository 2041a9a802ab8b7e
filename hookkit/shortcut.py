"""Whether a hook call is over before anything was imported, as most are: no plugin is concerned, or one that says so itself.

Beside the cache of plugins stands a summary of it, which is split and compared. Where it does not tell for certain,
:mod:`hookkit.dispatch` decides. What a quick answer is, :mod:`hookkit.quick` says.
"""

import os
import sys

import hookkit

FALSE = frozenset({"false", "no", "off", "0", ""})
"""What git takes for a boolean that is false; git-config(1)."""
TRUE = frozenset({"true", "yes", "on", "1"})
"""And for one that is true."""

LIST = ("config", "--list", "--includes", "-z", "--show-scope", "--show-origin")
"""The git command that lists the configuration, for :func:`hookkit.gitconfig.parse`."""

_FILE = "plugins.short"
_UNKNOWN = "?"
# ASCII's own separators: neither names nor paths contain them.
_RECORD, _UNIT = "\x1e", "\x1f"

Row = tuple[str, bool, str, int, str | None, str]
"""A plugin that may run: its name, whether it is on by default, the file that it came from and when that had changed, the
hookspecs that it implements, separated by spaces (None if they are not known), and the module of its quick answer."""


class Call:
    """One hook call, as far as that is known without importing much.

    :ivar hook: git's name for it.
    :ivar git_dir: the repository; ``common_dir``: what its work trees share.
    :ivar rows: what the summary says; None: there is none for what is installed now.
    :ivar others: the hookspecs that other plugins that are on implement, of whatever plugin.
    :ivar nobody: it has turned out that no plugin is to be called.
    """

    def __init__(self, hook: str, git_dir: str) -> None:
        self.hook = hook
        self.git_dir = git_dir = os.path.abspath(git_dir)
        self.common_dir = _common_dir(git_dir)
        # git reads the configuration while this process goes on.
        self._asked: _Running | None = _listing(git_dir)
        self._listed: bytes | None = None
        self._config: dict[str, list[str | None]] | None = None
        self.rows = _read(os.path.join(self.common_dir, "hookkit"))
        self.others: frozenset[str] = frozenset()
        self.nobody = False
        self._stdin: bytes | None = None

    @property
    def listed(self) -> bytes | None:
        """What :data:`LIST` says; None: git failed."""
        if self._asked:
            asked, self._asked = self._asked, None
            status, said = _ended(asked)
            self._listed = None if status else said
        return self._listed

    @property
    def config(self) -> dict[str, list[str | None]]:
        """The same: the values of each key, in order, None for one without ``=``.

        What the command line and the environment say is not in it.
        """
        if self._config is None:
            self._config = _parsed(self.listed or b"")
        return self._config

    @property
    def stdin(self) -> bytes:
        """What git says to the hook; read once, for whoever comes later."""
        if self._stdin is None:
            self._stdin = sys.stdin.buffer.read()
        return self._stdin


def settled(call: Call) -> bool:
    """Whether there is nothing more to do: no plugin is to be called, or the only one has answered quickly."""
    spec = "hookkit_" + call.hook.replace("-", "_")
    # While git reads: whoever is on by default is most likely on.
    for row in call.rows or ():
        if row[1] and row[5] and spec in str(row[4]).split(" "):
            __import__(row[5])
    rows = on(call)
    if rows is None or _is_traced(call.config):
        return False
    called = [row for row in rows if spec in str(row[4]).split(" ")]
    if len(called) == 1 and called[0][5]:
        call.others = frozenset(name for row in rows if row != called[0] for name in str(row[4]).split(" "))
        module = called[0][5]
        __import__(module)
        return bool(sys.modules[module].settled(call))
    call.nobody = not called
    return call.nobody


def on(call: Call) -> list[Row] | None:
    """The plugins that are on; None: that, or what they implement, is not certain."""
    rows = call.rows
    if rows is None or call.listed is None:
        return None
    switched = _switched(call.config)
    installed = {row[0] for row in rows}
    if any(on and name not in installed for name, on in switched.items()):
        return None
    found = [row for row in rows if switched.get(row[0], row[1])]
    return found if all(row[4] is not None and changed(row[2]) == row[3] for row in found) else None


def _is_traced(config: dict[str, list[str | None]]) -> bool:
    """Whether every hook call is to be told of; what is said in a way that is not allowed counts as on."""
    value = config.get("hookkit.trace", ["false"])[-1]
    return value is None or value.strip().lower() not in FALSE


def _switched(config: dict[str, list[str | None]]) -> dict[str, bool]:
    """The plugins that configuration switches on or off; what it says in a way that is not allowed counts as on."""
    start, end = "hookkit.", ".enabled"
    return {
        key[len(start) : -len(end)]: values[-1] is None or values[-1].strip().lower() not in FALSE
        for key, values in config.items()
        if key.startswith(start) and key.endswith(end) and len(key) >= len(start) + len(end)
    }


def listed(git_dir: str) -> bytes | None:
    """What :data:`LIST` says of the repository at ``git_dir``; None: git failed."""
    status, said = _ended(_listing(git_dir))
    return None if status else said


_Running = tuple[int, int]
"""A process that was started, and where to read what it says."""


def _listing(git_dir: str) -> _Running:
    return _started("git", f"--git-dir={git_dir}", *LIST)


def run(*command: str, take: int = 1, drop: int | None = None) -> tuple[int, bytes]:
    """The exit status of a short command, and what it says.

    :param take: the descriptor that it says it on; ``drop``: another one, of which nothing is wanted.
    """
    return _ended(_started(*command, take=take, drop=drop))


def _started(*command: str, take: int = 1, drop: int | None = None) -> _Running:
    # GIT_CONFIG would hide all other configuration; git-config(1).
    env = {name: value for name, value in os.environ.items() if name != "GIT_CONFIG"}
    reader, writer = os.pipe()
    actions: list[tuple[object, ...]] = [(os.POSIX_SPAWN_DUP2, writer, take)]
    if drop is not None:
        actions.append((os.POSIX_SPAWN_OPEN, drop, os.devnull, os.O_WRONLY, 0))
    # Not the module subprocess: importing that takes three times as long as git does.
    child = os.posix_spawnp(command[0], command, env, file_actions=actions)
    os.close(writer)
    return child, reader


def _ended(running: _Running) -> tuple[int, bytes]:
    child, reader = running
    with open(reader, "rb") as answer:
        said = answer.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def _parsed(listed: bytes) -> dict[str, list[str | None]]:
    fields = os.fsdecode(listed).split("\0")
    config: dict[str, list[str | None]] = {}
    for scope, line in zip(fields[0::3], fields[2::3], strict=False):
        # Whoever starts a hook must not be able to choose what it does.
        if scope != "command":
            key, equals, value = line.partition("\n")
            config.setdefault(key, []).append(value if equals else None)
    return config


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
        name, default, origin, changed_at, specs, quick = record.split(_UNIT)
        rows.append((name, default == "1", origin, int(changed_at), None if specs == _UNKNOWN else specs, quick))
    return rows


def write(state_dir: str, rows: list[Row]) -> None:
    """Store the summary.

    :raises OSError: it cannot be stored.
    """
    records = [
        _UNIT.join((name, str(int(default)), origin, str(then), _UNKNOWN if specs is None else specs, quick))
        for name, default, origin, then, specs, quick in rows
    ]
    file = os.path.join(state_dir, _FILE)
    temporary = f"{file}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(_RECORD.join((fingerprint(), *records)))
    os.replace(temporary, file)


def fingerprint() -> str:
    """Changes when a distribution is installed, removed or upgraded, or the interpreter is another."""
    parts = [hookkit.__version__, sys.version, os.path.dirname(sys.executable)]
    for folder in site_dirs():
        parts += (folder, str(changed(folder)))
    return "\n".join(parts)


def site_dirs() -> list[str]:
    """Where distributions are installed: the folders that an isolated interpreter (``python -I``) also sees.

    Commands may run with the caller's PYTHONPATH and user folder; hooks never do, so nothing in there is a plugin.
    """
    foreign = set()
    if not sys.flags.isolated:
        import site

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
