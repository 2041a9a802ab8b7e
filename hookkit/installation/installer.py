"""``hookkit install``: carries out the plan, so that being killed at any moment leaves something that can be completed."""

import contextlib
import functools
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from hookkit import discovery, options, process
from hookkit.environment import clean_environment
from hookkit.errors import HookkitError, UsageError
from hookkit.installation import config_file, manifest, needs, placing, plan, settings, uninstaller
from hookkit.installation.config_file import ConfigFile
from hookkit.installation.layout import home
from hookkit.installation.manifest import Manifest
from hookkit.installation.plan import Plan, Wish
from hookkit.installation.session import exclusive, explained
from hookkit.repository import Repository
from hookkit.text import one_line

_ATTEMPTS = 5
_INSTALL_HINT = "install hookkit with `pipx install hookkit`, or with pip into a virtual environment"


class Report(NamedTuple):
    """What was done, or would be.

    :param changes: one line per change; empty: everything was as it should be.
    :param notes: what people should know beside.
    :param hooks: the hooks that git starts hookkit for.
    :param plugins: the plugins that are on.
    """

    changes: tuple[str, ...]
    notes: tuple[str, ...]
    hooks: tuple[str, ...]
    plugins: tuple[str, ...]


def install(
    repo: Repository,
    *,
    node: str | None = None,
    hooks: tuple[str, ...] | None = None,
    method: str = "auto",
    dry_run: bool = False,
) -> Report:
    """Have git start hookkit in ``repo``, or bring an installation up to date; what is as it should be is not touched.

    :param node: this node's name, to be set in the repository's configuration.
    :param hooks: exactly these hooks; None: those that the plugins need, and that were named before.
    :param method: ``auto``, ``stub`` or ``config``.
    :param dry_run: change nothing, say what would change.
    :raises HookkitError: it cannot be done; a repository that was without hookkit is again.
    """
    _check_interpreter(sys.executable)
    wish = Wish(sys.executable, _checked_node(node), hooks, method)
    if dry_run:
        with explained(repo):
            needed = needs.of(repo)
            return _report(plan.make(repo, manifest.load(repo), needed, wish), needed)
    with exclusive(repo):
        repo.reload()
        needed = needs.of(repo)
        before = manifest.load(repo)
        todo = plan.make(repo, before, needed, wish)
        try:
            _carry_out(repo, before, todo, wish)
        except BaseException:
            if before is None:
                with contextlib.suppress(HookkitError, OSError):
                    uninstaller.undo(repo)
            raise
        repo.reload()
        discovery.cached(repo)
        for found, origin, implemented in needed.learnt:
            discovery.remember(repo, found, origin, implemented)
    return _report(todo, needed)


def _report(todo: Plan, needed: needs.Needs) -> Report:
    return Report(todo.changes, todo.notes, todo.hooks, needed.plugins)


def _carry_out(repo: Repository, before: Manifest | None, todo: Plan, wish: Wish) -> None:
    start = before or _begin(repo)
    asked = start.asked if wish.hooks is None else wish.hooks
    stubs = {os.path.relpath(each.path, home(repo)): each.hook for each in todo.stubs}
    missing = _missing_folders(home(repo), todo)
    # Written first: whatever happens from here on, uninstall knows where to look.
    folders = tuple(dict.fromkeys((*start.folders, *(os.path.relpath(each, home(repo)) for each in missing))))
    aim = replace(start, method=todo.method, asked=asked, stubs=stubs, folders=folders)
    if aim != before:
        manifest.save(repo, replace(aim, stubs=start.stubs | stubs))
    for folder in missing:
        folder.mkdir(exist_ok=True)
        folder.chmod(repo.common_dir.stat().st_mode & 0o7777)
    done = _set(repo, replace(aim, stubs=start.stubs | stubs), todo.settings)
    mode = placing.stub_mode(repo.common_dir)
    for each, text in todo.write.items():
        each.put(text, mode)
    for each in todo.remove:
        each.take_back()
    done = replace(done, stubs=stubs, kept=tuple(each.hook for each in todo.stubs if each.keeps))
    if done != before:
        manifest.save(repo, done)


def _begin(repo: Repository) -> Manifest:
    """Put the configuration file aside as it is."""
    file = ConfigFile(repo)
    data = file.read()
    file.keep_original(data)
    return Manifest(known=(config_file.fingerprint(data),))


def _missing_folders(top: Path, todo: Plan) -> list[Path]:
    """The folders that stubs need and that are not there, outermost first."""
    wanted = {folder for each in todo.write for folder in each.path.parents if folder.is_relative_to(top)}
    return sorted(folder for folder in wanted if not folder.exists())


def _set(repo: Repository, noted: Manifest, wanted: dict[str, str]) -> Manifest:
    """Have exactly ``wanted`` set by install; the manifest that says so."""
    file = ConfigFile(repo)
    for _ in range(_ATTEMPTS):
        data = file.read()
        edits, record = settings.changes(noted.settings, wanted, file.values(data))
        after = file.edited(data, edits)
        known = noted.known
        if after != data:
            ours = config_file.fingerprint(data) in known
            known = tuple(dict.fromkeys((*known, config_file.fingerprint(after)))) if ours else ()
        if record != noted.settings or known != noted.known:
            manifest.save(repo, replace(noted, settings=noted.settings | record, known=known))
        if file.swap(data, after):
            return replace(noted, settings=record, known=known)
    raise HookkitError(f"{file.path} is being changed all the time", hint="try again later")


@functools.cache
def _check_interpreter(python: str) -> None:
    """Whether hooks can use the interpreter that runs this, by the path that leads into its virtual environment.

    :raises UsageError: they cannot.
    """
    if not python or "\n" in python:
        raise UsageError(f"hooks cannot start the interpreter {python!r}", hint=_INSTALL_HINT)
    check = process.run((python, "-I", "-c", "import hookkit.start"), cwd="/", env=clean_environment())
    if check.status:
        raise UsageError(
            f"hooks cannot use this hookkit: {python} -I does not find it",
            cause=one_line(check.stderr.strip().rpartition(b"\n")[2]) or None,
            hint=_INSTALL_HINT,
        )


def _checked_node(node: str | None) -> str | None:
    if node is not None:
        try:
            options.NODE.parse(node)
        except ValueError:
            raise UsageError(f"--node {node!r} is not allowed", hint=f"allowed: {options.NODE.allowed}") from None
    return node
