"""``hookkit install`` and ``hookkit uninstall``."""

from collections.abc import Callable
from pathlib import Path

import click

from hookkit import below, terminal
from hookkit.cli.context import Context
from hookkit.errors import HookkitError, UsageError
from hookkit.installation import Report, Undone
from hookkit.repository import Repository
from hookkit.state import bug

_all = click.option(
    "--all",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Every repository below DIR; one that fails does not stop the others.",
)


def _list(_context: click.Context, _parameter: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    names = tuple(dict.fromkeys(name for name in text.replace(",", " ").split() if name))
    if not names:
        raise UsageError("--hooks names no hook", hint="hookkit install --hooks pre-receive,post-receive")
    return names


@click.command()
@click.option("--node", metavar="NAME", help="This server account's name in the cluster.")
@click.option("--hooks", metavar="LIST", callback=_list, help="Exactly these hooks, separated by commas.")
@click.option(
    "--method",
    type=click.Choice(["auto", "stub", "config"]),
    default="auto",
    help="How git starts hookkit: from hook files, or from its configuration (git 2.54 and newer).",
)
@_all
@click.option("--dry-run", is_flag=True, help="Change nothing, show what would change.")
@click.pass_obj
def install(
    context: Context, node: str | None, hooks: tuple[str, ...] | None, method: str, folder: Path | None, dry_run: bool
) -> int:
    """Have git start hookkit's plugins in this repository.

    A hook that is there already is kept and runs first. What is as it should be is not touched.
    """
    from hookkit.installation import install as carry_out

    def one(repo: Repository) -> None:
        _show_report(repo, carry_out(repo, node=node, hooks=hooks, method=method, dry_run=dry_run), dry_run)

    return _each(context, folder, one)


@click.command()
@_all
@click.pass_obj
def uninstall(context: Context, folder: Path | None) -> int:
    """Leave this repository as it was before install."""
    from hookkit.installation import uninstall as carry_out

    return _each(context, folder, lambda repo: _show_undone(repo, carry_out(repo)))


def _show_report(repo: Repository, report: Report, dry_run: bool) -> None:
    if not report.changes:
        terminal.say(f"{repo.path}: hookkit is installed already, nothing to change")
    elif dry_run:
        terminal.say(f"{repo.path}: would change (--dry-run: nothing was changed)")
    else:
        terminal.say(f"{repo.path}: hookkit is installed")
    _show_lines(report.changes, report.notes)
    plugins = ", ".join(report.plugins) or "no plugin (hookkit plugins list)"
    terminal.say(f"  git {'would start' if dry_run else 'starts'} hookkit in {', '.join(report.hooks)}, for {plugins}")


def _show_undone(repo: Repository, undone: Undone) -> None:
    terminal.say(
        f"{repo.path}: hookkit is " + ("uninstalled" if undone.changes else "not installed, nothing to change")
    )
    _show_lines(undone.changes, undone.notes)


def _show_lines(changes: tuple[str, ...], notes: tuple[str, ...]) -> None:
    for line in (*changes, *(f"note: {note}" for note in notes)):
        terminal.say(f"  {line}")


def _each(context: Context, folder: Path | None, action: Callable[[Repository], None]) -> int:
    """Do it in the repository at hand, or in every one below ``folder``; the exit status."""
    if folder is None:
        action(context.repository())
        return 0
    unreadable: list[OSError] = []
    outcomes = [_survives(path, action) for path in below.repositories(folder, unreadable.append)]
    for error in unreadable:
        terminal.show_error(HookkitError(f"cannot search {error.filename}", cause=error.strerror))
    done, count = sum(outcomes), len(outcomes)
    found = f"{count} {'repository' if count == 1 else 'repositories'} below {folder}"
    terminal.say(f"{found}: {done} done, {count - done} failed")
    return 0 if done == count and not unreadable else 1


def _survives(path: Path, action: Callable[[Repository], None]) -> bool:
    """Do it in one of many; whether that went well."""
    try:
        action(Repository.discover(path))
    except HookkitError as error:
        terminal.show_error(_in(path, error))
    except Exception as error:
        terminal.show_error(_in(path, bug(error, f"command in {path}")))
    else:
        return True
    return False


def _in(path: Path, error: HookkitError) -> HookkitError:
    return HookkitError(f"{path}: {error.message}", cause=error.cause, hint=error.hint)
