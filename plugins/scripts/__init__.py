"""Runs the executables of a folder in every hook: ``<git dir>/hooks.d/pre-receive/10-check``, sorted by name.

Each is started as git starts a hook: the same arguments, all of its standard input, the same environment and current
directory. Where a hook can refuse, a script that fails refuses; the others run all the same. The folder is no part of the
work tree unless somebody configures that: nothing that is pushed becomes a script.
"""
# ruff: noqa: D103 - what each hook is, its hookspec says

from collections.abc import Sequence
from pathlib import Path

from hookkit.api import (
    HOOKS,
    Option,
    ProcResult,
    Push,
    PushedRef,
    RefUpdate,
    Refusal,
    Repository,
    Rewrite,
    Section,
    hookimpl,
)
from hookkit_plugins.scripts import conversation, folder
from hookkit_plugins.scripts.run import run


@hookimpl
def hookkit_options() -> Sequence[Option[object]]:
    return [folder.FOLDER]


@hookimpl
def hookkit_hooks(repo: Repository) -> Sequence[str]:
    return [name for name in folder.folders(repo) if name in HOOKS]


@hookimpl
def hookkit_status(repo: Repository) -> Sequence[Section]:
    scripts = [script for name in folder.folders(repo) for script in folder.of_hook(repo, name)]
    data = [{"hook": script.hook, "path": str(script.path), "problem": script.problem} for script in scripts]
    rows = tuple((script.name, script.problem or "runs") for script in scripts)
    return [Section("scripts", data, "scripts", ("script", "state"), rows)]


@hookimpl
def hookkit_pre_receive(repo: Repository, push: Push) -> Refusal | None:
    return run(repo, "pre-receive", push=push)


@hookimpl
def hookkit_proc_receive(repo: Repository, push: Push) -> Sequence[ProcResult] | None:
    return conversation.answer(repo, push)


@hookimpl
def hookkit_update(repo: Repository, update: RefUpdate) -> Refusal | None:
    return run(repo, "update", update=update)


@hookimpl
def hookkit_reference_transaction(repo: Repository, state: str, updates: Sequence[RefUpdate]) -> Refusal | None:
    return run(repo, "reference-transaction", state=state, updates=updates)


@hookimpl
def hookkit_push_to_checkout(repo: Repository, commit: str) -> Refusal | None:
    return run(repo, "push-to-checkout", commit=commit)


@hookimpl
def hookkit_post_receive(repo: Repository, push: Push) -> None:
    run(repo, "post-receive", push=push)


@hookimpl
def hookkit_post_update(repo: Repository, refs: Sequence[str]) -> None:
    run(repo, "post-update", refs=refs)


@hookimpl
def hookkit_pre_commit(repo: Repository) -> Refusal | None:
    return run(repo, "pre-commit")


@hookimpl
def hookkit_prepare_commit_msg(repo: Repository, path: Path, source: str | None, commit: str | None) -> Refusal | None:
    return run(repo, "prepare-commit-msg", path=path, source=source, commit=commit)


@hookimpl
def hookkit_commit_msg(repo: Repository, path: Path) -> Refusal | None:
    return run(repo, "commit-msg", path=path)


@hookimpl
def hookkit_post_commit(repo: Repository) -> None:
    run(repo, "post-commit")


@hookimpl
def hookkit_pre_merge_commit(repo: Repository) -> Refusal | None:
    return run(repo, "pre-merge-commit")


@hookimpl
def hookkit_post_merge(repo: Repository, squash: bool) -> None:
    run(repo, "post-merge", squash=squash)


@hookimpl
def hookkit_pre_rebase(repo: Repository, upstream: str, branch: str | None) -> Refusal | None:
    return run(repo, "pre-rebase", upstream=upstream, branch=branch)


@hookimpl
def hookkit_post_rewrite(repo: Repository, command: str, rewritten: Sequence[Rewrite]) -> None:
    run(repo, "post-rewrite", command=command, rewritten=rewritten)


@hookimpl
def hookkit_post_checkout(repo: Repository, old: str, new: str, branch: bool) -> None:
    run(repo, "post-checkout", old=old, new=new, branch=branch)


@hookimpl
def hookkit_pre_push(repo: Repository, remote: str, url: str, refs: Sequence[PushedRef]) -> Refusal | None:
    return run(repo, "pre-push", remote=remote, url=url, refs=refs)


@hookimpl
def hookkit_applypatch_msg(repo: Repository, path: Path) -> Refusal | None:
    return run(repo, "applypatch-msg", path=path)


@hookimpl
def hookkit_pre_applypatch(repo: Repository) -> Refusal | None:
    return run(repo, "pre-applypatch")


@hookimpl
def hookkit_post_applypatch(repo: Repository) -> None:
    run(repo, "post-applypatch")


@hookimpl
def hookkit_sendemail_validate(repo: Repository, path: Path, headers: Path | None) -> Refusal | None:
    return run(repo, "sendemail-validate", path=path, headers=headers)


@hookimpl
def hookkit_pre_auto_gc(repo: Repository) -> Refusal | None:
    return run(repo, "pre-auto-gc")


@hookimpl
def hookkit_post_index_change(repo: Repository, work_tree: bool, skip_worktree: bool) -> None:
    run(repo, "post-index-change", work_tree=work_tree, skip_worktree=skip_worktree)
