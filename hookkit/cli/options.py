"""The options that a command knows: the core's and those that plugins declare, and what is set of them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from hookkit.cli.loading import Here, load
from hookkit.errors import ConfigError, HookkitError, PluginError, UsageError, summary
from hookkit.gitconfig import Entry, GitConfig, normal, split
from hookkit.mistakes import check, unknown_key
from hookkit.options import CORE, Option, with_common
from hookkit.text import nearest, redact


class Declared(NamedTuple):
    """The options that are known here.

    :param by_plugin: of every plugin that was asked, with those that all plugins have.
    :param unknown: the plugins that are installed but were not asked, or did not answer.
    :param problems: why they did not.
    """

    by_plugin: dict[str, list[Option[object]]]
    unknown: frozenset[str]
    problems: list[PluginError]


class Setting(NamedTuple):
    """One key that may be set, and the lines that set it.

    :param plugin: whose option it is; None: the core's.
    :param entries: in git's order; empty: the default holds.
    """

    key: str
    plugin: str | None
    option: Option[object]
    entries: list[Entry]

    @property
    def value(self) -> object:
        """What holds.

        :raises ConfigError: what is set is not allowed.
        """
        return self.option.read(self.entries)

    def report(self) -> dict[str, object]:
        """It as JSON values, with what is wrong with it."""
        problem = None
        try:
            value = self.value
        except ConfigError as error:
            value, problem = None, summary(error)
        return {
            "key": self.key,
            "plugin": self.plugin,
            "value": value,
            "scope": self.entries[-1].scope if self.entries else "default",
            "origin": self.entries[-1].place if self.entries else None,
            "default": self.option.default,
            "allowed": self.option.allowed,
            "help": self.option.help,
            "problem": problem,
        }


def declared(place: Here) -> Declared:
    """Ask the plugins that are on, and all that ship with hookkit."""
    plugins = load(place, "hookkit_options", shipped=True)
    by_plugin: dict[str, list[Option[object]]] = {}
    for found in plugins.found:
        # One that declares nothing still has what all plugins have.
        by_plugin[found.name] = with_common([], on=found.default)
    for found, answer in plugins.gather("hookkit_options"):
        if isinstance(answer, Sequence) and all(isinstance(each, Option) for each in answer):
            by_plugin[found.name] = with_common(answer, on=found.default)
        else:
            error = PluginError(
                f"plugin {found.name!r} declares no options", cause="hookkit_options must return Options"
            )
            plugins.problems.append((found, error))
    for found, _ in plugins.problems:
        by_plugin.pop(found.name, None)
    unknown = frozenset(found.name for found in place.cache.plugins if found.name not in by_plugin)
    return Declared(by_plugin, unknown, [error for _, error in plugins.problems])


def mistakes(place: Here) -> list[HookkitError]:
    """Everything that is wrong with what is set, and with the plugins that should say what may be set."""
    known = declared(place)
    return [*known.problems, *check(place.config, known.by_plugin, known.unknown)]


def settings(known: Declared, config: GitConfig) -> Iterator[Setting]:
    """Every key that may be set; those per remote for each remote that there is."""
    remotes: list[str | None] = list(config.subsections("remote"))
    for plugin, option in _all(known):
        # Without a remote: the key as the reference shows it.
        for remote in remotes if option.per_remote and remotes else [None]:
            key = option.config_key(plugin, remote)
            yield Setting(key, plugin, option, config.every(key))


def find(known: Declared, config: GitConfig, key: str) -> Setting:
    """The setting of that key.

    :raises UsageError: there is none of that name, or no such remote.
    """
    wanted = normal(key)
    for setting in settings(known, config):
        if normal(setting.key) == wanted:
            return setting
    section, subsection, name = split(wanted)
    if section == "remote" and subsection is not None and name in _per_remote(known):
        remotes = config.subsections("remote")
        meant = nearest(subsection, remotes)
        hint = f"did you mean {meant}?" if meant else f"there are: {', '.join(map(redact, remotes)) or 'none'}"
        raise UsageError(f"there is no remote {redact(subsection)!r}", hint=hint)
    if section == "hookkit" and subsection in known.unknown:
        raise UsageError(
            f"{key}: the options of plugin {subsection!r} are known only while it is on",
            hint=f"hookkit plugins enable {subsection}",
        )
    raise unknown_key(Entry("", "", key, None), [setting.key for setting in settings(known, config)])


def _per_remote(known: Declared) -> set[str]:
    """The names that follow ``remote.<remote>.``."""
    return {split(normal(option.config_key(plugin, "x")))[2] for plugin, option in _all(known) if option.per_remote}


def text(value: object) -> str:
    """A value as people write it in configuration."""
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case tuple():
            return ", ".join(map(text, value))
    return str(value)


def _all(known: Declared) -> Iterator[tuple[str | None, Option[object]]]:
    yield from ((None, option) for option in CORE)
    for plugin, options in known.by_plugin.items():
        yield from ((plugin, option) for option in options)
    for plugin in sorted(known.unknown):
        yield from ((plugin, option) for option in with_common([]))
