"""Telling other plugins what became of a remote: stale, diverged, recovered; each once."""

import json
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

from hookkit.api import ConfigError, Repository, call_plugins, has_plugins
from hookkit_plugins.mirror import hookspecs, settings
from hookkit_plugins.mirror.status import Standing, is_stale, reason, standings

_STALE = "stale"


class Notice(NamedTuple):
    """Something to tell.

    :param spec: the hook.
    :param arguments: its arguments, ``repo`` excepted.
    """

    spec: Callable[..., None]
    arguments: dict[str, Any]


def due(standing: Standing, told: Collection[str], stale_after: float, now: float) -> tuple[list[Notice], list[str]]:
    """What is to be told about one remote, and what has been told about it then. Pure.

    :param told: what has been told about it: ``stale``, and refs that are diverged.
    :param stale_after: seconds.
    """
    about: dict[str, Any] = {"remote": standing.remote.name, "url": standing.remote.shown_url}
    if told and standing.state == "in-sync":
        return [Notice(hookspecs.hookkit_mirror_recovered, about)], []
    notices, known = [], sorted(told)
    fresh = [each.ref for each in standing.held if each.verdict == "diverged" and each.ref not in told]
    if fresh:
        notices.append(Notice(hookspecs.hookkit_mirror_diverged, {**about, "refs": fresh}))
        known += fresh
    if _STALE not in told and is_stale(standing, stale_after, now):
        more = {"since": standing.since, "pending": standing.pending, "error": reason(standing)}
        notices.append(Notice(hookspecs.hookkit_mirror_stale, {**about, **more}))
        known.append(_STALE)
    return notices, known


def is_wanted(repo: Repository) -> bool:
    """Whether a plugin that is on in ``repo`` wants to be told anything."""
    return has_plugins(repo, *hookspecs.NOTICES)


def tell(repo: Repository, fail: Callable[[str], None]) -> None:
    """Tell the plugins that want to know what has changed since they were told last.

    To be called by a process without other threads.

    :param fail: is told why a plugin could not be, in a line.
    """
    if not is_wanted(repo):
        return
    from filelock import FileLock, Timeout

    folder = repo.plugin_dir("mirror")
    path = folder / "told.json"
    try:
        stale_after = repo.settings("mirror").get(settings.STALE_AFTER)
        mode = folder.stat().st_mode & 0o666
        with FileLock(folder / "told.lock", timeout=0, mode=mode, fallback_to_soft=False):
            before = _read(path)
            after: dict[str, list[str]] = {}
            for standing in standings(repo):
                name = standing.remote.name
                notices, known = due(standing, before.get(name, ()), stale_after, time.time())
                if known:
                    after[name] = known
                for notice in notices:
                    # Who fails is not told again: the others would hear it twice.
                    for said in call_plugins(repo, notice.spec, **notice.arguments):
                        if said.failed:
                            what = f"that {name} {_WHAT[notice.spec]}"
                            fail(f"hookkit: plugin {said.plugin} was not told {what}: {said.failed}")
            if after != before:
                temporary = path.with_suffix(".new")
                temporary.write_text(json.dumps(after), encoding="utf-8")
                temporary.chmod(mode)
                temporary.replace(path)
    except Timeout:
        pass  # somebody else is telling them
    except (OSError, ConfigError) as error:
        fail(f"hookkit: other plugins cannot be told how the remotes are: {error}")


_WHAT: dict[Callable[..., None], str] = {
    hookspecs.hookkit_mirror_stale: "is stale",
    hookspecs.hookkit_mirror_recovered: "has recovered",
    hookspecs.hookkit_mirror_diverged: "has diverged",
}


def _read(path: Path) -> dict[str, list[str]]:
    """What was told; where that is lost it is told once more."""
    try:
        data = json.loads(path.read_bytes())
        return {str(name): [str(each) for each in marks] for name, marks in data.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
