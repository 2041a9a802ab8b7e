"""Which distributions register plugins: the entry-point scan."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from hookkit.gitconfig import GitConfig
from hookkit.options import ENABLED, Settings
from hookkit.shortcut import site_dirs
from hookkit.text import one_line

if TYPE_CHECKING:
    from importlib.metadata import Distribution

GROUP = "hookkit.plugins"
DEFAULT_GROUP = "hookkit.plugins.default"
QUICK_GROUP = "hookkit.plugins.quick"
SHIPPED = "hookkit"

_UNKNOWN = "unknown"
_NAME = re.compile(r"[a-z][a-z0-9-]*\Z")


class Found(NamedTuple):
    """One entry point of the group ``hookkit.plugins``.

    :param name: the plugin's name, as in ``hookkit.<name>.enabled``.
    :param distribution: the distribution that brings it.
    :param version: that distribution's version.
    :param value: ``module`` or ``module:attribute``.
    :param default: it runs unless switched off.
    :param problem: why it cannot be used, None if nothing is known against it.
    :param quick: the module of its quick answer (see :mod:`hookkit.quick`), if it has one.
    """

    name: str
    distribution: str
    version: str
    value: str
    default: bool = False
    problem: str | None = None
    quick: str = ""

    @property
    def id(self) -> str:
        """The name that it is registered under."""
        return f"{self.distribution}:{self.name}"

    @property
    def module(self) -> str:
        """The module to import."""
        return self.value.partition(":")[0].strip()

    @property
    def attributes(self) -> list[str]:
        """What leads from the module to the plugin, if that is not the module itself."""
        return [name.strip() for name in self.value.partition(":")[2].split(".") if name.strip()]

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


def scan() -> tuple[Found, ...]:
    """All plugins that are installed, sorted by name; names that clash or are not valid carry a problem."""
    from importlib.metadata import distributions

    found: dict[tuple[str, str], Found] = {}
    # What only hookkit's own distribution may say: they run without being enabled, or within the hook's own process.
    defaults: dict[str, str] = {}
    quick: dict[str, str] = {}
    seen = set()
    for distribution in distributions(path=site_dirs()):
        plugins, more = _declared(distribution)
        # As for modules, the first on the path hides what comes later.
        name = plugins[0].distribution if plugins else ""
        if name in seen:
            continue
        if name != _UNKNOWN:
            seen.add(name)
        found |= {(name, each.name): each for each in plugins}
        if name == SHIPPED:
            defaults |= more[DEFAULT_GROUP]
            quick |= more[QUICK_GROUP]
    return judge(
        each._replace(default=each.name in defaults, quick=quick.get(each.name, "")) if each.shipped else each
        for each in found.values()
    )


def _declared(distribution: "Distribution") -> tuple[list[Found], dict[str, dict[str, str]]]:
    """What one distribution registers, and names and values in the other groups; broken metadata is a problem to report."""
    more: dict[str, dict[str, str]] = {DEFAULT_GROUP: {}, QUICK_GROUP: {}}
    try:
        entries = [entry for entry in distribution.entry_points if entry.group in (GROUP, *more)]
        problem = None
    except Exception as error:
        entries, problem = [], f"its entry points cannot be read: {one_line(str(error), 100)}"
    if not entries and not problem:
        return [], more
    name, version = _name_and_version(distribution)
    if not name:
        name, problem = _UNKNOWN, problem or "its distribution does not say its name"
    if not entries:
        return [Found(name, name, version, "", problem=problem)], more
    for entry in entries:
        if entry.group != GROUP:
            more[entry.group][entry.name] = entry.value
    plugins = [
        Found(entry.name, name, version, entry.value, problem=problem) for entry in entries if entry.group == GROUP
    ]
    return plugins, more


def _name_and_version(distribution: "Distribution") -> tuple[str, str]:
    try:
        name, version = distribution.metadata["Name"] or "", distribution.version or _UNKNOWN
    except Exception:
        return "", _UNKNOWN
    # PyPA's normal form: one name has many spellings.
    return re.sub(r"[-_.]+", "-", name).lower(), version


def judge(found: Iterable[Found]) -> tuple[Found, ...]:
    """``found`` sorted, with what is wrong with each: a name that is not valid, taken, or claimed twice."""
    claims: dict[str, list[Found]] = defaultdict(list)
    for each in found:
        claims[each.name].append(each)
    judged = [
        each._replace(problem=each.problem or _name_problem(each, [other for other in claimants if other is not each]))
        for claimants in claims.values()
        for each in claimants
    ]
    return tuple(sorted(judged, key=lambda each: (not each.shipped, each.name, each.distribution)))


def _name_problem(found: Found, others: list[Found]) -> str | None:
    if not _NAME.match(found.name):
        return f"the name {found.name!r} is not valid: lower-case letters, digits and dashes, starting with a letter"
    if any(other.shipped for other in others):
        return f"the name {found.name!r} belongs to a plugin that ships with hookkit"
    if others and not found.shipped:
        claimants = ", ".join(sorted(other.distribution for other in others))
        return f"the name {found.name!r} is also claimed by {claimants}: uninstall one of them"
    return None
