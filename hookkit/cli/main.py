"""``hookkit -C PATH COMMAND``: finds the command, and turns every way to fail into a message and an exit status."""

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

import hookkit
from hookkit import terminal
from hookkit.cli import completion
from hookkit.cli.commands import Commands, NobodyReadsError
from hookkit.cli.context import Context
from hookkit.errors import HookkitError, UsageError
from hookkit.state import bug
from hookkit.text import shown

# Before 8.2 click prints the help by itself.
_NO_COMMAND: tuple[type[click.UsageError], ...] = tuple(
    filter(None, (getattr(click.exceptions, "NoArgsIsHelpError", None),))
)
_INTERRUPTED = 130
_BROKEN_PIPE = 141
_HELP = """Have git's hooks run plugins. With the plugin mirror, a repository passes on to its remotes what is pushed to it.

To begin, in a repository that has remotes: 'hookkit install', then 'hookkit status'. 'hookkit COMMAND --help' says more.
Plugins add commands where they are on: 'hookkit plugins list' shows them all.
"""


def _go_to(context: click.Context, _parameter: click.Parameter, path: str | None) -> None:
    if path is None:
        return
    if context.resilient_parsing:
        # While it is typed, the shell has not put the home in its place yet.
        with contextlib.suppress(RuntimeError):  # nobody of that name
            path = str(Path(path).expanduser())
    try:
        os.chdir(path)
    except OSError as error:
        raise UsageError(f"cannot go to {shown(path)}", cause=error.strerror) from None
    context.obj = Context()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_HELP,
    epilog="Exit status: 0 done, 1 a plugin refused or a remote failed, 2 wrong usage or configuration, 3 a bug.",
)
@click.option(
    "-C",
    "path",
    metavar="PATH",
    is_eager=True,  # so that --help shows the commands of that repository's plugins
    expose_value=False,
    callback=_go_to,
    shell_complete=completion.folders,
    help="Work in PATH instead of the current directory.",
)
@click.version_option(hookkit.__version__, prog_name="hookkit")
@click.pass_context
def command_line(context: click.Context) -> None:
    """All commands; see :mod:`hookkit.cli.commands`."""
    context.ensure_object(Context)


def main(args: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. Nobody sees a traceback."""
    # A name that is not valid UTF-8 shall be readable, not fatal.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        status = _run(args)
        sys.stdout.flush()
    except (BrokenPipeError, NobodyReadsError):
        # The reader has seen enough (`| head`); what Python writes at its end would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return _BROKEN_PIPE
    return status


def _run(args: Sequence[str] | None) -> int:
    try:
        status = command_line.main(args, prog_name="hookkit", standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        return _INTERRUPTED
    except _NO_COMMAND as error:
        # A group alone: what there is, as git shows it.
        print(error.format_message(), file=sys.stderr)
        return UsageError.exit_status
    except click.ClickException as error:
        return _show(_from_click(error))
    except HookkitError as error:
        return _show(error)
    except (BrokenPipeError, NobodyReadsError):
        raise
    except Exception as error:
        return _show(bug(error, "command"))
    return status if isinstance(status, int) else 0


def _show(error: HookkitError) -> int:
    terminal.show_error(error)
    return error.exit_status


def _from_click(error: click.ClickException) -> HookkitError:
    """The same in this program's words; click's own are whole sentences with a full stop."""
    message = error.format_message().rstrip(".")
    if not isinstance(error, click.UsageError):
        return HookkitError(message[:1].lower() + message[1:])
    hint = f"{error.ctx.command_path if error.ctx else 'hookkit'} --help"
    if isinstance(error, click.NoSuchOption):
        message = f"there is no option {error.option_name}"
        hint = f"did you mean {error.possibilities[0]}?" if error.possibilities else hint
    return UsageError(message[:1].lower() + message[1:], hint=hint)
