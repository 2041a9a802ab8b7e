"""Running the scripts of one hook, one after another."""

import sys
from pathlib import Path

from hookkit.api import HOOKS, HookkitError, Refusal, Repository, run_hook_file
from hookkit_plugins.scripts import folder, raw


def run(repo: Repository, hook: str, **given: object) -> Refusal | None:
    """Run all scripts of ``hook``, each with what git gave it; those that fail refuse, where that is possible.

    :param given: the arguments of the hookspec without ``repo``, in its order.
    """
    values = tuple(given.values())
    args = raw.arguments(values, Path.cwd())
    stdin = raw.standard_input(values) if HOOKS[hook].stdin else None
    failures = []
    for script in runnable(repo, hook):
        try:
            status = run_hook_file(script.path, args, stdin=stdin)
        except HookkitError as error:
            failures.append(f"{script.name} cannot be run: {error.cause}")
        else:
            if status:
                failures.append(f"{script.name} exited with {status}")
    # A transaction that has happened, or will not, cannot be refused; githooks(5).
    if HOOKS[hook].refuses and given.get("state") not in ("committed", "aborted"):
        return Refusal("\n".join(failures)) if failures else None
    for failure in failures:
        say(failure)
    return None


def runnable(repo: Repository, hook: str) -> list[folder.Script]:
    """The scripts of ``hook`` that can be run; says which look as if they should, but cannot."""
    scripts = folder.of_hook(repo, hook)
    for script in scripts:
        if script.problem:
            say(f"{script.name} does not run: {script.problem}")
    return [script for script in scripts if not script.problem]


def say(line: str) -> None:
    """Tell whoever started git."""
    print(f"hookkit: scripts: {line}", file=sys.stderr)
