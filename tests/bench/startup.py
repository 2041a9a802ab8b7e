"""What it costs to start a hook that does nothing: CPU time, with every process that it starts."""

import resource
import sys
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from support.account import BIN
from support.client import WorkingCopy
from support.lab import Lab

from bench.measure import Goal, Result, milliseconds, ratio, rotated, say, table

PYTHON = "python -I"
# prek wants at least one hook: one that no file is for.
NOTHING_TO_CHECK = """\
repos:
- repo: local
  hooks:
  - {id: nothing, name: nothing, language: system, entry: "true", files: "^$"}
"""
HOOKKIT_IDLE = "hookkit, nobody wants the hook"
HOOKKIT_MIRROR = "hookkit, mirror is called and has nothing to do"


def compare(rounds: int) -> Result:
    """All of them, in turns."""
    with Lab() as lab:
        contenders = _contenders(lab)
        say(f"hooks that do nothing, {rounds} rounds")
        times: dict[str, list[float]] = defaultdict(list)
        for _, (title, (work, hook)) in rotated(list(contenders.items()), rounds):
            before = _cpu()
            work.git("hook", "run", "--ignore-missing", hook)
            times[title].append(_cpu() - before)
    rows = [(title, milliseconds(times[title]), ratio(times[title], times[PYTHON])) for title in contenders]
    goal = Goal("a hook that does nothing: at most 25 ms of CPU", 25, median(times[HOOKKIT_IDLE]) * 1000)
    return Result(table(("`git hook run`", "CPU", "x python -I"), rows), [goal])


def _contenders(lab: Lab) -> dict[str, tuple[WorkingCopy, str]]:
    """A repository for each, and the hook to run in it."""
    client = lab.client()
    scripts = {"no hook": "", "sh": "exit 0", PYTHON: f"exec '{sys.executable}' -I -c ''"}
    found = {
        title: (_with_hook(client.init(title.replace(" ", "-")), line), "pre-commit") for title, line in scripts.items()
    }
    hookkit = client.init("hookkit")
    hookkit.client.run(str(BIN / "hookkit"), "-C", str(hookkit.path), "install")
    found[HOOKKIT_IDLE] = (hookkit, "pre-receive")
    found[HOOKKIT_MIRROR] = (hookkit, "post-receive")
    found["prek"] = (_with_config(client.init("prek"), "prek"), "pre-commit")
    found["pre-commit"] = (_with_config(client.init("pre-commit"), "pre-commit"), "pre-commit")
    lefthook = client.init("lefthook")
    (lefthook.path / "lefthook.yml").write_text("pre-commit: {commands: {nothing: {run: 'true', glob: '*.nothing'}}}\n")
    found["lefthook's binary"] = (
        _with_hook(lefthook, f"exec '{_lefthook()}' run pre-commit --no-auto-install"),
        "pre-commit",
    )
    return found


def _with_hook(work: WorkingCopy, line: str) -> WorkingCopy:
    hook = work.path / ".git" / "hooks" / "pre-commit"
    if line:
        hook.write_text(f"#!/bin/sh\n{line}\n")
        hook.chmod(0o755)
    return work


def _with_config(work: WorkingCopy, program: str) -> WorkingCopy:
    (work.path / ".pre-commit-config.yaml").write_text(NOTHING_TO_CHECK)
    work.git("add", ".")
    work.client.run(str(BIN / program), "install", cwd=work.path)
    return work


def _lefthook() -> Path:
    """The binary itself: what the package puts on the path is a Python script that starts it."""
    spec = find_spec("lefthook")
    assert spec is not None
    assert spec.origin is not None
    binaries = (path for path in Path(spec.origin).parent.rglob("lefthook") if path.is_file())
    return max(binaries, key=lambda path: path.stat().st_size)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
