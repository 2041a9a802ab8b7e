"""How a hook or a command leaves work to the worker of a host, and starts it if there is none."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Mapping

from hookkit.api import Repository
from hookkit_plugins.mirror import starting
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.waiting import Item, folder, opened, waiting_path


def leave(repo: Repository, remotes: Iterable[Remote], tell: Callable[[str], None] = lambda _line: None) -> str | None:
    """Leave what ``repo`` owes to ``remotes`` to the workers of their hosts; they are running when this returns.

    :param tell: is told, in a line, if what waited before was lost.
    :returns: why that was not possible, in words; None: it was.
    """
    by_host: dict[str, list[str]] = {}
    for remote in remotes:
        by_host.setdefault(host_of(remote.url), []).append(remote.name)
    try:
        with opened(tell) as index:
            for host, names in by_host.items():
                index.add(host, str(repo.git_dir), names)
        for host in by_host:
            start(host, repo.environment())
    except (OSError, sqlite3.Error) as error:
        return str(error)
    return None


def waiting(repo: Repository, remotes: Iterable[Remote]) -> dict[Remote, Item]:
    """Those of ``remotes`` that ``repo`` has left to a worker.

    :raises sqlite3.Error: that cannot be read.
    :raises OSError: that cannot be read.
    """
    found: dict[Remote, Item] = {}
    if waiting_path().exists():
        with opened() as index:
            for remote in remotes:
                item = index.waits(host_of(remote.url), str(repo.git_dir), remote.name)
                if item:
                    found[remote] = item
    return found


def settled(delivered: Iterable[Remote], waited: Mapping[Remote, Item]) -> None:
    """``delivered`` have everything and answer: no worker has to, and no push has to think that they are down.

    :param waited: what waited before; what was left to a worker since then goes on waiting.
    """
    # What cannot be written down a worker finds out for itself.
    with contextlib.suppress(OSError, sqlite3.Error):
        if waiting_path().exists():
            with opened() as index:
                for remote in delivered:
                    host = host_of(remote.url)
                    index.mend(host)
                    if remote in waited:
                        index.done(host, waited[remote])


def start(host: str, env: Mapping[str, str]) -> bool:
    """Start the worker of ``host``, detached; False if it is running.

    :raises OSError: it cannot be started.
    """
    return starting.start(str(folder()), host, env)


def is_running(host: str) -> bool:
    """Whether the worker of ``host`` is at it."""
    return starting.is_running(str(folder()), host)
