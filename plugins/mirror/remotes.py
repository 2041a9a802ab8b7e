"""Which remotes a repository is mirrored to."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from hookkit.api import ConfigError, GitConfig, Settings, nearest, redact, utf8
from hookkit_plugins.mirror.settings import KIND
from hookkit_plugins.mirror.usual import push_urls

# Configuration of a remote that is about fetching, or that makes `git push` refuse explicit refspecs.
_NOT_FOR_PUSHING = {"fetch", "push", "mirror", "prune", "prunetags", "tagopt", "skipdefaultupdate", "skipfetchall"}
ALIAS = "hookkit..target"
"""What a remote is called in hookkit's own commands: a name that `git remote add` takes from nobody."""


class Remote(NamedTuple):
    """One place to push to. A remote with several URLs is several: each may have something else, or be down.

    :param name: the remote's name in the configuration (as :func:`~hookkit.api.utf8` has it), with ``:2`` and so on for
        its further URLs.
    :param kind: ``mirror`` or ``peer``.
    :param url: where a push goes.
    :param config: ``remote.<ALIAS>.*``: the remote's own configuration without fetch refspecs. Pushing to that alias
        leaves no ``refs/remotes/*`` behind, and ``mirror = true``, left by ``git clone --mirror``, does not get in the way.
    :param of: the remote's name in the configuration.
    """

    name: str
    kind: str
    url: str
    config: tuple[tuple[str, str], ...]
    of: str

    @property
    def shown_url(self) -> str:
        """The URL, without secrets."""
        return utf8(redact(self.url))


def file_name(remote: str) -> str:
    """What a remote is called where files and refs are named: its other characters as %XX."""
    return re.sub(r"[^A-Za-z0-9_-]", lambda match: f"%{ord(match[0]):02X}", remote)


def names(config: GitConfig) -> list[str]:
    """Every remote of the repository, by the names of its places: what can be said without reading an option."""
    return [place.name for name in config.subsections("remote") for place in _places(config, name, "")]


def select(config: GitConfig, settings: Settings, wanted: tuple[str, ...]) -> list[Remote]:
    """The remotes that are not ``off``, in the configuration's order, one for each URL.

    :param wanted: names, globs and groups of ``hookkit.mirror.remotes``; empty: all.
    :raises ConfigError: a kind is not allowed, or ``wanted`` names something that does not exist.
    """
    there = [name for name in config.subsections("remote") if _urls(config, name)]
    chosen = there if not wanted else _named(config, there, wanted)
    kinds = {name: settings.get(KIND, name) for name in chosen}
    return [
        remote
        for name in there
        if name in chosen and kinds[name] != "off"
        for remote in _places(config, name, kinds[name])
    ]


def _named(config: GitConfig, there: list[str], wanted: tuple[str, ...]) -> list[str]:
    chosen: list[str] = []
    for word in wanted:
        group = [name for entry in config.every(f"remotes.{word}") for name in (entry.value or "").split()]
        found = [name for name in there if name in group or fnmatchcase(name, word)]
        if not found and not set(word) & set("*?["):
            places = (e.place for e in config.every("hookkit.mirror.remotes") if word in (e.value or "").split())
            meant = nearest(word, there)
            raise ConfigError(
                f"hookkit.mirror.remotes: there is no remote or group {word!r}",
                cause=next(places, None),
                hint=(f"did you mean {meant!r}? " if meant else "") + f"remotes here: {', '.join(there) or 'none'}",
            )
        chosen += found
    return chosen


def _urls(config: GitConfig, name: str) -> tuple[str, ...]:
    values = ([entry.value for entry in config.every(f"remote.{name}.{key}")] for key in ("pushurl", "url"))
    return push_urls(*values)


def _places(config: GitConfig, name: str, kind: str) -> Iterator[Remote]:
    prefix = f"remote.{name}."
    copied = tuple(
        (f"remote.{ALIAS}.{key}", entry.value or "")
        for entry in config.below("remote")
        if entry.key.startswith(prefix)
        and "." not in (key := entry.key.removeprefix(prefix))
        and not key.startswith("hookkit")
        and key not in _NOT_FOR_PUSHING
        and key not in {"url", "pushurl"}
    )
    exempt = any(entry.value for entry in config.every(f"{prefix}pushurl"))
    for number, url in enumerate(_urls(config, name), 1):
        # What is listed and fetched must be the place that is pushed to. A pushurl, beside it, is exempt from
        # url.*.pushInsteadOf; git-config(1).
        places = [(f"remote.{ALIAS}.url", url)] + [(f"remote.{ALIAS}.pushurl", url)] * exempt
        yield Remote(utf8(name) if number == 1 else f"{utf8(name)}:{number}", kind, url, (*places, *copied), name)
