"""``hookkit doctor``: what is wrong, why, and what to type."""

import click

from hookkit import terminal
from hookkit.cli.context import Context
from hookkit.cli.examination import examine
from hookkit.doctor.findings import Finding
from hookkit.errors import UsageError
from hookkit.installation import installed_hooks, is_installed


@click.command(short_help="Look for what is wrong, and put it right.")
@click.option("--fix", is_flag=True, help="Put right what can be put right without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def doctor(context: Context, fix: bool, as_json: bool) -> int:
    """Look at hooks, configuration, plugins, locks, disk and remotes: a cause and a command for everything that is wrong.

    Exit status 1 if problems are left; warnings are none.
    """
    repo = context.repository()
    if not is_installed(repo) and not installed_hooks(repo):
        raise UsageError(f"hookkit is not installed in {repo.path}", hint="hookkit install")
    found = examine(repo, fix=fix)
    if as_json:
        terminal.as_json([_data(each) for each in found])
    else:
        _show(found)
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
