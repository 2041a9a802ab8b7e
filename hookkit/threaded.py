"""Calling plugins from a process that has threads.

Each plugin is called in a forked child, and a fork copies the locks that other threads hold, never to be released: so an
interpreter is started that has no threads, and it calls them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

from hookkit.dispatch import announce
from hookkit.errors import HookkitError
from hookkit.extension import Said, call_plugins
from hookkit.network import run_python
from hookkit.repository import Repository
from hookkit.text import one_line, shown
from hookkit.values import Push

# What the interpreter may take to start, beside what the plugins take.
_START = 10.0


def call_plugins_from_thread(
    repo: Repository, spec: Callable[..., object], *, within: float, **arguments: object
) -> list[Said]:
    """:func:`call_plugins`, for a caller that has threads, at the price of starting an interpreter.

    Ask :func:`has_plugins` first: mostly there is nobody to call.

    :param within: seconds for all plugins together.
    :param arguments: all arguments of ``spec``, ``repo`` excepted: what :mod:`pickle` takes.
    :raises HookkitError: they could not be asked.
    """
    answers: list[Said] = _elsewhere(repo, call_plugins, within, {"spec": spec, "within": within, **arguments})
    return answers


def announce_from_thread(repo: Repository, pushes: Sequence[Push], by: str, *, within: float) -> None:
    """:func:`announce`, for a caller that has threads, at the price of starting an interpreter.

    :param within: seconds for all plugins together.
    :raises HookkitError: they could not be told.
    """
    if pushes:
        _elsewhere(repo, announce, within, {"pushes": pushes, "by": by})


def _elsewhere(repo: Repository, function: Callable[..., object], seconds: float, arguments: dict[str, object]) -> Any:
    import pickle

    given = pickle.dumps((function, (repo.git_dir, repo.common_dir, repo.work_tree), arguments))
    code = "from hookkit.threaded import main; main()"
    ended = run_python(code, given, env=repo.environment(), timeout=seconds + _START)
    said = shown(ended.stderr)
    if ended.status != 0:
        raise HookkitError("plugins could not be asked", cause=one_line(said, 200) or f"exit status {ended.status}")
    sys.stderr.write(said)
    return _received(ended.stdout)


def main() -> None:
    """What the interpreter does: called by the functions above, and by nobody else."""
    import pickle

    function, folders, arguments = _received(sys.stdin.buffer.read())
    sys.stdout.buffer.write(pickle.dumps(function(Repository(*folders), **arguments)))


def _received(data: bytes) -> Any:
    import pickle

    # From the other of the two processes, both hookkit's own, over a pipe that nobody else has.
    return pickle.loads(data)  # noqa: S301
