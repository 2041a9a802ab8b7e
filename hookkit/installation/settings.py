"""Configuration that install sets and uninstall takes back, key by key. Pure."""

from collections.abc import Mapping, Sequence

from hookkit.installation import config_file
from hookkit.installation.config_file import Edit, Values
from hookkit.installation.manifest import Setting


def wanted(settings: Mapping[str, str], in_force: Mapping[str, str], ours: Mapping[str, Setting]) -> dict[str, str]:
    """Of ``settings`` those that are different from what is in force, or that are in force because install has set them.

    :param in_force: key to the value that decides, from wherever it comes.
    """
    return {key: value for key, value in settings.items() if key in ours or in_force.get(key) != value}


def changes(
    ours: Mapping[str, Setting], wanted: Mapping[str, str], values: Values
) -> tuple[list[Edit], dict[str, Setting]]:
    """What to edit so that exactly ``wanted`` is set by install, and the record of it.

    :param ours: what install has set so far.
    :param values: what the configuration file holds.
    """
    edits = [edit for key, setting in ours.items() if key not in wanted for edit in undo(key, setting, values)]
    record = {}
    for key, value in wanted.items():
        before = config_file.of(values, key)
        record[key] = Setting(value, ours[key].before if key in ours else before)
        if before != (value,):
            edits.append(("--replace-all", key, value))
    return edits, record


def described(edits: Sequence[Edit], values: Values) -> list[str]:
    """``edits`` in words."""
    lines = []
    for action, key, *value in edits:
        was = ", ".join(map(str, config_file.of(values, key))) or "not set"
        if action == "--replace-all":
            lines.append(f"{key}: set to {value[0]} (was {was})")
        elif action == "--unset-all":
            lines.append(f"{key}: taken back (was {was})")
    return lines


def undo(key: str, setting: Setting, values: Values) -> list[Edit]:
    """What to edit to take back one setting; nothing if somebody has changed it since: theirs stays."""
    if config_file.of(values, key) != (setting.value,):
        return []
    # A key without `=` cannot be written by git: it means true.
    return [("--unset-all", key), *(("--add", key, "true" if value is None else value) for value in setting.before)]


def is_changed(key: str, setting: Setting, values: Values) -> bool:
    """Somebody else has changed this setting since install."""
    return config_file.of(values, key) not in ((setting.value,), setting.before)
