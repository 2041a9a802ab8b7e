"""Which journals are taken, without servers."""

from collections.abc import Callable

import pytest
from support.journals import carry, commit, compact, fetch, push

from hookkit.api import Repository
from hookkit_plugins.cluster import guard, hooks, journal, settings

MAIN = "refs/heads/main"
Make = Callable[[str], Repository]


def received(here: Repository, there: Repository) -> str:
    """Why ``here`` does not take what ``there`` has written."""
    (tip,) = (oid for node, oid in journal.heads(there).items() if node == there.node)
    here.git("fetch", "-q", "--no-tags", str(there.git_dir), tip)
    return guard.journal_problem(here, settings.read(here), there.node, None, tip) or ""


@pytest.mark.parametrize("compacted", [(), ("alpha",), ("bravo",), ("alpha", "bravo")], ids=" ".join)
def test_a_repository_without_one_commit_in_common_is_refused(make: Make, compacted: tuple[str, ...]) -> None:
    alpha, bravo = make("alpha"), make("bravo")
    for node in (alpha, bravo):
        push(node, main=commit(node, f"of {node.node}"))
        hooks.together(node, settings.read(node), scan=True, contact=True)
        if node.node in compacted:
            compact(node)
    assert "not one commit in common" in received(alpha, bravo)
    assert "not one commit in common" in received(bravo, alpha)
    fetch(alpha, bravo)
    assert {*journal.heads(alpha)} == {"alpha"}


@pytest.mark.parametrize("compacted", [False, True])
def test_a_repository_with_a_commit_in_common_is_not(make: Make, *, compacted: bool) -> None:
    alpha, bravo = make("alpha"), make("bravo")
    one = commit(alpha, "one")
    push(alpha, main=commit(alpha, "two", one))
    bravo.git("fetch", "-q", str(alpha.git_dir), MAIN)
    push(bravo, main=commit(bravo, "another", one))
    if compacted:
        compact(alpha)
    assert received(bravo, alpha) == ""
    carry(alpha, bravo)
    assert alpha.refs(MAIN) == bravo.refs(MAIN)
