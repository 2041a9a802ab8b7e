"""Which plugins are installed, and the cache of that which spares the hooks from a scan."""

import json
import os
from pathlib import Path
from typing import NamedTuple

from hookkit import shortcut
from hookkit.distributions import Found, scan
from hookkit.errors import ConfigError
from hookkit.gitconfig import Entry, GitConfig, split
from hookkit.options import ENABLED
from hookkit.repository import Repository
from hookkit.shortcut import changed, fingerprint
from hookkit.site_packages import complete

__all__ = ["Cache", "Found", "cached", "missing", "refresh", "remember", "save", "scan"]


class Cache(NamedTuple):
    """What one scan found, and what is known about the plugins that were loaded since.

    :param plugins: all that are installed.
    :param hooks: plugin id to what it implements, of those that were loaded: the module file, its time of change in
        nanoseconds, and hookspec to order (-1: ``tryfirst``, 1: ``trylast``).
    """

    plugins: tuple[Found, ...]
    hooks: dict[str, tuple[str, int, dict[str, int]]]

    def implemented(self, found: Found) -> dict[str, int] | None:
        """The hookspecs that ``found`` implements and their order, None if that is not known or its file has changed."""
        known = self.hooks.get(found.id)
        return known[2] if known is not None and changed(known[0]) == known[1] else None

    def shadowed(self, found: Found) -> bool:
        """Whether ``found`` is an outsider that took the name of a shipped plugin: it never runs."""
        return not found.shipped and any(other.shipped and other.name == found.name for other in self.plugins)


def missing(cache: Cache, config: GitConfig) -> list[Entry]:
    """What switches plugins on that are not installed."""
    installed = {found.name for found in cache.plugins}
    deciding: dict[str, Entry] = {}
    for entry in config.below("hookkit"):
        _, plugin, name = split(entry.key)
        if plugin is not None and name == ENABLED.name and plugin not in installed:
            deciding[plugin] = entry
    return [entry for entry in deciding.values() if _is_on(entry)]


def _is_on(entry: Entry) -> bool:
    try:
        return ENABLED.read([entry])
    except ConfigError:
        return True


def cached(repo: Repository) -> Cache:
    """The cache of ``repo``, made anew if it no longer matches what is installed."""
    stored = _load(repo)
    if stored is not None and stored[0] == fingerprint():
        return stored[1]
    complete()
    return stored[1] if stored is not None and stored[0] == fingerprint() else refresh(repo)


def refresh(repo: Repository) -> Cache:
    """Scan again and store the result in ``repo``."""
    cache = Cache(scan(), {})
    save(repo, cache)
    return cache


def remember(repo: Repository, found: Found, origin: str | None, hooks: dict[str, int]) -> None:
    """Store what a plugin that was just loaded, from the file ``origin``, implements, if that is news."""
    cache = cached(repo)
    if origin and cache.implemented(found) != hooks:
        save(repo, cache._replace(hooks={**cache.hooks, found.id: (origin, changed(origin), hooks)}))


def save(repo: Repository, cache: Cache) -> None:
    """Store ``cache``; only in a repository that hookkit is installed in, and never a reason to fail."""
    if not repo.state_dir.is_dir():
        return
    data = {
        "fingerprint": fingerprint(),
        "plugins": [list(found) for found in cache.plugins],
        "hooks": cache.hooks,
    }
    path = _path(repo)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        temporary.write_text(json.dumps(data, indent=1) + "\n")
        temporary.replace(path)
        shortcut.write(str(repo.state_dir), _summary(cache))
    except OSError:
        temporary.unlink(missing_ok=True)


def _summary(cache: Cache) -> list[shortcut.Row]:
    rows: list[shortcut.Row] = []
    for found in cache.plugins:
        if not cache.shadowed(found):
            origin, then, specs = cache.hooks.get(found.id, ("", 0, None))
            implemented = None if specs is None else " ".join(specs)
            rows.append((found.name, found.default, origin, then, implemented, found.quick))
    return rows


def _load(repo: Repository) -> tuple[str, Cache] | None:
    try:
        data = json.loads(_path(repo).read_bytes())
        plugins = tuple(Found(*fields) for fields in data["plugins"])
        hooks = {key: (origin, then, specs) for key, (origin, then, specs) in data["hooks"].items()}
        return data["fingerprint"], Cache(plugins, hooks)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _path(repo: Repository) -> Path:
    return repo.state_dir / "plugins.json"
