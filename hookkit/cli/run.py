"""``hookkit run``: one hook by hand, as git would."""

import os
from pathlib import Path

import click

from hookkit import runner, trace
from hookkit.catalogue import HOOKS
from hookkit.cli import completion
from hookkit.cli.context import Context
from hookkit.environment import clean_environment
from hookkit.errors import UsageError
from hookkit.repository import Repository, hooks_dir
from hookkit.text import nearest, shown

# githooks(5): "hooks invoked by git-receive-pack run in $GIT_DIR".
_OF_RECEIVE_PACK = ("pre-receive", "update", "proc-receive", "post-receive", "post-update", "push-to-checkout")


@click.command(
    context_settings={"ignore_unknown_options": True},
    short_help="Run one hook by hand, as git would.",
    epilog="Example: git log -1 --format='%P %H refs/heads/main' | hookkit run post-receive --stdin -",
)
@click.argument("hook", shell_complete=completion.hooks)
@click.argument("args", metavar="[ARG]...", nargs=-1, type=click.UNPROCESSED)
@click.option(
    "--stdin",
    "source",
    metavar="FILE",
    shell_complete=completion.files,
    help="What the hook reads from git; - is standard input.",
)
@click.option("--trace", "traced", is_flag=True, help="Say which plugins ran, how long, and what they returned.")
@click.pass_obj
def run(context: Context, hook: str, args: tuple[str, ...], source: str | None, traced: bool) -> int:
    """Run HOOK with the arguments that git gives it (githooks(5)): the hook that was there before hookkit, then plugins."""
    if hook not in HOOKS:
        meant = nearest(hook, list(HOOKS))
        raise UsageError(
            f"there is no hook {shown(hook)!r}", hint=f"did you mean {meant}?" if meant else "see: git help hooks"
        )
    repo = context.repository()
    stub = hooks_dir(repo) / hook
    _read_from(source)
    _as_git_does(repo, server=hook in _OF_RECEIVE_PACK)
    if traced:
        os.environ[trace.VARIABLE] = "1"
    return runner.main([hook, str(stub), *args], by_hand=True)


def _read_from(source: str | None) -> None:
    """Make ``source`` the standard input; nothing to read where none is named, rather than waiting for a terminal."""
    if source == "-":
        return
    try:
        descriptor = os.open(source or os.devnull, os.O_RDONLY)
    except OSError as error:
        raise UsageError(f"cannot read {shown(str(source))}", cause=error.strerror) from None
    os.dup2(descriptor, 0)
    os.close(descriptor)


def _as_git_does(repo: Repository, *, server: bool) -> None:
    """Set up environment and current directory; from here on this process is a hook's."""
    place = repo.git_dir if server or repo.work_tree is None else repo.work_tree
    env = clean_environment()
    env["GIT_DIR"] = "." if place == repo.git_dir else str(repo.git_dir)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(Path(place))
