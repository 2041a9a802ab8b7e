"""``hookkit doctor``: what is wrong, why, and what to type."""

from pathlib import Path

import click

from hookkit import below, terminal
from hookkit.cli.context import Context
from hookkit.cli.examination import examine
from hookkit.doctor.findings import Finding
from hookkit.errors import HookkitError, UsageError
from hookkit.installation import installed_hooks, is_installed
from hookkit.repository import Repository


@click.command(short_help="Look for what is wrong, and put it right.")
@click.option(
    "--all",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Every repository below DIR where hookkit is installed.",
)
@click.option("--fix", is_flag=True, help="Put right what can be put right without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def doctor(context: Context, folder: Path | None, fix: bool, as_json: bool) -> int:
    """Look at hooks, configuration, plugins, locks, disk and remotes: a cause and a command for everything that is wrong.

    Exit status 1 if problems are left; warnings are none.
    """
    if folder is not None:
        return _all(folder, fix=fix, as_json=as_json)
    repo = context.repository()
    if not _is_there(repo):
        raise UsageError(f"hookkit is not installed in {repo.path}", hint="hookkit install")
    found = examine(repo, fix=fix)
    if as_json:
        terminal.as_json([_data(each) for each in found])
    else:
        _show(found)
    return _status(found)


def _all(folder: Path, *, fix: bool, as_json: bool) -> int:
    """Every repository below ``folder``; of those where all is well, people only see how many there are."""
    everything: list[dict[str, object]] = []
    failures: list[BaseException] = []
    status = well = broken = 0

    def examined(path: Path) -> list[Finding] | None:
        repo = Repository.discover(path)
        return examine(repo, fix=fix) if _is_there(repo) else None

    for path in below.repositories(folder, failures.append):
        found = below.attempted(examined, path)
        if isinstance(found, HookkitError):
            found.message = f"{path}: {found.message}"
            failures.append(found)
            broken += 1
        if found is None or isinstance(found, HookkitError):
            continue
        status = max(status, _status(found))
        everything.append({"repository": str(path), "checks": [_data(each) for each in found]})
        worth_it = [each for each in found if each.verdict != "ok" or each.tried]
        well += not worth_it
        if worth_it and not as_json:
            terminal.say(str(path))
            _show(worth_it)
            terminal.say()
    if as_json:
        terminal.as_json(everything)
    else:
        # One that is broken counts, as it does for `mirror sync --all`.
        count = len(everything) + broken
        counted = f"{count} {'repository' if count == 1 else 'repositories'} below {folder}"
        terminal.say(f"{counted}: all is well in {well}")
    for failure in failures:
        terminal.show_error(failure)
    return 1 if failures else status


def _is_there(repo: Repository) -> bool:
    return is_installed(repo) or bool(installed_hooks(repo))


def _status(found: list[Finding]) -> int:
    return 1 if any(each.verdict == "problem" for each in found) else 0


def _data(found: Finding) -> dict[str, object]:
    return {
        "source": found.source,
        "name": found.name,
        "verdict": found.verdict,
        "cause": _cause(found),
        "hint": found.hint or None,
        "fixable": found.fixable,
        "fixed": _is_fixed(found),
    }


def _show(found: list[Finding]) -> None:
    for each in found:
        line = f"{each.name}: {_cause(each)}" if each.cause else each.name
        if _is_fixed(each):
            terminal.judge("fixed", line)
        else:
            terminal.judge(each.verdict, line, each.hint)
    counted = [
        f"{count} {word}{'' if count == 1 else 's'}"
        for word in ("problem", "warning")
        if (count := sum(each.verdict == word for each in found))
    ]
    fixable = sum(each.fixable and not each.tried for each in found)
    more = f"; {fixable} of them can be fixed: hookkit doctor --fix" if fixable else ""
    terminal.say(", ".join(counted) + more if counted else "all is well")


def _cause(found: Finding) -> str:
    return f"{found.cause} (--fix did not help: {found.failed})" if found.failed else found.cause


def _is_fixed(found: Finding) -> bool:
    return found.tried and found.verdict == "ok"
