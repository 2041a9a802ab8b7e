"""Losers that are to be merged: when that is tried, and who is told."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.journals import branches, carry, named, push

from hookkit.api import Push, RefUpdate, Repository
from hookkit_plugins.cluster import engine, hooks, notes, settings
from hookkit_plugins.cluster.result import Moved

MAIN = "refs/heads/main"
Make = Callable[..., list[Repository]]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    return lambda *names: [named(Repository.create(tmp_path / f"{name}.git"), name) for name in names]


def commit(repo: Repository, parents: list[str], **files: str) -> str:
    lines = [
        f"100644 blob {repo.git('hash-object', '-w', '--stdin', stdin=content.encode()).text()}\t{name}\n"
        for name, content in files.items()
    ]
    tree = repo.git("mktree", stdin="".join(lines).encode()).text()
    flags = [flag for parent in parents for flag in ("-p", parent)]
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    return repo.git(*who, "commit-tree", *flags, tree, stdin=b"c").text()


def clash(one: Repository, other: Repository, *, same_file: bool) -> tuple[str, str]:
    """What was pushed to each at once, on top of what both have."""
    base = one.refs(MAIN)[MAIN]
    files = [{"both" if same_file else node.node: node.node} for node in (one, other)]
    values = [commit(node, [base], **each) for node, each in zip((one, other), files, strict=True)]
    push(one, main=values[0])
    push(other, main=values[1])
    return values[0], values[1]


def merge_from_now_on(*nodes: Repository) -> None:
    for node in nodes:
        node.git("config", "hookkit.cluster.conflict", "merge")
        node.reload()


def test_what_was_kept_is_merged_by_the_next_sync_once_that_is_wished(make: Make) -> None:
    nodes = alpha, bravo = make("alpha", "bravo")
    push(alpha, main=commit(alpha, []))
    carry(*nodes)
    pair = clash(alpha, bravo, same_file=False)
    carry(*nodes)
    assert len(branches(*nodes)) == 2
    merge_from_now_on(*nodes)
    carry(*nodes)
    assert branches(*nodes) == {MAIN}
    assert {*bravo.git("rev-parse", f"{MAIN}^@").text().split()} == {*pair}


def test_the_next_node_merges_when_the_first_is_forgotten(make: Make) -> None:
    alpha, bravo, charlie = nodes = make("alpha", "bravo", "charlie")
    merge_from_now_on(*nodes)
    push(alpha, main=commit(alpha, []))
    carry(*nodes)
    clash(bravo, charlie, same_file=False)
    carry(bravo, charlie)
    assert len(branches(bravo, charlie)) == 2
    engine.forget(charlie, settings.read(charlie), "alpha")
    carry(bravo, charlie)
    assert branches(bravo, charlie) == {MAIN}


def test_what_cannot_be_merged_is_tried_again_when_the_branch_has_moved(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = tmp_path / "trace"
    monkeypatch.setenv("GIT_TRACE", str(trace))
    nodes = alpha, bravo = make("alpha", "bravo")
    merge_from_now_on(*nodes)
    push(alpha, main=commit(alpha, []))
    carry(*nodes)
    clash(alpha, bravo, same_file=True)
    carry(*nodes)

    def tries() -> int:
        return sum("git merge-tree" in line for line in trace.read_text().splitlines() if "built-in" in line)

    assert len(branches(*nodes)) == 2
    assert tries() == 1
    carry(*nodes)
    push(alpha, other=alpha.refs(MAIN)[MAIN])
    assert tries() == 1
    (kept,) = alpha.refs("refs/conflicts/").values()
    # Somebody makes both the same.
    push(alpha, main=commit(alpha, [alpha.refs(MAIN)[MAIN]], both=kept_text(alpha, kept)))
    assert tries() == 2
    carry(*nodes)
    assert branches(*nodes) == {MAIN, "refs/heads/other"}


def kept_text(repo: Repository, oid: str) -> str:
    return repo.git("cat-file", "blob", f"{oid}:both").text()


def test_other_plugins_are_told_of_a_merge_where_it_was_made(make: Make) -> None:
    nodes = alpha, bravo = make("alpha", "bravo")
    push(alpha, main=commit(alpha, []))
    carry(*nodes)
    clash(alpha, bravo, same_file=False)
    carry(*nodes)
    before = alpha.refs(MAIN)[MAIN]
    merge_from_now_on(alpha)
    result = hooks.together(alpha, settings.read(alpha), scan=True)
    update = RefUpdate(MAIN, before, alpha.refs(MAIN)[MAIN])
    assert Moved(update, None, "hookkit on alpha") in result.moved
    assert Push((update,), (), "hookkit on alpha", None) in notes.pushes(result, "alpha")
    carry(*nodes)
    assert branches(*nodes) == {MAIN}
