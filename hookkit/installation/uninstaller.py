"""``hookkit uninstall``: the repository as it was found, byte for byte where nobody has changed anything since."""

import contextlib
import shutil
from typing import NamedTuple

from hookkit.errors import HookkitError
from hookkit.installation import config_file, manifest, plan, settings
from hookkit.installation.config_file import ConfigFile
from hookkit.installation.layout import home, slot_at
from hookkit.installation.manifest import Manifest
from hookkit.installation.session import LOCK, exclusive
from hookkit.installation.slot import Kind
from hookkit.repository import Repository

_ATTEMPTS = 5


class Undone(NamedTuple):
    """What was taken back.

    :param changes: one line per change; empty: hookkit was not installed.
    :param notes: what stays, and why.
    """

    changes: tuple[str, ...]
    notes: tuple[str, ...]


def uninstall(repo: Repository) -> Undone:
    """Leave ``repo`` as it was before ``hookkit install``; what others have changed since stays as they want it.

    :raises HookkitError: it cannot be done, or not completely: then it can be repeated.
    """
    if not repo.state_dir.is_dir() and not plan.present(repo, None):
        return Undone((), ())
    with exclusive(repo):
        return undo(repo)


def undo(repo: Repository) -> Undone:
    """The same, for who is alone in the repository already."""
    noted = manifest.load(repo) or Manifest()
    changes: list[str] = []
    notes = [f"{path} is not hookkit's any more: it stays" for path in noted.stubs if _is_replaced(repo, noted, path)]
    for each in plan.present(repo, noted):
        held, kept = each.holds, each.keeps
        if not each.take_back():
            notes.append(f"{each.path} is not hookkit's: it stays, and so does the hook from before it, {each.kept}")
        elif held is Kind.STUB or kept:
            changes.append(f"{each.hook}: " + " and ".join(_words(held, kept)))
    _restore_configuration(repo, noted, changes, notes)
    for folder in reversed(noted.folders):
        with contextlib.suppress(OSError):  # others keep something in it by now
            (home(repo) / folder).rmdir()
    _empty(repo)
    return Undone(tuple(changes), tuple(notes))


def _is_replaced(repo: Repository, noted: Manifest, path: str) -> bool:
    each = slot_at(home(repo) / path, noted.stubs[path])
    return each.holds is Kind.HOOK and not each.keeps


def _words(held: Kind, kept: bool) -> list[str]:
    return ["stub removed"] * (held is Kind.STUB) + ["the hook from before is back"] * kept


def _restore_configuration(repo: Repository, noted: Manifest, changes: list[str], notes: list[str]) -> None:
    """The bytes from before, if install was the only one to change them since; else install's keys one by one."""
    file = ConfigFile(repo)
    for _ in range(_ATTEMPTS):
        data = file.read()
        values = file.values(data)
        edits = [edit for key, setting in noted.settings.items() for edit in settings.undo(key, setting, values)]
        untouched = config_file.fingerprint(data) in noted.known
        if file.swap(data, file.original.read_bytes() if untouched else file.edited(data, edits)):
            changes += settings.described(edits, values)
            theirs = [key for key, setting in noted.settings.items() if settings.is_changed(key, setting, values)]
            notes += [f"{key} was changed after install: it stays as it is" for key in theirs]
            return
    raise HookkitError(f"{file.path} is being changed all the time", hint="try again later")


def _empty(repo: Repository) -> None:
    """Remove what is kept for the repository, and last that by which an interrupted run is completed."""
    last = [manifest.path(repo), ConfigFile(repo).original]
    for each in repo.state_dir.iterdir():
        if each.name == LOCK or each in last:
            continue
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()
    for each in last:
        each.unlink(missing_ok=True)
