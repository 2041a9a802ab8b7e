"""Whether git starts hookkit in every hook that plugins need, and still runs the hooks that were there before."""

import functools
import os
from collections.abc import Callable, Iterator

from hookkit.catalogue import HOOKS
from hookkit.installation import config_method, install, layout, manifest, needs, placing, stub
from hookkit.installation.manifest import Manifest
from hookkit.installation.needs import Needs
from hookkit.installation.selection import Taken
from hookkit.installation.slot import Kind, Slot
from hookkit.repository import Repository
from hookkit.values import Check

_INSTALL = "hookkit install"

Fix = Callable[[], object]


def checks(repo: Repository) -> Iterator[Check]:
    """One check per hook.

    :raises HookkitError: hooks cannot be had here (any more), or what was installed is not known.
    """
    noted = manifest.load(repo)
    needed = needs.of(repo)
    again = functools.cache(lambda: install(repo))
    if noted is None:
        cause = f"{manifest.path(repo)} is gone, which says what install has changed: uninstall could not take it back"
        yield Check("installation", "problem", cause, _INSTALL, again)
        noted = Manifest()
    if noted.method == "config":
        yield from (_registered(repo, hook, needed, again) for hook in _expected(noted, needed, config_method.TAKEN))
        return
    where = layout.decide(layout.look(repo))
    mode = placing.stub_mode(repo.common_dir)
    for hook in _expected(noted, needed, where.taken):
        each = where.slot(hook)
        yield _stub(each, mode, _who(needed, hook), again)
        yield from _kept(each, noted)


def _expected(noted: Manifest, needed: Needs, taken: Taken) -> list[str]:
    """The hooks that have to be there: plugins need them, or they were asked for, or were there."""
    wanted = {hook for hook, plugins in needed.hooks.items() if plugins} | {*noted.asked, *noted.stubs.values()}
    if noted.asked:
        wanted &= {*noted.asked, *noted.stubs.values()}
    return [hook for hook in HOOKS if hook in wanted and hook not in taken]


def _who(needed: Needs, hook: str) -> str:
    plugins = needed.hooks.get(hook, ())
    return f", and {' and '.join(plugins)} would use it" if plugins else ""


def _stub(each: Slot, mode: int, who: str, again: Fix) -> Check:
    name, held = f"hook {each.hook}", each.holds
    if held is Kind.NOTHING:
        return Check(name, "problem", f"{each.path} is not there: git does not start hookkit{who}", _INSTALL, again)
    if held is Kind.ODD:
        return Check(name, "problem", f"{each.path} is not a file{who}", f"move it away, then: {_INSTALL}")
    if held is Kind.HOOK:
        return _replaced(each, who, again)
    if not os.access(each.path, os.X_OK):
        return Check(name, "problem", f"{each.path} is not executable: git does not run it{who}", _INSTALL, again)
    data = each.path.read_bytes()
    change = placing.change(each, stub.text(HOOKS[each.hook], stub.interpreter(data)), mode)
    if change:
        return Check(name, "warning", f"{each.path} is not as install writes it: {change}", _INSTALL, again)
    return Check(name, "ok", "the hook from before, then plugins" if each.keeps else "plugins")


def _replaced(each: Slot, who: str, again: Fix) -> Check:
    name, cause = f"hook {each.hook}", f"{each.path} is not hookkit's (any more): git does not start hookkit{who}"
    if each.kept is not None and (not each.keeps or each.is_double):
        return Check(name, "problem", cause, _INSTALL, again)
    both = f"; the hook from before is still kept, as {each.kept}" if each.keeps else ""
    return Check(name, "problem", cause + both, f"remove it, or make one of both; then: {_INSTALL}")


def _kept(each: Slot, noted: Manifest) -> Iterator[Check]:
    """The hook from before that the stub runs first."""
    name = f"kept hook {each.hook}"
    if each.hook in noted.kept and not each.keeps:
        cause = f"{each.kept} is gone: the hook from before install does not run any more"
        yield Check(name, "problem", cause, f"put it back there; or, to do without it: {_INSTALL}")
    elif each.keeps and each.kept is not None and each.kept.is_symlink() and not each.kept.exists():
        cause = f"{each.kept} is a link to {each.kept.readlink()}, which is gone: it does not run any more"
        yield Check(name, "problem", cause, f"put that back; or, to do without it: rm {each.kept} && {_INSTALL}")


def _registered(repo: Repository, hook: str, needed: Needs, again: Fix) -> Check:
    """A hook that git starts from its configuration."""
    name, key = f"hook {hook}", config_method.event_key(hook)
    command = repo.config.last(key.removesuffix("event") + "command")
    if repo.config.last(key) is None or command is None:
        return Check(name, "problem", f"{key} is not set any more{_who(needed, hook)}", _INSTALL, again)
    return Check(name, "ok", f"plugins, from {command.place}")
