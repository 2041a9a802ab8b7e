"""The backend for gitolite 3: ``keydir/NAME.pub``, a group, and rules for it. Nothing is written here."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hookkit_plugins.setup.enroll import gitolite_access, gitolite_edit, gitolite_file, keydir, matching
from hookkit_plugins.setup.enroll.gitolite_file import MAIN
from hookkit_plugins.setup.enroll.plan import Plan
from hookkit_plugins.setup.keys import PublicKey

# What gitolite says when it does not take a configuration; the push has exit status 0 nevertheless.
_COMPLAINT = r"(?m)^remote: FATAL: .*"
_WAY_BACK = (
    f"cd ~/repositories/{gitolite_access.ADMIN}.git",
    "git update-ref refs/heads/{branch} {old}",
    "git --work-tree=$HOME/.gitolite checkout --quiet --force {branch}",
    "gitolite setup",
)


def recognises(folder: Path) -> bool:
    """Whether ``folder`` is what gitolite is configured by."""
    return (folder / MAIN).is_file()


def plan(folder: Path, keys: Mapping[str, PublicKey], globs: Sequence[str], group: str) -> Plan:
    """What to change.

    :raises HookkitError: the configuration cannot be edited.
    """
    refused = matching.wrong_names({name: matching.wrong_for_gitolite(name) for name in keys})
    files = keydir.files(folder, "**/*.conf")

    def find(glob: str) -> list[str]:
        # What is outside of the repository is on the server only.
        inside = not glob.startswith(("/", ".."))
        return sorted(path.relative_to(folder).as_posix() for path in folder.glob(glob)) if inside else []

    found = gitolite_access.access(gitolite_file.statements(files.get, find))
    # A pattern for repositories that people make themselves is only meant where it is spelled out.
    names = [name for name in found.repositories() if name in globs or gitolite_file.is_name(name)]
    matched, none = matching.repositories(globs, names, gitolite_access.ADMIN)
    placed, taken = keydir.with_keys(keydir.files(folder, "keydir/**/*.pub"), keys, _account)
    refused += [*none, *taken]
    if refused:
        return Plan({}, refused=tuple(refused))
    edited = gitolite_edit.granted(files, find, group, list(keys), matched)
    new = [name for name in keys if name not in found.groups.get(f"@{group}", ())]
    others = [name for name in gitolite_access.named_for(found, f"@{group}") if name not in matched]
    notes = tuple(matching.about_others(group, new, others))
    return Plan({**placed, **edited}, tuple(matched), notes=notes, complaint=_COMPLAINT, way_back=_WAY_BACK)


def _account(path: str) -> str:
    """Whose key a file holds, as gitolite's ssh-authkeys sees it."""
    return re.sub(r"(?:@[^.]+)?\.pub$", "", path.rpartition("/")[2])
