"""Hooks that plugins have for each other: one plugin declares and calls them, others implement them.

The caller need not know who is there, and those who implement need nothing but the name.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from hookkit.discovery import Found, cached
from hookkit.errors import ConfigError, summary
from hookkit.options import TIMEOUT
from hookkit.repository import Repository


class Said(NamedTuple):
    """What one plugin answered.

    :param plugin: its name.
    :param answer: JSON values: None, numbers, text, lists, dictionaries with text as keys.
    :param failed: why there is no answer; None: there is one.
    """

    plugin: str
    answer: Any = None
    failed: str | None = None


def call_plugins(
    repo: Repository, spec: Callable[..., object], *, within: float | None = None, **arguments: object
) -> list[Said]:
    """Call a hook that a plugin declared (see ``hookkit_hookspecs``) in every plugin that is on in ``repo`` and has it.

    Each is called in a process of its own, with its time limit: one that fails does not stop the others. What they print
    goes to standard error. Not to be called by a process that has other threads: see :func:`call_plugins_from_thread`.

    :param spec: the function that declares it, marked with :data:`hookkit.api.hookspec`.
    :param within: seconds for all of them together, in the place of the plugins' own time limits.
    :param arguments: all arguments of ``spec``, ``repo`` excepted.
    """
    end = None if within is None else time.monotonic() + within
    asked = (_call(repo, found, spec, {"repo": repo, **arguments}, end) for found in _implementing(repo, spec.__name__))
    return [said for said in asked if said is not None]


def has_plugins(repo: Repository, *specs: Callable[..., object], certainly: bool = False) -> bool:
    """Whether a plugin that is on in ``repo`` implements one of ``specs``, or may: those that were never loaded.

    :param certainly: those do not count.
    """
    return any(_implementing(repo, spec.__name__, certainly) for spec in specs)


def _implementing(repo: Repository, name: str, certainly: bool = False) -> list[Found]:
    cache = cached(repo)
    found: list[tuple[int, Found]] = []
    for each in cache.plugins:
        implemented = cache.implemented(each)
        may = not certainly if implemented is None else name in implemented
        if may and not cache.shadowed(each) and _is_on(each, repo):
            found.append(((implemented or {}).get(name, 0), each))
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


def _is_on(found: Found, repo: Repository) -> bool:
    try:
        return found.enabled(repo.config)
    except ConfigError:  # the git hook that runs just now has said so
        return False


def _call(
    repo: Repository, found: Found, spec: Callable[..., object], arguments: dict[str, object], end: float | None
) -> Said | None:
    # Only now: mostly nobody implements it.
    from hookkit import asking, discovery, trace

    try:
        # 0 would be no limit at all.
        timeout = repo.settings(found.name).get(TIMEOUT) if end is None else max(0.1, end - time.monotonic())
    except ConfigError as error:
        return Said(found.name, failed=f"has no time limit: {summary(error)}")
    value, failed = asking.ask(
        found,
        spec,
        [arguments],
        lambda answer: {"answer": answer},
        doing=f"{spec.__name__} of plugin {found.id} in {repo.git_dir}",
        timeout=timeout,
        emit=_emit,
        trace=spec.__name__ if trace.is_on(repo.settings()) else None,
    )
    if "hooks" in value:
        discovery.remember(repo, found, value["origin"], value["hooks"])
        if failed is None and spec.__name__ not in value["hooks"]:
            return None  # it had never been loaded, and turns out not to have it
    return Said(found.name, value.get("answer"), failed)


def _emit(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
