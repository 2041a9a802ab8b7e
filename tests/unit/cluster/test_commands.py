"""What ``hookkit cluster`` prints, without servers."""

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result
from support.journals import carry, commit, fetch, push

from hookkit.api import Repository
from hookkit_plugins.cluster import engine, settings
from hookkit_plugins.cluster.commands import cluster

MAIN = "refs/heads/main"
EVIL = "refs/hookkit/journal/evil"
Make = Callable[[str], Repository]


def run(repo: Repository, *args: str) -> Result:
    return CliRunner().invoke(cluster, args, obj=SimpleNamespace(repository=lambda: repo))


@pytest.fixture
def nodes(make: Make) -> tuple[Repository, Repository]:
    alpha, bravo = make("alpha"), make("bravo")
    push(alpha, main=commit(alpha, "one"))
    carry(alpha, bravo)
    return alpha, bravo


def test_before_there_is_a_journal(make: Make) -> None:
    alpha = make("alpha")
    for command in ("status", "verify"):
        assert run(alpha, command).output.startswith("no journal yet: ")
    assert run(alpha, "verify").exit_code == 0
    alpha.git("update-ref", MAIN, commit(alpha, "one"))
    found = run(alpha, "verify")
    assert (found.exit_code, len(found.output.splitlines())) == (1, 1)


def test_who_is_forgotten(nodes: tuple[Repository, Repository]) -> None:
    alpha, _ = nodes
    engine.forget(alpha, settings.read(alpha), "bravo")
    said = json.loads(run(alpha, "status", "--json").output)
    assert {each["node"]: each["forgotten"] for each in said["nodes"]} == {"alpha": False, "bravo": True}
    assert "forgets bravo" in run(alpha, "log", "-n", "1").output


def test_what_is_no_journal_is_named(nodes: tuple[Repository, Repository]) -> None:
    alpha, _ = nodes
    alpha.git("update-ref", EVIL, alpha.refs()[MAIN])
    for command in ("status", "log"):
        found = run(alpha, command)
        assert found.exit_code == 0
        assert f"{EVIL} cannot be read: " in found.output
        assert f"git update-ref -d {EVIL}" in found.output
        assert "alpha" in found.stdout
    found = run(alpha, "verify")
    assert found.exit_code == 1
    assert found.output.endswith(": as they are here\n")


def test_what_can_be_done_with_a_conflict(nodes: tuple[Repository, Repository]) -> None:
    alpha, bravo = nodes
    base = alpha.refs()[MAIN]
    push(alpha, main=commit(alpha, "a", base))
    push(bravo, main=commit(bravo, "b", base))
    fetch(alpha, bravo)
    (kept,) = alpha.refs("refs/conflicts/")
    name = kept.removeprefix("refs/conflicts/")
    assert f"to merge it: git pull origin {kept}" in run(alpha, "conflicts", "show", name).output
    push(alpha, main=None)
    assert f"git push origin FETCH_HEAD:{MAIN}" in run(alpha, "conflicts", "show", name).output
    found = run(alpha, "conflicts", "merge", name)
    assert str(found.exception) == f"{name} cannot be merged by itself"
