"""``hookkit cluster verify``, without servers: what differs is said, and nothing else."""

from collections.abc import Callable
from concurrent import futures

import pytest
from support.journals import carry, commit, problems, push

from hookkit.api import RefUpdate, Repository
from hookkit_plugins.cluster import checking, hooks, marks, settings
from hookkit_plugins.cluster.opening import is_locked, locked

MAIN, OTHER = "refs/heads/main", "refs/heads/other"
Make = Callable[[str], Repository]


@pytest.fixture
def alpha(make: Make) -> Repository:
    node = make("alpha")
    one = commit(node, "one")
    node.git("symbolic-ref", "HEAD", MAIN)
    push(node, main=one, other=one)
    hooks.together(node, settings.read(node), scan=True, contact=True)
    return node


def found(repo: Repository, patience: float = 10) -> list[str]:
    return checking.verify(repo, settings.read(repo), patience).problems


def begun(repo: Repository, ref: str, new: str) -> RefUpdate:
    """A push whose refs have moved, and whose post-receive has not begun."""
    update = RefUpdate(ref, repo.refs(ref)[ref], new)
    marks.leave(repo, [update], "dana")
    repo.git("update-ref", ref, new)
    return update


def test_what_is_being_pushed_does_not_differ(alpha: Repository) -> None:
    two = commit(alpha, "two", alpha.refs()[MAIN])
    update = begun(alpha, MAIN, two)
    with futures.ThreadPoolExecutor() as pool:
        looking = pool.submit(found, alpha, 60)
        assert not futures.wait([looking], timeout=2).done
        hooks.together(alpha, settings.read(alpha), [MAIN])
        marks.remove(alpha, [update])
        assert looking.result(timeout=30) == []


def test_what_is_carried_out_does_not_differ(alpha: Repository) -> None:
    assert not is_locked(alpha)
    before = alpha.refs()[MAIN]
    with futures.ThreadPoolExecutor() as pool:
        with locked(alpha):
            assert is_locked(alpha)
            alpha.git("update-ref", MAIN, commit(alpha, "two", before))
            looking = pool.submit(found, alpha, 60)
            assert not futures.wait([looking], timeout=2).done
            alpha.git("update-ref", MAIN, before)
        assert looking.result(timeout=30) == []


def test_what_was_changed_by_hand_differs(alpha: Repository) -> None:
    one, two = alpha.refs()[MAIN], commit(alpha, "two")
    alpha.git("update-ref", MAIN, two)
    assert found(alpha) == [f"{MAIN} is {two}, by the journals {one}"]


def test_a_push_that_was_interrupted_is_not_waited_for_for_ever(alpha: Repository) -> None:
    one, two = alpha.refs()[MAIN], commit(alpha, "two")
    begun(alpha, MAIN, two)
    assert found(alpha, 1) == [f"{MAIN} is {two}, by the journals {one}"]


def test_what_moves_all_the_time_is_not_what_stays() -> None:
    a, b, c = "a" * 40, "b" * 40, "c" * 40
    assert checking.standing({MAIN: (a, b), OTHER: (None, a)}, {MAIN: (b, c), OTHER: (None, a)}) == {OTHER: (None, a)}
    assert checking.standing({}, {MAIN: (a, b)}) == {}


def test_a_default_branch_that_was_changed_by_hand_differs_until_sync(make: Make, alpha: Repository) -> None:
    bravo = make("bravo")
    carry(alpha, bravo)
    assert problems(alpha, bravo) == []
    alpha.git("symbolic-ref", "HEAD", OTHER)
    assert found(alpha) == [f"HEAD is {OTHER}, by the journals {MAIN}"]
    carry(alpha, bravo)
    assert problems(alpha, bravo) == []
    assert bravo.git("symbolic-ref", "HEAD").text() == OTHER


def test_a_head_that_names_no_branch_is_put_right(alpha: Repository) -> None:
    alpha.git("update-ref", "--no-deref", "HEAD", alpha.refs()[MAIN])
    assert found(alpha) == [f"HEAD is no branch's name, by the journals {MAIN}"]
    hooks.together(alpha, settings.read(alpha), scan=True)
    assert alpha.git("symbolic-ref", "HEAD").text() == MAIN
    assert found(alpha) == []
