"""Which plugins are installed: the entry-point scan, and the cache that spares the hooks from it."""

import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import hookkit
from hookkit.gitconfig import GitConfig
from hookkit.options import ENABLED, Settings
from hookkit.repository import Repository

GROUP = "hookkit.plugins"
DEFAULT_GROUP = "hookkit.plugins.default"
SHIPPED = "hookkit"

_NAME = re.compile(r"[a-z][a-z0-9-]*\Z")


class Found(NamedTuple):
    """One entry point of the group ``hookkit.plugins``.

    :param name: the plugin's name, as in ``hookkit.<name>.enabled``.
    :param distribution: the distribution that brings it.
    :param version: that distribution's version.
    :param value: ``module`` or ``module:attribute``.
    :param default: it runs unless switched off.
    :param problem: why it cannot be used, None if nothing is known against it.
    """

    name: str
    distribution: str
    version: str
    value: str
    default: bool = False
    problem: str | None = None

    @property
    def id(self) -> str:
        """The name that it is registered under."""
        return f"{self.distribution}:{self.name}"

    @property
    def shipped(self) -> bool:
        """It comes with hookkit."""
        return self.distribution == SHIPPED

    def enabled(self, config: GitConfig) -> bool:
        """Whether ``config`` switches it on.

        :raises ConfigError: ``hookkit.<name>.enabled`` is not a boolean.
        """
        if config.last(ENABLED.config_key(self.name)) is None:
            return self.default
        return Settings(config, self.name).get(ENABLED)


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
        return known[2] if known is not None and _changed(known[0]) == known[1] else None

    def shadowed(self, found: Found) -> bool:
        """Whether ``found`` is an outsider that took the name of a shipped plugin: it never runs."""
        return not found.shipped and any(other.shipped and other.name == found.name for other in self.plugins)


def scan() -> tuple[Found, ...]:
    """All plugins that are installed, sorted by name; names that clash or are not valid carry a problem."""
    from importlib.metadata import distributions

    found: dict[tuple[str, str], Found] = {}
    defaults = set()
    for distribution in distributions(path=_site_dirs()):
        name = distribution.metadata["Name"]
        if not name:
            continue
        name = re.sub(r"[-_.]+", "-", name).lower()
        for entry in distribution.entry_points:
            if entry.group == GROUP:
                found.setdefault((name, entry.name), Found(entry.name, name, distribution.version, entry.value))
            elif entry.group == DEFAULT_GROUP and name == SHIPPED:
                defaults.add(entry.name)
    return judge(each._replace(default=each.shipped and each.name in defaults) for each in found.values())


def judge(found: Iterable[Found]) -> tuple[Found, ...]:
    """``found`` sorted, with what is wrong with each: a name that is not valid, taken, or claimed twice."""
    claims: dict[str, list[Found]] = defaultdict(list)
    for each in found:
        claims[each.name].append(each)
    judged = []
    for name, claimants in claims.items():
        for each in claimants:
            others = sorted(other.distribution for other in claimants if other is not each)
            problem = None
            if not _NAME.match(name):
                problem = (
                    f"the name {name!r} is not valid: lower-case letters, digits and dashes, starting with a letter"
                )
            elif SHIPPED in others:
                problem = f"the name {name!r} belongs to a plugin that ships with hookkit"
            elif others and not each.shipped:
                problem = f"the name {name!r} is also claimed by {', '.join(others)}: uninstall one of them"
            judged.append(each._replace(problem=problem))
    return tuple(sorted(judged, key=lambda each: (not each.shipped, each.name, each.distribution)))


def cached(repo: Repository) -> Cache:
    """The cache of ``repo``, made anew if it no longer matches what is installed."""
    stored = _load(repo)
    return stored[1] if stored is not None and stored[0] == fingerprint() else refresh(repo)


def refresh(repo: Repository) -> Cache:
    """Scan again and store the result in ``repo``."""
    cache = Cache(scan(), {})
    save(repo, cache)
    return cache


def remember(repo: Repository, cache: Cache, hooks: dict[Found, dict[str, int]]) -> Cache:
    """``cache`` with what plugins that were just loaded implement, stored."""
    known = dict(cache.hooks)
    for found, specs in hooks.items():
        origin = _origin(found.value)
        if origin:
            known[found.id] = (origin, _changed(origin), specs)
    cache = cache._replace(hooks=known)
    save(repo, cache)
    return cache


def fingerprint() -> str:
    """Changes when a distribution is installed, removed or upgraded, or the interpreter is another."""
    parts = [hookkit.__version__, sys.version, sys.prefix]
    for folder in _site_dirs():
        parts += (folder, str(_changed(folder)))
    return "\n".join(parts)


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
    except OSError:
        temporary.unlink(missing_ok=True)


def _load(repo: Repository) -> tuple[str, Cache] | None:
    try:
        data = json.loads(_path(repo).read_bytes())
        plugins = tuple(Found(*fields) for fields in data["plugins"])
        hooks = {key: (path, changed, specs) for key, (path, changed, specs) in data["hooks"].items()}
        return data["fingerprint"], Cache(plugins, hooks)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _path(repo: Repository) -> Path:
    return repo.state_dir / "plugins.json"


def _site_dirs() -> list[str]:
    """Where distributions are installed: the folders that an isolated interpreter (``python -I``) also sees."""
    return [folder for folder in sys.path if folder.endswith(("site-packages", "dist-packages"))]


def _origin(value: str) -> str | None:
    module = value.partition(":")[0].strip()
    spec = find_spec(module)
    return spec.origin if spec else None


def _changed(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116 - on the hot path
    except OSError:
        return 0
