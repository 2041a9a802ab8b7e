"""A peer that has the journals, and not the refs that they come to."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.journals import carry, commit, named, push

from hookkit.api import Repository
from hookkit_plugins.cluster.comparing import compare
from hookkit_plugins.cluster.journal import JOURNALS

MAIN = "refs/heads/main"
Make = Callable[[str], Repository]


@pytest.fixture
def nodes(tmp_path: Path) -> tuple[Repository, Repository]:
    """alpha and bravo, which have followed each other."""
    alpha, bravo = (named(Repository.create(tmp_path / f"{name}.git"), name) for name in ("alpha", "bravo"))
    push(alpha, main=commit(alpha, "one"))
    carry(alpha, bravo)
    return alpha, bravo


def only_journals(alpha: Repository, bravo: Repository) -> None:
    """What happens at a node whose plugin is off."""
    bravo.git("fetch", "-q", "--no-tags", str(alpha.git_dir), f"+{JOURNALS}*:{JOURNALS}*")


def test_one_that_carries_nothing_out_is_named(nodes: tuple[Repository, Repository]) -> None:
    alpha, bravo = nodes
    assert compare(alpha, {"bravo": bravo.refs()}) == {}
    one = alpha.refs()[MAIN]
    push(alpha, main=commit(alpha, "two", one))
    push(alpha, other=one)
    only_journals(alpha, bravo)
    assert compare(alpha, {"bravo": bravo.refs(), "charlie": alpha.refs()}) == {
        "bravo": "has the journals, but they are not carried out: "
        f"main is {one[:12]} there, by the journals {alpha.refs()[MAIN][:12]}; "
        "is hookkit installed there, and the plugin cluster on, for this ref too? Then, there: hookkit mirror sync"
    }
    journals = {ref: oid for ref, oid in bravo.refs().items() if ref.startswith(JOURNALS)}
    assert "and 1 more" in compare(alpha, {"bravo": journals})["bravo"], "it has never had hookkit"
    push(bravo, other=one)
    assert compare(alpha, {"bravo": bravo.refs()}) == {}


def test_one_may_leave_refs_out(nodes: tuple[Repository, Repository]) -> None:
    alpha, bravo = nodes
    bravo.git("config", "hookkit.cluster.refs", "!refs/heads/private/*")
    bravo.reload()
    one = alpha.refs()[MAIN]
    push(alpha, **{"private/of-alpha": one})
    carry(alpha, bravo)
    bravo.git("update-ref", "refs/heads/private/of-bravo", one)
    assert "refs/heads/private/of-alpha" not in bravo.refs()
    assert compare(alpha, {"bravo": bravo.refs()}) == {}


def test_nothing_is_known_of_one_with_other_journals(nodes: tuple[Repository, Repository]) -> None:
    alpha, bravo = nodes
    push(alpha, main=commit(alpha, "two", alpha.refs()[MAIN]))
    assert compare(alpha, {"bravo": bravo.refs()}) == {}
    assert compare(alpha, {"bravo": {}}) == {}


def test_what_was_not_written_down_here_says_nothing_of_the_peer(nodes: tuple[Repository, Repository]) -> None:
    alpha, bravo = nodes
    alpha.git("update-ref", MAIN, commit(alpha, "by hand", alpha.refs()[MAIN]))
    alpha.git("update-ref", "refs/remotes/x/y", MAIN)
    assert compare(alpha, {"bravo": bravo.refs()}) == {}
