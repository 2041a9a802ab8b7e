"""What cannot be moved is said, with the file that is in the way, and moved when it can be."""

from collections.abc import Callable

import pytest
from support.journals import branches, carry, commit, problems, push

from hookkit.api import Repository
from hookkit_plugins.cluster import hooks, settings

MAIN, OTHER = "refs/heads/main", "refs/heads/other"
Make = Callable[[str], Repository]


@pytest.fixture
def nodes(make: Make) -> tuple[Repository, Repository]:
    alpha, bravo = make("alpha"), make("bravo")
    alpha.git("symbolic-ref", "HEAD", MAIN)
    one = commit(alpha, "one")
    push(alpha, main=one, other=one)
    carry(alpha, bravo)
    return alpha, bravo


@pytest.mark.parametrize("name", [MAIN, "HEAD", "packed-refs"])
def test_a_lock_that_was_left_is_named(nodes: tuple[Repository, Repository], name: str) -> None:
    alpha, bravo = nodes
    bravo.git("pack-refs", "--all")
    alpha.git("symbolic-ref", "HEAD", OTHER)
    push(alpha, main=None if name == "packed-refs" else commit(alpha, "two", alpha.refs()[MAIN]))
    hooks.together(alpha, settings.read(alpha), scan=True)
    lock = bravo.git_dir / f"{name}.lock"
    lock.touch()
    bravo.git("fetch", "-q", "--no-tags", str(alpha.git_dir), "refs/hookkit/journal/alpha")
    tip = alpha.refs("refs/hookkit/journal/alpha")["refs/hookkit/journal/alpha"]
    bravo.git("update-ref", "refs/hookkit/journal/alpha", tip)
    answer = hooks.received(bravo, {})
    said = answer["problems"]
    assert said
    assert [each for each in said if str(lock) not in each] == []
    lock.unlink()
    assert hooks.received(bravo, {})["problems"] == []
    assert problems(alpha, bravo) == []
    assert branches(alpha, bravo) == ({OTHER} if name == "packed-refs" else {MAIN, OTHER})
    assert bravo.git("symbolic-ref", "HEAD").text() == OTHER
