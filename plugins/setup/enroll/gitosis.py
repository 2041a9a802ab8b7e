"""The backend for gitosis: ``keydir/NAME.pub``, and a group in ``gitosis.conf``. Nothing is written here."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hookkit_plugins.setup.enroll import gitosis_edit, gitosis_file, keydir, matching
from hookkit_plugins.setup.enroll.gitosis_file import Meaning
from hookkit_plugins.setup.enroll.plan import Plan
from hookkit_plugins.setup.keys import PublicKey

_FILE = "gitosis.conf"
# What gitosis takes for a repository in a request.
_NAME = r"[a-zA-Z0-9][a-zA-Z0-9@._-]*(?:/[a-zA-Z0-9][a-zA-Z0-9@._-]*)*"
ADMIN = "gitosis-admin"
# gitosis reads its configuration before everything, a push that would repair it too: that is left to do by hand.
_WAY_BACK = (
    f"cd ~/repositories/{ADMIN}.git",
    "git update-ref refs/heads/{branch} {old}",
    f"git show {{old}}:{_FILE} >{_FILE}",
)


def recognises(folder: Path) -> bool:
    """Whether ``folder`` is what gitosis is configured by."""
    return (folder / _FILE).is_file()


def plan(folder: Path, keys: Mapping[str, PublicKey], globs: Sequence[str], group: str) -> Plan:
    """What to change.

    :raises HookkitError: the configuration cannot be edited.
    """
    refused = matching.wrong_names({name: matching.wrong_for_gitosis(name) for name in keys})
    text = keydir.text_of(folder / _FILE)
    names, notes = known(text)
    matched, none = matching.repositories(globs, names, ADMIN)
    # Only the keys beside each other count: gitosis does not look into folders.
    files, taken = keydir.with_keys(keydir.files(folder, "keydir/*.pub"), keys, lambda path: Path(path).stem)
    refused += [*none, *taken]
    if refused:
        return Plan({}, refused=tuple(refused))
    edited = gitosis_edit.granted(text, group, list(keys), matched)
    notes += _about_others(text, group, list(keys), matched)
    return Plan({**files, _FILE: edited}, tuple(matched), notes=tuple(notes), way_back=_WAY_BACK)


def _about_others(text: str, group: str, members: Sequence[str], matched: Sequence[str]) -> list[str]:
    found = next(iter(gitosis_edit.readings(text).values()))
    new = [name for name in members if name not in found.get(f"group {group}", {}).get("members", "").split()]
    has = [name for each in gitosis_file.groups(found) if each.name == group for name in each.repositories]
    return matching.about_others(group, new, [name for name in dict.fromkeys(has) if name not in matched])


def known(text: str) -> tuple[list[str], list[str]]:
    """The repositories that a configuration names and that a group can be given, and notes about others.

    :raises UsageError: it cannot be parsed.
    """
    (names, notes), *others = (_known(found) for found in gitosis_edit.readings(text).values())
    # What is a name in one reading only is a word of a comment.
    return [name for name in names if all(name in other for other, _ in others)], notes


def _known(found: Meaning) -> tuple[list[str], list[str]]:
    names: dict[str, None] = {}
    notes = []
    for group in gitosis_file.groups(found):
        if group.folder is None:
            names |= dict.fromkeys(group.repositories)
        elif group.repositories:
            notes.append(
                f"what group {group.name} has is kept in a folder of its own ({group.folder}), and is left out"
            )
    names |= dict.fromkeys(gitosis_file.described(found))
    for name in [name for name in names if name.endswith(".git")]:
        del names[name]
        notes.append(f"{name} is left out: gitosis knows repositories without .git only")
    return [name for name in names if re.fullmatch(_NAME, name)], notes
