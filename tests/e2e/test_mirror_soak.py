"""Many pushes: no descriptor, process or file is left behind. ``make soak`` pushes 500 times, CI some dozens."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support import faults, leaks
from support.client import WorkingCopy
from support.cluster import Cluster
from support.node import Node
from support.poll import until

_PUSHES = int(os.environ.get("HOOKKIT_PUSHES", "24"))
# What git keeps, and grows with every push.
_OF_GIT = {"objects", "logs", "refs"}


def files(node: Node) -> set[str]:
    """Every file of the account, but those that git adds with every push."""
    found = (path.relative_to(node.home) for path in node.home.rglob("*") if path.is_file())
    return {str(path) for path in found if not _OF_GIT & {*path.parts}}


def processes(node: Node) -> dict[int, str]:
    """The processes of the account, but those of ssh: a shared connection stays open for a minute."""
    found = {pid: leaks.command(pid) for pid in leaks.processes(str(node.home))}
    return {pid: command for pid, command in found.items() if "ssh" not in command.split(" ")[0]}


def workers(node: Node) -> list[int]:
    """Its workers."""
    return [pid for pid, command in processes(node).items() if "hookkit_plugins.mirror.worker" in command]


def descriptors(pid: int) -> int:
    """How many are open."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


@pytest.mark.timeout(60 + 4 * _PUSHES)
def test_pushes_leave_nothing_behind(pair: Cluster, pusher: Callable[[Cluster], WorkingCopy]) -> None:
    alpha, bravo = pair["alpha"], pair["bravo"]
    alpha.git(pair.repository, "config", "hookkit.mirror.worker", "true")
    work = pusher(pair)

    def push(times: int) -> None:
        for _ in range(times):
            work.commit("again")
            work.git("push", "--quiet", "alpha", "HEAD:refs/heads/main")

    def push_while_it_is_down(times: int) -> None:
        """Its worker stays the same and opens nothing that it does not close."""
        with faults.stopped(bravo):
            push(2)
            until(lambda: workers(alpha), "no worker was started")
            (worker,) = workers(alpha)
            before = descriptors(worker)
            push(times)
            assert workers(alpha) == [worker]
            until(
                lambda: descriptors(worker) <= before + 3, f"it had {before} descriptors, it has {descriptors(worker)}"
            )
        pair.wait_until_equal(30)
        until(lambda: not workers(alpha), "the worker stays although nothing waits")

    push(2)
    push_while_it_is_down(1)
    kept = {node.name: files(node) for node in pair}
    push(_PUSHES // 2)
    push_while_it_is_down(_PUSHES // 2)
    assert {node.name: files(node) - kept[node.name] for node in pair} == {"alpha": set(), "bravo": set()}
    until(lambda: not any(processes(node) for node in pair), "processes are left behind")
