"""``hookkit status``: where a repository stands."""

from pathlib import Path

import click

from hookkit import below, terminal
from hookkit.cli import standing
from hookkit.cli.context import Context
from hookkit.cli.standing import Standing
from hookkit.errors import HookkitError
from hookkit.repository import Repository


@click.command(short_help="Show where remotes, conflicts and plugins stand.")
@click.option(
    "--all",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Every repository below DIR.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(context: Context, folder: Path | None, as_json: bool) -> int:
    """Show this repository's node name, hooks, plugins, and what plugins report, such as how far remotes are behind.

    With --all, exit status 1 if a repository cannot be looked at.
    """
    if folder is None:
        found = standing.of(context.repository())
        if as_json:
            terminal.as_json(standing.as_json(found))
        else:
            _show(found)
        return 0
    return _show_all(folder, as_json)


def _show_all(folder: Path, as_json: bool) -> int:
    everything: list[dict[str, object]] = []
    failures: list[BaseException] = []
    for path in below.repositories(folder, failures.append):
        try:
            found = standing.of(Repository.discover(path))
        except HookkitError as error:
            error.message = f"{path}: {error.message}"
            failures.append(error)
            continue
        if as_json:
            everything.append(standing.as_json(found))
        else:
            _show(found)
            terminal.say()
    if as_json:
        terminal.as_json(everything)
    for failure in failures:
        terminal.show_error(failure)
    return 1 if failures else 0


def _show(found: Standing) -> None:
    terminal.say(f"repository  {found.repository}")
    terminal.say(f"node        {found.node}")
    terminal.say(f"hooks       {' '.join(found.installed) or 'not installed'}")
    for section in found.sections:
        if section.rows:
            terminal.say()
            terminal.table(section.title, section.columns, section.rows, section.verdicts)
    # What is there without being enabled, and hooks nothing, does nothing here.
    on = [row for row in found.plugins if row.enabled and (row.state != "default" or row.hooks or row.problem)]
    if on:
        terminal.say()
        terminal.table("plugins", ("name", "from"), [(row.name, f"{row.distribution} {row.version}") for row in on])
    for problem in found.problems:
        terminal.warn(problem)
    for mistake in found.mistakes:
        terminal.warn(mistake)
    if found.mistakes:
        terminal.say("hint: hookkit config check says what is allowed")
    if not found.installed:
        terminal.say("hint: no hook starts hookkit here: hookkit install")
    elif found.missing:
        terminal.say(f"hint: plugins need hooks that are not installed ({', '.join(found.missing)}): hookkit install")
