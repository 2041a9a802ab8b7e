"""Which remotes a repository is mirrored to."""

import re
from fnmatch import fnmatchcase
from typing import NamedTuple

from hookkit.api import ConfigError, GitConfig, Settings, redact
from hookkit_plugins.mirror.settings import KIND

# Configuration of a remote that is about fetching, or that makes `git push` refuse explicit refspecs.
_NOT_FOR_PUSHING = {"fetch", "push", "mirror", "prune", "prunetags", "tagopt", "skipdefaultupdate", "skipfetchall"}
ALIAS = "hookkit"


class Remote(NamedTuple):
    """One remote to push to.

    :param name: its name in the configuration.
    :param kind: ``mirror`` or ``peer``.
    :param urls: where a push goes; several if the remote has several.
    :param config: ``remote.<ALIAS>.*``: the remote's own configuration without fetch refspecs. Pushing to that alias
        leaves no ``refs/remotes/*`` behind, and ``mirror = true``, left by ``git clone --mirror``, does not get in the way.
    """

    name: str
    kind: str
    urls: tuple[str, ...]
    config: tuple[tuple[str, str], ...]

    @property
    def shown_url(self) -> str:
        """The first URL, without secrets."""
        return redact(self.urls[0])


def select(config: GitConfig, settings: Settings, wanted: tuple[str, ...]) -> list[Remote]:
    """The remotes that are not ``off``, in the configuration's order.

    :param wanted: names, globs and groups of ``hookkit.mirror.remotes``; empty: all.
    :raises ConfigError: a kind is not allowed, or ``wanted`` names something that does not exist.
    """
    names = [name for name in config.subsections("remote") if _urls(config, name)]
    chosen = names if not wanted else _named(config, names, wanted)
    kinds = {name: settings.get(KIND, name) for name in chosen}
    return [_remote(config, name, kinds[name]) for name in names if name in chosen and kinds[name] != "off"]


def _named(config: GitConfig, names: list[str], wanted: tuple[str, ...]) -> list[str]:
    chosen: list[str] = []
    for word in wanted:
        group = [name for entry in config.every(f"remotes.{word}") for name in (entry.value or "").split()]
        found = [name for name in names if name in group or fnmatchcase(name, word)]
        if not found and not set(word) & set("*?["):
            raise ConfigError(
                f"hookkit.mirror.remotes: there is no remote or group {word!r}",
                hint=f"remotes here: {', '.join(names) or 'none'}",
            )
        chosen += found
    return chosen


def _urls(config: GitConfig, name: str) -> tuple[str, ...]:
    """The push URLs; an empty value clears what was set before it, as in git."""
    for key in ("pushurl", "url"):
        urls: list[str] = []
        for entry in config.every(f"remote.{name}.{key}"):
            urls = [*urls, entry.value] if entry.value else []
        if urls:
            return tuple(urls)
    return ()


def _remote(config: GitConfig, name: str, kind: str) -> Remote:
    prefix = f"remote.{name}."
    copied = []
    for entry in config.below("remote"):
        key = entry.key.removeprefix(prefix)
        if (
            entry.key.startswith(prefix)
            and "." not in key
            and not key.startswith("hookkit")
            and key not in _NOT_FOR_PUSHING
        ):
            copied.append((f"remote.{ALIAS}.{key}", entry.value or ""))
    return Remote(name, kind, _urls(config, name), tuple(copied))


def host(url: str) -> str:
    """What goes down as one: the host (and port) of a URL, or ``local`` for a path; git-clone(1), "GIT URLS"."""
    schemed = re.match(r"[a-z][a-z0-9+.-]*://(?:[^/@]*@)?(\[[^\]]*\](?::\d+)?|[^/]*)", url, re.IGNORECASE)
    if schemed:
        return schemed[1].lower() or "local"
    scp_like = re.match(r"(?:[^/@:]*@)?(\[[^\]]*\]|[^/:]+):", url)
    return scp_like[1].lower() if scp_like else "local"
