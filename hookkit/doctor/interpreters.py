"""Whether the interpreter that the hooks start is there, and has hookkit."""

import os
import shlex
import sys
from collections.abc import Iterator

import hookkit
from hookkit import process
from hookkit.catalogue import HOOKS
from hookkit.environment import clean_environment
from hookkit.installation import config_method, install, manifest, plan, stub
from hookkit.installation.slot import Kind
from hookkit.repository import Repository
from hookkit.text import one_line
from hookkit.values import Check

_ASK = "import hookkit.start; print(hookkit.__version__)"


def checks(repo: Repository) -> Iterator[Check]:
    """One check per interpreter; usually there is one."""
    for python, hooks in _started(repo).items():
        yield _check(repo, python, ", ".join(hooks))


def _started(repo: Repository) -> dict[str, list[str]]:
    """Interpreter to the hooks that start it."""
    found: dict[str, list[str]] = {}
    for each in plan.present(repo, manifest.load(repo)):
        if each.holds is Kind.STUB:
            found.setdefault(stub.interpreter(each.path.read_bytes()), []).append(each.hook)
    for hook in HOOKS:
        command = repo.config.last(config_method.event_key(hook).removesuffix("event") + "command")
        if command is not None and command.value:
            found.setdefault(shlex.split(command.value)[0], []).append(hook)
    return found


def _check(repo: Repository, python: str, hooks: str) -> Check:
    name = f"interpreter {python}"
    if not os.access(python, os.X_OK):
        cause = f"it is gone, or not executable: no plugin runs in {hooks}; hooks that can refuse refuse everything"
        return Check(name, "problem", cause, "hookkit install", lambda: install(repo))
    asked = process.run((python, "-I", "-X", "utf8", "-c", _ASK), cwd="/", env=clean_environment())
    if asked.status:
        said = one_line(asked.stderr.strip().rpartition(b"\n")[2])
        cause = f"it cannot start hookkit ({said}): no plugin runs in {hooks}"
        return Check(name, "problem", cause, "hookkit install", lambda: install(repo))
    version = asked.text()
    if version != hookkit.__version__:
        cause = f"{hooks} start hookkit {version}, and this is {hookkit.__version__}"
        return Check(name, "warning", cause, f"to have them start {sys.executable}: hookkit install")
    return Check(name, "ok", f"hookkit {version}")
