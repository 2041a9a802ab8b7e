"""Mistakes in the configuration: keys that no option has, and values that are not allowed."""

from collections.abc import Collection, Mapping

from hookkit.errors import ConfigError
from hookkit.gitconfig import Entry, GitConfig, normal, split
from hookkit.options import CORE, Option, argument, with_common
from hookkit.text import nearest, redact


def check(
    config: GitConfig, declared: Mapping[str, list[Option[object]]], unknown: Collection[str] = ()
) -> list[ConfigError]:
    """Every mistake in the ``hookkit.*`` and ``remote.*.hookkit*`` keys of ``config``.

    :param declared: the options of the plugins that were asked, by plugin name.
    :param unknown: the plugins that are installed but were not asked: only what all plugins have can be checked.
    """
    every = {**dict.fromkeys(unknown, with_common([])), **declared}
    known: dict[str, Option[object]] = {normal(option.config_key(None)): option for option in CORE}
    per_remote: dict[str, Option[object]] = {}
    for plugin, options in every.items():
        for each in options:
            if each.per_remote:
                per_remote[each.config_key(plugin, "").rpartition(".")[2].lower()] = each
            else:
                known[normal(each.config_key(plugin))] = each
    mistakes = [
        _mistake(entry, known.get(entry.key), sorted(known))
        for entry in config.below("hookkit")
        if entry.key in known or split(entry.key)[1] not in unknown
    ]
    for entry in config.below("remote"):
        prefix, dot, name = entry.key.rpartition(".")
        uncertain = any(name.startswith(f"hookkit-{plugin}-".lower()) for plugin in unknown)
        if name.startswith("hookkit") and (name in per_remote or not uncertain):
            names = sorted(prefix + dot + each for each in per_remote)
            mistakes.append(_mistake(entry, per_remote.get(name), names))
    return [mistake for mistake in mistakes if mistake]


def unknown_key(entry: Entry, names: list[str]) -> ConfigError:
    """The error about a key that no option has; ``names`` are those that there are."""
    meant = nearest(entry.key, names)
    value = "" if entry.value is None else f" = {redact(entry.value)!r}"
    return ConfigError(
        f"{entry.key}{value}: there is no such option",
        cause=entry.place,
        hint=f"did you mean {meant}?" if meant else "hookkit config list shows all options",
        command=f"hookkit config unset{argument(entry)}",
    )


def _mistake(entry: Entry, option: Option[object] | None, names: list[str]) -> ConfigError | None:
    if option is None:
        return unknown_key(entry, names)
    try:
        option.read_one(entry)
    except ConfigError as error:
        return error
    return None
