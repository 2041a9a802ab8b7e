"""The backend for a plain ssh account: lines in its ``authorized_keys``. Nothing is written here."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from hookkit.api import UsageError, repositories
from hookkit_plugins.setup.enroll import authorized_keys, keydir, matching
from hookkit_plugins.setup.enroll.plan import Plan, Request
from hookkit_plugins.setup.keys import PublicKey

_FILE = "authorized_keys"
# Lines that others write, in a file that is theirs.
_MANAGED = {"gitolite-shell": "gitolite", "gitosis-serve": "gitosis"}


def recognises(folder: Path) -> bool:
    """Whether ``folder`` is the folder ``.ssh`` of an account, or in the place of one."""
    return (folder / _FILE).is_file() or folder.name == ".ssh"


def plan(folder: Path, keys: Mapping[str, PublicKey], globs: Sequence[str], _group: str) -> Plan:
    """What to change. The repositories are the bare ones below the folder that ``folder`` is in, the account's home.

    There is no group: each key has a line of its own.

    :raises UsageError: the name of a repository cannot stand in such a line.
    """
    home = folder.resolve().parent
    # Names are checked as for gitosis: the same file may be enrolled there too.
    refused = matching.wrong_names({name: matching.wrong_for_gitosis(name) for name in keys}) + keydir.same_keys(keys)
    there = _bare(home)
    matched, none = matching.repositories(globs, there)
    refused += none
    for name in matched:
        if not authorized_keys.SAFE.fullmatch(there[name]):
            raise UsageError(f"{there[name]!r} cannot stand in authorized_keys", hint="letters, digits, . _ / + @ -")
    places = [there[name] for name in matched]
    path = folder / _FILE
    text = keydir.text_of(path) if path.exists() else ""
    refused += [
        f"{path} is written by {who}: enroll in a clone of its admin repository"
        for word, who in _MANAGED.items()
        if word in text
    ]
    for name, key in keys.items():
        text, reason = authorized_keys.enrolled(text, name, key, sys.executable, str(home), places)
        refused += [f"{_FILE}: {reason}"] if reason else []
    if refused:
        return Plan({}, refused=tuple(refused), versioned=False)
    words = authorized_keys.command(sys.executable, str(home), places)
    request = Request(tuple(words), {"SSH_ORIGINAL_COMMAND": f"git-upload-pack '{places[0]}'"})
    return Plan({_FILE: text}, tuple(matched), versioned=False, requests=(request,))


def _bare(home: Path) -> dict[str, str]:
    """The bare repositories below ``home``, hidden folders left out: name to path from there."""
    found = {}
    for path in repositories(home, lambda _: None):
        place = os.path.relpath(path, home)
        hidden = any(part.startswith(".") for part in Path(place).parts)
        if not hidden and (path / "HEAD").is_file() and not os.path.lexists(path / ".git"):
            found[place.removesuffix(".git")] = place
    return found
