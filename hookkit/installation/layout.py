"""Where hooks go in a repository: git's own folder, ``core.hooksPath``, or what gitolite, GitLab, Gitea leave to others.

:func:`look` gathers facts, :func:`decide` is pure.
"""

import os
import shlex
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from hookkit.catalogue import HOOKS
from hookkit.errors import UsageError
from hookkit.gitconfig import Entry
from hookkit.installation.selection import Taken
from hookkit.installation.slot import Kind, Slot, content, kind
from hookkit.kept import KEPT_PREFIX
from hookkit.repository import Repository, hooks_dir

SCRATCH_PREFIX = "hookkit-new-"
_DROP_IN = "hookkit"

# What GitLab's and Gitea's servers call: githooks of theirs that run what is in a folder of drop-ins.
_PLATFORM_HOOKS = frozenset({"pre-receive", "update", "post-receive"})
_GITEA_DELEGATE = b"hooks/${hookname}.d/*"
_GITOLITE = b"Gitolite::Hooks::"


class Facts(NamedTuple):
    """What a repository looks like from outside.

    :param root: the folder that people name.
    :param common_dir: its git directory.
    :param hooks_path: the line of configuration that sets ``core.hooksPath``.
    :param folder: where git looks for hooks, symbolic links resolved.
    :param gitlab: how one can tell that GitLab keeps it; empty if not.
    :param gitea: how one can tell that Gitea or Forgejo keeps it; empty if not.
    :param gitolite: the hooks that gitolite keeps for itself; empty elsewhere.
    """

    root: Path
    common_dir: Path
    hooks_path: Entry | None
    folder: Path
    gitlab: str = ""
    gitea: str = ""
    gitolite: frozenset[str] = frozenset()


class Layout(NamedTuple):
    """Where stubs go.

    :param name: ``plain``, ``gitolite``, ``gitlab`` or ``gitea``.
    :param folder: the folder that they are in, or that has a folder of drop-ins for each hook.
    :param drop_in: hooks are drop-ins: the platform's own hook stays where it is, and so does everything else.
    :param taken: hooks that cannot be had here, and why.
    :param note: what people should know about it.
    """

    name: str
    folder: Path
    drop_in: bool = False
    taken: Taken = MappingProxyType({})
    note: str = ""

    def slot(self, hook: str) -> Slot:
        """The paths of ``hook``."""
        return slot_at(self.folder / f"{hook}.d" / _DROP_IN if self.drop_in else self.folder / hook, hook)


def slot_at(path: Path, hook: str) -> Slot:
    """The paths of ``hook``, whose stub is at ``path``."""
    if path.name == _DROP_IN:
        return Slot(hook, path, None, path.parent.with_name(SCRATCH_PREFIX + hook))
    return Slot(hook, path, path.with_name(KEPT_PREFIX + hook), path.with_name(SCRATCH_PREFIX + hook))


def home(repo: Repository) -> Path:
    """The folder that everything of install's is in, symbolic links resolved."""
    return Path(os.path.realpath(repo.common_dir))


def places(repo: Repository) -> list[Layout]:
    """Everywhere that stubs may be in a repository without ``core.hooksPath``."""
    common_dir = home(repo)
    return [
        Layout("plain", common_dir / "hooks"),
        Layout("gitea", common_dir / "hooks", drop_in=True),
        Layout("gitlab", common_dir / "custom_hooks", drop_in=True),
    ]


def look(repo: Repository) -> Facts:
    """Gather what :func:`decide` needs."""
    common_dir = home(repo)
    return Facts(
        root=repo.path,
        common_dir=common_dir,
        hooks_path=repo.config.last("core.hooksPath"),
        folder=Path(os.path.realpath(hooks_dir(repo))),
        gitlab=_gitlabs_trace(repo),
        gitea=_giteas_trace(repo),
        gitolite=_of_gitolite(repo),
    )


def decide(facts: Facts) -> Layout:
    """Where hooks go.

    :raises UsageError: nowhere, without touching what belongs to others; says what to do.
    """
    others = [hook for hook in HOOKS if hook not in _PLATFORM_HOOKS]
    if facts.gitlab:
        taken = {hook: f"GitLab runs no {hook} hooks" for hook in others}
        note = f"GitLab keeps this repository ({facts.gitlab}): it runs what is in custom_hooks/<hook>.d"
        return Layout("gitlab", facts.common_dir / "custom_hooks", True, taken, note)
    if not facts.folder.is_relative_to(facts.common_dir):
        raise _refusal(facts)
    if facts.gitea:
        taken = {hook: f"Gitea and Forgejo run no {hook} drop-ins" for hook in others}
        note = f"Gitea or Forgejo keeps this repository ({facts.gitea}): it runs what is in hooks/<hook>.d"
        return Layout("gitea", facts.folder, True, taken, note)
    taken = {hook: f"in this repository {hook} is gitolite's own" for hook in sorted(facts.gitolite)}
    return Layout("gitolite" if taken else "plain", facts.folder, False, taken)


def _refusal(facts: Facts) -> UsageError:
    own = facts.common_dir / "hooks"
    entry = facts.hooks_path
    if entry is None:
        return UsageError(
            f"the hooks of {facts.root} are not its own",
            cause=f"{own} is a symbolic link to {facts.folder}, which other repositories may use too",
            hint=f"give it a folder of its own: cd {shlex.quote(str(facts.common_dir))}"
            " && cp -R hooks/. own-hooks && rm hooks && mv own-hooks hooks",
        )
    if facts.folder.is_relative_to(facts.root):
        why = "it is part of the work tree, where a commit could change it"
    elif entry.scope in ("local", "worktree"):
        why = "it is outside of the repository, where others may use it too"
    else:
        why = "all repositories use it that read this configuration"
    return UsageError(
        f"git looks for the hooks of {facts.root} in {facts.folder}, which is not hookkit's to change: {why}",
        cause=f"{entry.place}: core.hooksPath = {entry.value}",
        hint="have git use the repository's own folder, which switches the other off for it:"
        f" git -C {shlex.quote(str(facts.root))} config core.hooksPath {shlex.quote(str(own))}",
    )


def _gitlabs_trace(repo: Repository) -> str:
    if repo.config.last("gitlab.fullpath") is not None:
        return "gitlab.fullpath is set"
    if "@hashed" in repo.common_dir.parts:
        return "its path contains @hashed"
    hooks = repo.common_dir / "hooks"
    # Others use a folder of that name as well, but they run it from hook files of their own.
    files = [] if hooks.is_symlink() else [hook for hook in _PLATFORM_HOOKS if kind(hooks / hook) is Kind.HOOK]
    return "custom_hooks is there" if (repo.common_dir / "custom_hooks").is_dir() and not files else ""


def _giteas_trace(repo: Repository) -> str:
    hooks = repo.common_dir / "hooks"
    for hook in sorted(_PLATFORM_HOOKS):
        if (hooks / f"{hook}.d" / "gitea").exists():
            return f"hooks/{hook}.d/gitea is there"
        if _GITEA_DELEGATE in content(hooks / hook):
            return f"hooks/{hook} runs what is in hooks/{hook}.d"
    return ""


def _of_gitolite(repo: Repository) -> frozenset[str]:
    """gitolite links ``update`` into every repository, ``post-update`` into its own, and does so again and again."""
    hooks = repo.common_dir / "hooks"
    own = {hook for hook in ("update", "post-update") if _GITOLITE in content(hooks / hook)}
    if (repo.common_dir / "gl-conf").exists():
        own.add("update")
    return frozenset(own)
