"""``hookkit status``: where a repository stands."""

from pathlib import Path

import click

from hookkit import below, terminal
from hookkit.cli import overview, standing
from hookkit.cli.context import Context
from hookkit.cli.overview import Overview
from hookkit.cli.standing import Standing
from hookkit.errors import HookkitError
from hookkit.repository import Repository

# More repositories than this are counted, not named.
_NAMED = 5


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

    With --all, one table of all repositories for each of these reports, what needs attention first; exit status 1 if a
    repository cannot be looked at.
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
    everything: list[Standing] = []
    failures: list[BaseException] = []
    broken = 0
    for path in below.repositories(folder, failures.append):
        found = below.attempted(lambda path: standing.of(Repository.discover(path)), path)
        if isinstance(found, HookkitError):
            found.message = f"{path}: {found.message}"
            failures.append(found)
            broken += 1
        else:
            everything.append(found)
    if as_json:
        terminal.as_json([standing.as_json(each) for each in everything])
    else:
        _show_together(overview.of(folder, everything), len(everything), broken)
    for failure in failures:
        terminal.show_error(failure)
    return 1 if failures else 0


def _show_together(found: Overview, count: int, broken: int) -> None:
    for table in found.tables:
        terminal.table(*table)
        terminal.say()
    for warning in found.warnings:
        terminal.warn(warning)
    if found.without:
        terminal.say(f"hint: no hook starts hookkit in {_some(found.without)}: hookkit install")
    if found.incomplete:
        terminal.say(f"hint: plugins need hooks that are not installed in {_some(found.incomplete)}: hookkit install")
    counted = f"{count + broken} {'repository' if count + broken == 1 else 'repositories'}"
    attention = found.attention + broken
    if attention:
        terminal.say(f"{counted}: {attention} need{'s' if attention == 1 else ''} attention")
    else:
        terminal.say(f"{counted}: all is well")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


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
