"""What commands say about plugins: one row for each that is installed, or switched on without being installed."""

from functools import cache
from typing import NamedTuple

from hookkit import discovery, inspection
from hookkit.cli.loading import Here
from hookkit.discovery import Found
from hookkit.errors import ConfigError, summary
from hookkit.gitconfig import Entry, split
from hookkit.inspection import Look
from hookkit.options import ENABLED

# Many repositories have the same plugins: each is looked at once.
_look = cache(inspection.look)


class PluginRow(NamedTuple):
    """One plugin.

    :param state: ``on`` or ``off`` as configuration says, ``default`` for one that runs without being enabled.
    :param setting: the line of configuration that decides, if there is one.
    :param hooks: the git hooks that it implements, if it was looked at.
    :param problem: what is wrong with it.
    :param found: the plugin; None if it is not installed.
    """

    name: str
    distribution: str
    version: str
    state: str
    setting: Entry | None
    hooks: tuple[str, ...] = ()
    problem: str | None = None
    found: Found | None = None

    @property
    def enabled(self) -> bool:
        """It is meant to run."""
        return self.state != "off"


def rows(place: Here, *, look_at_all: bool) -> list[PluginRow]:
    """All plugins, by name; those that ship with hookkit first.

    :param look_at_all: load those that are off too, to see what they would do.
    """
    listed = [_row(place, found, look_at_all=look_at_all) for found in place.cache.plugins]
    for entry in discovery.missing(place.cache, place.config):
        name = split(entry.key)[1] or ""
        listed.append(PluginRow(name, "-", "-", "on", entry, problem="not installed"))
    return listed


def _row(place: Here, found: Found, *, look_at_all: bool) -> PluginRow:
    setting = place.config.last(ENABLED.config_key(found.name))
    state, problem = "off", None
    try:
        if place.is_on(found):
            state = "default" if setting is None else "on"
    except ConfigError as error:
        problem = summary(error)
    # Of those that are off, nothing is loaded unless it is asked for.
    others = tuple(each for each in place.cache.plugins if look_at_all or each.shipped or _may_run(place, each))
    looks = look_at_all or state != "off" or found.shipped
    seen = _look(found, others) if looks else Look(problem=found.problem)
    problem = problem or seen.problem
    return PluginRow(found.name, found.distribution, found.version, state, setting, seen.hooks, problem, found)


def _may_run(place: Here, found: Found) -> bool:
    try:
        return place.is_on(found)
    except ConfigError:
        return False
