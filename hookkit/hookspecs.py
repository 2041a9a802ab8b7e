"""The hookspecs: one per git hook, and those by which a plugin adds to hookkit itself.

A plugin implements any of them with ``hookkit.api.hookimpl`` and takes the arguments that it needs, by name.
A hook that can refuse returns a :class:`~hookkit.values.Refusal`; everything else returns None. Each plugin is called in
a process of its own, with a time limit: what it keeps, it keeps on disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hookkit import lean
from hookkit.values import Check, Metric, ProcResult, Push, PushedRef, RefUpdate, Refusal, Rewrite, Section

if TYPE_CHECKING:
    import click
    import pluggy

    from hookkit.options import Option
    from hookkit.repository import Repository
else:
    pluggy = lean.load("pluggy")

hookspec = pluggy.HookspecMarker("hookkit")

# ---- the server's side of a push, in git's order ----


@hookspec
def hookkit_pre_receive(repo: Repository, push: Push) -> Refusal | None:
    """Before any ref of a push moves, once. Refusing refuses the whole push. Refs must not be changed here."""


@hookspec
def hookkit_proc_receive(repo: Repository, push: Push) -> Sequence[ProcResult] | None:
    """Instead of git, execute the commands for the refs that ``receive.procReceiveRefs`` names.

    The first plugin that answers decides; a ref that it does not mention is refused.
    """


@hookspec
def hookkit_update(repo: Repository, update: RefUpdate) -> Refusal | None:
    """Before one ref of a push moves; refusing refuses this ref only."""


@hookspec
def hookkit_reference_transaction(repo: Repository, state: str, updates: Sequence[RefUpdate]) -> Refusal | None:
    """Refs are about to move (``preparing``, ``prepared``) or have (``committed``), or will not (``aborted``).

    Refusing counts in the first two states only. It ends the client's session without a word per ref: to refuse a push,
    use ``pre-receive``. Answer None to states that you do not know.
    """


@hookspec
def hookkit_push_to_checkout(repo: Repository, commit: str) -> Refusal | None:
    """A push to the checked-out branch, with ``receive.denyCurrentBranch = updateInstead``: update index and work tree."""


@hookspec
def hookkit_post_receive(repo: Repository, push: Push) -> Sequence[Push] | None:
    """After a push, once, with the refs that did move. They may have moved on since. Nothing can be refused any more.

    A plugin that moves refs itself then returns what it did as further pushes, and the other plugins are told about them
    too. What is returned when told about one of these is told to nobody.
    """


@hookspec
def hookkit_post_update(repo: Repository, refs: Sequence[str]) -> None:
    """After a push, with the names of the refs that moved."""


# ---- the client's side ----


@hookspec
def hookkit_pre_commit(repo: Repository) -> Refusal | None:
    """Before the message of a commit is asked for."""


@hookspec
def hookkit_prepare_commit_msg(repo: Repository, path: Path, source: str | None, commit: str | None) -> Refusal | None:
    """Before the editor starts on the message in ``path``; ``source``: message, template, merge, squash, commit."""


@hookspec
def hookkit_commit_msg(repo: Repository, path: Path) -> Refusal | None:
    """The message is in ``path``; it may be changed there."""


@hookspec
def hookkit_post_commit(repo: Repository) -> None:
    """After a commit."""


@hookspec
def hookkit_pre_merge_commit(repo: Repository) -> Refusal | None:
    """After a merge without conflicts, before its message is asked for."""


@hookspec
def hookkit_post_merge(repo: Repository, squash: bool) -> None:
    """After a merge or a pull."""


@hookspec
def hookkit_pre_rebase(repo: Repository, upstream: str, branch: str | None) -> Refusal | None:
    """Before ``branch`` (the current one: None) is rebased; ``upstream`` is what it was forked from."""


@hookspec
def hookkit_post_rewrite(repo: Repository, command: str, rewritten: Sequence[Rewrite]) -> None:
    """After ``command`` (amend, rebase) replaced commits."""


@hookspec
def hookkit_post_checkout(repo: Repository, old: str, new: str, branch: bool) -> None:
    """After a checkout of another commit (``branch``), or of files."""


@hookspec
def hookkit_pre_push(repo: Repository, remote: str, url: str, refs: Sequence[PushedRef]) -> Refusal | None:
    """Before anything is sent to ``remote``."""


@hookspec
def hookkit_applypatch_msg(repo: Repository, path: Path) -> Refusal | None:
    """``git am`` proposes the message in ``path``; it may be changed there."""


@hookspec
def hookkit_pre_applypatch(repo: Repository) -> Refusal | None:
    """``git am`` has applied a patch and is about to commit it."""


@hookspec
def hookkit_post_applypatch(repo: Repository) -> None:
    """``git am`` has committed a patch."""


@hookspec
def hookkit_sendemail_validate(repo: Repository, path: Path, headers: Path | None) -> Refusal | None:
    """``git send-email`` is about to send the mail in ``path``; the SMTP headers are in ``headers`` (git 2.41 and newer)."""


@hookspec
def hookkit_pre_auto_gc(repo: Repository) -> Refusal | None:
    """Before ``git gc --auto`` does anything."""


@hookspec
def hookkit_post_index_change(repo: Repository, work_tree: bool, skip_worktree: bool) -> None:
    """The index was written; ``work_tree``: with the work tree; ``skip_worktree``: that bit may have changed."""


# ---- what a plugin adds to hookkit ----


@hookspec
def hookkit_options() -> Sequence[Option[object]]:  # type: ignore[empty-body]
    """The options that this plugin reads."""


@hookspec
def hookkit_commands() -> Sequence[click.Command]:  # type: ignore[empty-body]
    """Commands to add: ``hookkit <command>``.

    In them ``obj`` of click's context has ``path``, where ``hookkit -C`` points, and ``repository()``, the repository
    there. Fail with a :class:`~hookkit.errors.HookkitError`, print with :mod:`hookkit.terminal`; a number that the command
    returns is the exit status.
    """


@hookspec
def hookkit_hookspecs() -> Sequence[Callable[..., object]]:  # type: ignore[empty-body]
    """The hooks that this plugin has for others: functions marked with ``hookkit.api.hookspec``.

    Their first argument is ``repo``, their names begin with ``hookkit_`` and the plugin's name. The plugin calls them with
    :func:`hookkit.api.call_plugins`. What an implementation returns crosses a process boundary: JSON values, that is.
    """


@hookspec
def hookkit_hooks(repo: Repository) -> Sequence[str] | None:
    """The git hooks that this plugin needs in ``repo``, where that depends on its options; None: all it implements."""


@hookspec
def hookkit_install(repo: Repository) -> dict[str, str] | None:
    """Configuration that ``hookkit install`` shall set (and uninstall take back): key and value."""


@hookspec
def hookkit_status(repo: Repository) -> Sequence[Section]:  # type: ignore[empty-body]
    """Sections for ``hookkit status``."""


@hookspec
def hookkit_doctor(repo: Repository) -> Iterable[Check]:  # type: ignore[empty-body]
    """What ``hookkit doctor`` shall look at. It may take its time, but what it asks others needs a time limit.

    Called once more after one of the fixes was carried out: what is then still there was not fixed.
    """


@hookspec
def hookkit_metrics(repo: Repository) -> Iterable[Metric]:  # type: ignore[empty-body]
    """Numbers for ``hookkit metrics``, from what is known: nobody is asked over the network."""
