"""What an installation is going to change in a repository, decided before anything is touched."""

import os
from typing import NamedTuple

from hookkit.catalogue import HOOKS
from hookkit.errors import UsageError
from hookkit.installation import config_file, config_method, layout, placing, settings, stub
from hookkit.installation.config_file import ConfigFile
from hookkit.installation.layout import Layout
from hookkit.installation.manifest import Manifest
from hookkit.installation.needs import Needs
from hookkit.installation.selection import select
from hookkit.installation.slot import Kind, Slot
from hookkit.options import NODE
from hookkit.repository import Repository

_NODE = NODE.config_key(None)


class Wish(NamedTuple):
    """What the person wants.

    :param python: the interpreter that hooks shall start.
    :param node: the name of this node; None: leave it.
    :param hooks: exactly these hooks; None: those that are needed.
    :param method: ``auto``, ``stub`` or ``config``.
    """

    python: str
    node: str | None = None
    hooks: tuple[str, ...] | None = None
    method: str = "auto"


class Plan(NamedTuple):
    """What is to be done.

    :param method: ``stub`` or ``config``.
    :param hooks: the hooks that git will start hookkit for.
    :param stubs: every stub that there is to be.
    :param write: those of them that are missing or not as they should be, with their text.
    :param remove: stubs that are not needed any more.
    :param settings: all configuration that install is to have set.
    :param changes: one line per change, for people.
    :param notes: what people should know beside.
    """

    method: str
    hooks: tuple[str, ...]
    stubs: tuple[Slot, ...]
    write: dict[Slot, bytes]
    remove: tuple[Slot, ...]
    settings: dict[str, str]
    changes: tuple[str, ...]
    notes: tuple[str, ...]


def make(repo: Repository, before: Manifest | None, needs: Needs, wish: Wish) -> Plan:
    """Decide.

    :param before: what an earlier installation has done.
    :raises UsageError: it cannot be done as wished; nothing was changed.
    """
    noted = before or Manifest()
    method, where, notes = _method(repo, noted, wish)
    notes = [*(problem.text for problem in needs.problems), *notes]
    hooks, left_out = select(wish.hooks, noted.asked, needs.hooks, where.taken if where else config_method.TAKEN)
    # What a plugin needs that could not be asked is not known: what is there stays.
    unsure = bool(needs.problems) and wish.hooks is None
    if not where and unsure:
        hooks = [hook for hook in HOOKS if hook in hooks or config_method.event_key(hook) in noted.settings]
    stubs, in_the_way = placing.place(where, hooks, asked=wish.hooks is not None) if where else ([], [])
    texts = {each: stub.text(HOOKS[each.hook], wish.python) for each in stubs}
    mode = placing.stub_mode(repo.common_dir)
    changes = {each: placing.change(each, text, mode) for each, text in texts.items()}
    write = {each: text for each, text in texts.items() if changes[each]}
    remove = _superfluous(repo, before, stubs)
    if where and unsure:
        stubs, remove = [*stubs, *remove], []
    registered = {} if where else config_method.settings(hooks, wish.python)
    wanted, lines = _settings(repo, noted, needs, wish.node, registered)
    notes += [*left_out, *in_the_way, *(line for each in write for line in placing.warnings(each))]
    if where and where.note and write:
        notes.append(where.note)
    started = {each.hook for each in stubs} if where else set(hooks)
    return Plan(
        method,
        tuple(hook for hook in HOOKS if hook in started),
        tuple(stubs),
        write,
        tuple(remove),
        wanted,
        (*filter(None, changes.values()), *(_removal(repo, each) for each in remove), *lines),
        tuple(notes),
    )


def present(repo: Repository, before: Manifest | None) -> list[Slot]:
    """Every place in ``repo`` that has a stub, or something that one has left behind."""
    noted = before.stubs if before is not None else {}
    slots = [layout.slot_at(layout.home(repo) / path, hook) for path, hook in noted.items()]
    slots += [place.slot(hook) for place in layout.places(repo) for hook in HOOKS]
    found = {each.path: each for each in slots if each.holds is Kind.STUB or each.keeps or each.scratch.exists()}
    return list(found.values())


def _method(repo: Repository, before: Manifest, wish: Wish) -> tuple[str, Layout | None, list[str]]:
    """How; where, if by stubs; and what people should know about that."""
    if wish.method == "config" or (wish.method == "auto" and before.method == "config"):
        config_method.check(config_method.git_version())
        return "config", None, []
    try:
        return "stub", layout.decide(layout.look(repo)), []
    except UsageError as refusal:
        if wish.method == "stub" or config_method.git_version() < config_method.SINCE:
            raise
        return "config", None, [f"{refusal.message}: git starts the hooks from its configuration instead"]


def _superfluous(repo: Repository, before: Manifest | None, stubs: list[Slot]) -> list[Slot]:
    staying = {each.path for each in stubs}
    return [each for each in present(repo, before) if each.path not in staying and each.holds is Kind.STUB]


def _removal(repo: Repository, each: Slot) -> str:
    where = os.path.relpath(each.path.parent, layout.home(repo))
    return f"{each.hook}: stub in {where} removed" + ("; the hook from before is back" if each.keeps else "")


def _settings(
    repo: Repository, before: Manifest, needs: Needs, node: str | None, registered: dict[str, str]
) -> tuple[dict[str, str], list[str]]:
    """All configuration that install is to have set, and a line for each change."""
    file = ConfigFile(repo)
    values = file.values(file.read())
    ours = before.settings
    deciding = {key: repo.config.last(key) for key in needs.settings}
    in_force = {key: "true" if entry.value is None else entry.value for key, entry in deciding.items() if entry}
    wanted = settings.wanted(needs.settings, in_force, ours) | registered
    if needs.problems:
        wanted = {key: each.value for key, each in ours.items() if not config_method.is_ours(key)} | wanted
    if node is not None and (_NODE in ours or config_file.of(values, _NODE) != (node,)):
        wanted[_NODE] = node
    elif _NODE in ours:
        wanted[_NODE] = ours[_NODE].value
    edits, _ = settings.changes(ours, wanted, values)
    return wanted, settings.described(edits, values)
