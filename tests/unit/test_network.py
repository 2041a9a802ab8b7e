"""Network commands, ended from outside."""

import signal
import threading
import time

import pytest

from hookkit.network import NetworkResult, end_network_commands, git_over_network
from hookkit.repository import Repository


def _ended(repo: Repository, number: int | None) -> NetworkResult:
    """What becomes of a fetch from a server that is silent, when it is ended."""
    results: list[NetworkResult] = []
    silent = {"GIT_SSH_COMMAND": "exec sleep 60 #"}
    args = ("fetch", "ssh://silent/project.git")
    fetch = threading.Thread(
        target=lambda: results.append(git_over_network(repo, *args, timeout=60, environ=silent)), daemon=True
    )
    fetch.start()
    deadline = time.monotonic() + 30
    while fetch.is_alive():
        assert time.monotonic() < deadline
        end_network_commands(number)
        fetch.join(0.1)
    return results[0]


@pytest.mark.parametrize(("number", "status"), [(None, 128), (signal.SIGKILL, 128 + signal.SIGKILL)])
def test_ended(repo: Repository, number: int | None, status: int) -> None:
    """Without a signal git dies of what it is told by those that it has started, and tidies up: 128, not 143."""
    result = _ended(repo, number)
    assert result.status == status
    assert ("fatal: " in result.stderr) == (number is None)


def test_as_long_as_it_says_something_it_may_have_more_time(repo: Repository) -> None:
    asked: list[float] = []

    def go_on() -> bool:
        asked.append(time.monotonic())
        return len(asked) < 3

    talks = {"GIT_SSH_VARIANT": "ssh", "GIT_SSH_COMMAND": "while echo still here >&2; do sleep 0.05; done #"}
    args = ("fetch", "ssh://silent/project.git")
    result = git_over_network(repo, *args, timeout=0.5, environ=talks, go_on=go_on)
    assert result.timed_out
    assert len(asked) == 3
    silent = {"GIT_SSH_VARIANT": "ssh", "GIT_SSH_COMMAND": "echo here >&2; exec sleep 60 #"}
    result = git_over_network(repo, *args, timeout=0.5, environ=silent, go_on=lambda: True)
    assert result.timed_out
    assert result.seconds < 10


def test_it_has_nothing_to_read(repo: Repository) -> None:
    found = git_over_network(repo, "hash-object", "--stdin", timeout=20)
    assert (found.status, found.stdout.strip()) == (0, repo.git("hash-object", "--stdin").text())
