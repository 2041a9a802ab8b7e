"""A node that keeps only some of the refs, and others later."""

from collections.abc import Callable

import pytest
from support.journals import carry, commit, no_cache, problems, push

from hookkit.api import Repository
from hookkit_plugins.cluster import checking, settings

MAIN, PRIVATE = "refs/heads/main", "refs/heads/private"
Make = Callable[[str], Repository]


@pytest.fixture
def nodes(make: Make) -> tuple[Repository, Repository, Repository]:
    """Alpha and charlie, and bravo between them, which leaves a branch out."""
    alpha, bravo, charlie = (make(name) for name in ("alpha", "bravo", "charlie"))
    for pattern in ("refs/heads/*", "!refs/heads/private"):
        bravo.git("config", "--add", "hookkit.cluster.refs", pattern)
    bravo.reload()
    return alpha, bravo, charlie


def take_all(repo: Repository) -> None:
    repo.git("config", "--unset-all", "hookkit.cluster.refs")
    repo.reload()


def test_what_was_left_out_arrives_when_it_is_not_any_more(nodes: tuple[Repository, ...]) -> None:
    alpha, bravo, charlie = nodes
    one = commit(alpha, "one")
    alpha.git("update-ref", "refs/tags/v1", one)
    push(alpha, main=one, private=one)
    carry(*nodes)
    assert bravo.refs("refs/heads/", "refs/tags/") == {MAIN: one}
    take_all(bravo)
    carry(*nodes)
    assert bravo.refs("refs/heads/", "refs/tags/") == {MAIN: one, PRIVATE: one, "refs/tags/v1": one}
    assert problems(alpha, bravo, charlie) == []


def test_conflicts_of_what_is_left_out_are_elsewhere(nodes: tuple[Repository, ...]) -> None:
    alpha, bravo, charlie = nodes
    one = commit(alpha, "one")
    push(alpha, main=one, private=one)
    carry(*nodes)
    push(alpha, private=commit(alpha, "lost", one))
    push(charlie, private=commit(charlie, "won", one))
    carry(*nodes)
    assert alpha.refs("refs/conflicts/")
    assert bravo.refs("refs/conflicts/") == {}
    assert checking.verify(bravo, settings.read(bravo)).problems == []
    take_all(bravo)
    carry(*nodes)
    assert problems(alpha, bravo, charlie) == []
    assert bravo.refs("refs/conflicts/") == alpha.refs("refs/conflicts/")


def test_what_is_left_out_from_now_on_stays_as_it_is(nodes: tuple[Repository, ...]) -> None:
    alpha, bravo, charlie = nodes
    take_all(bravo)
    one = commit(alpha, "one")
    push(alpha, main=one, private=one)
    carry(*nodes)
    push(alpha, private=commit(alpha, "lost", one))
    push(charlie, private=commit(charlie, "won", one))
    carry(*nodes)
    before = bravo.refs("refs/heads/", "refs/conflicts/")
    bravo.git("config", "hookkit.cluster.refs", "!refs/heads/private")
    bravo.reload()
    push(alpha, private=commit(alpha, "later", *alpha.refs("refs/heads/private", "refs/conflicts/").values()))
    carry(*nodes)
    assert alpha.refs("refs/conflicts/") == {}
    assert bravo.refs("refs/heads/", "refs/conflicts/") == before
    assert checking.verify(bravo, settings.read(bravo)).problems == []
    take_all(bravo)
    carry(*nodes)
    assert problems(alpha, bravo, charlie) == []


def test_without_a_cache_what_is_left_out_is_not_taken_for_deleted(nodes: tuple[Repository, ...]) -> None:
    alpha, bravo, charlie = nodes
    one = commit(alpha, "one")
    push(alpha, main=one, private=one)
    carry(*nodes)
    push(alpha, private=commit(alpha, "lost", one))
    push(charlie, private=commit(charlie, "won", one))
    carry(*nodes)
    # An entry that knows all of that: from there the cache is made again.
    push(bravo, other=one)
    carry(*nodes)
    before = alpha.refs("refs/heads/", "refs/conflicts/")
    no_cache(bravo)
    carry(*nodes)
    take_all(bravo)
    carry(*nodes)
    assert problems(alpha, bravo, charlie) == []
    assert bravo.refs("refs/heads/", "refs/conflicts/") == before
