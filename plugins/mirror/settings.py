"""The options of the mirror plugin, and their values in one repository."""

from typing import NamedTuple

from hookkit.api import Option, Repository, has_plugins, is_pattern, options
from hookkit_plugins.mirror.hookspecs import hookkit_mirror_received

KINDS = ("mirror", "peer", "off")
DEFAULT_REFS = ("refs/heads/*", "refs/tags/*", "refs/notes/*")


REMOTES = options.strings(
    "remotes",
    (),
    "Which remotes to push to: names, globs or remote groups (git's remotes.<group>); all when unset.",
    allowed="remote names, globs or groups, separated by spaces; may be given several times",
)
REFS = options.strings(
    "refs",
    DEFAULT_REFS,
    "Which refs to mirror; a pattern that starts with '!' leaves out.",
    allowed="refs/..., '*' stands for anything, '!refs/...' leaves out; may be given several times",
    check=is_pattern,
)
DIVERGED = options.choice(
    "diverged",
    "hold",
    "What to do with a remote ref that moved to something unknown here: report it and leave it alone, or overwrite it, "
    "its value kept under refs/hookkit/keep/.",
    ("hold", "overwrite"),
)
WAIT = options.seconds("wait", 10, "How long the pusher waits for the remotes; 0: not at all, a worker delivers.")
DEADLINE = options.seconds("deadline", 600, "How long a command of a worker or of sync may be silent.")
JOBS = options.integer("jobs", 8, "How many remotes are pushed to at the same time.", minimum=1, maximum=64)
ATTEMPTS = options.integer(
    "attempts", 3, "How often one delivery is tried when what failed can pass by itself.", minimum=1, maximum=20
)
HOPS = options.integer("hops", 16, "After how many servers a push is not passed on any more.", minimum=1, maximum=1000)
CONNECT_TIMEOUT = options.seconds("connect-timeout", 8, "How long ssh may take to connect to a remote.")
WORKER = options.boolean(
    "worker",
    True,
    "Leave what could not be delivered to a worker in the background, and let no push wait for a host that is down.",
)
STALE_AFTER = options.seconds(
    "stale-after", 3600, "After how long a remote that is behind is called stale, and plugins such as notify are told."
)
MULTIPLEX = options.boolean(
    "multiplex",
    True,
    "Deliver to one server over one ssh connection, which stays open for a minute after its last use.",
)
KIND = options.choice(
    "kind",
    "mirror",
    "What a remote is: any git server (mirror), another node that runs hookkit (peer), or none of hookkit's business (off).",
    KINDS,
    per_remote=True,
    key="hookkit",
)

OPTIONS: tuple[Option[object], ...] = (
    REMOTES,
    REFS,
    DIVERGED,
    WAIT,
    DEADLINE,
    JOBS,
    ATTEMPTS,
    HOPS,
    CONNECT_TIMEOUT,
    WORKER,
    STALE_AFTER,
    MULTIPLEX,
    KIND,
)


class MirrorSettings(NamedTuple):
    """The values of :data:`OPTIONS`, per-remote ones excepted, and the core's time limit for one hook call.

    :param journals: another plugin keeps journals, which are what travels between peers.
    """

    remotes: tuple[str, ...]
    refs: tuple[str, ...]
    diverged: str
    wait: float
    deadline: float
    jobs: int
    attempts: int
    hops: int
    connect_timeout: float
    worker: bool
    multiplex: bool
    journals: bool = False


def is_on(repo: Repository) -> bool:
    """Whether the plugin runs in ``repo``, as it does unless it was switched off.

    :raises ConfigError: ``hookkit.mirror.enabled`` is not a boolean.
    """
    return repo.settings("mirror").get(options.ENABLED._replace(default=True))


def read(repo: Repository) -> MirrorSettings:
    """The settings of ``repo``.

    :raises ConfigError: one of them is not allowed.
    """
    settings = repo.settings("mirror")
    limit = settings.get(options.TIMEOUT)
    wait = settings.get(WAIT)
    return MirrorSettings(
        remotes=tuple(word for line in settings.get(REMOTES) for word in line.split()),
        refs=settings.get(REFS),
        diverged=settings.get(DIVERGED),
        # The runner ends a plugin at its time limit: leave before.
        wait=min(wait, max(1.0, limit - 2)) if limit else wait,
        deadline=settings.get(DEADLINE),
        jobs=settings.get(JOBS),
        attempts=settings.get(ATTEMPTS),
        hops=settings.get(HOPS),
        connect_timeout=settings.get(CONNECT_TIMEOUT),
        worker=settings.get(WORKER),
        multiplex=settings.get(MULTIPLEX),
        journals=has_plugins(repo, hookkit_mirror_received, certainly=True),
    )
