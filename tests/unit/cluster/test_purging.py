"""What was deleted is gone once every node has compacted its journal, whatever was pushed in between."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.journals import branches, carry, commit, compact, named, no_cache, push

from hookkit.api import Repository
from hookkit_plugins.cluster import replaced

Make = Callable[[str], Repository]


@pytest.fixture(params=["sha1", "sha256"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """``make("alpha")``: the repository of the node alpha."""
    return lambda name: named(Repository.create(tmp_path / f"{name}.git", request.param), name)


def purged(secret: str, *nodes: Repository) -> bool:
    for node in nodes:
        node.git("gc", "-q", "--prune=now")
    return not any(node.object_types([secret]) for node in nodes)


def leaked(*nodes: Repository) -> str:
    """A secret that was pushed to the last of ``nodes``, and deleted there; no other has heard of the deletion."""
    push(nodes[0], main=commit(nodes[0], "one"))
    carry(*nodes)
    secret = commit(nodes[-1], "secret", nodes[-1].refs("refs/heads/")["refs/heads/main"])
    push(nodes[-1], leak=secret)
    carry(*nodes)
    push(nodes[-1], leak=None)
    return secret


def work(node: Repository, name: str) -> None:
    push(node, **{name: commit(node, name, node.refs("refs/heads/")["refs/heads/main"])})


def test_a_push_between_two_compactions_does_not_keep_what_was_deleted(make: Make) -> None:
    alpha, bravo = nodes = make("alpha"), make("bravo")
    secret = leaked(*nodes)
    carry(*nodes)
    compact(alpha)
    carry(*nodes)
    work(alpha, "between")
    carry(*nodes)
    compact(bravo)
    carry(*nodes)
    assert replaced.reached(alpha) == {}
    assert purged(secret, *nodes)
    for node in nodes:
        no_cache(node)
    carry(*nodes)
    assert branches(*nodes) == {"refs/heads/main", "refs/heads/between"}


def test_where_everybody_works_on_twice_is_enough(make: Make) -> None:
    alpha, _bravo, charlie = nodes = make("alpha"), make("bravo"), make("charlie")
    secret = leaked(*nodes)
    carry(*nodes)
    for node in (*nodes, *nodes):
        compact(node)
        carry(*nodes)
        for each in (alpha, charlie):
            work(each, f"{each.node}-after-{node.node}")
        carry(*nodes)
    assert not any("bravo" in others for others in replaced.reached(alpha).values())
    assert purged(secret, *nodes)
    for node in nodes:
        no_cache(node)
    carry(*nodes)
    assert len(branches(*nodes)) == 7


def test_who_compacted_before_the_deletion_had_come_is_named(make: Make) -> None:
    alpha, bravo = nodes = make("alpha"), make("bravo")
    secret = leaked(*nodes)
    compact(alpha)
    carry(*nodes)
    work(alpha, "work")
    carry(*nodes)
    assert replaced.reached(bravo) == {"bravo": ["alpha"]}
    compact(bravo)
    carry(*nodes)
    for node in nodes:
        assert replaced.lines(replaced.reached(node), ()) == [
            "the journal of alpha still reaches what bravo has replaced; "
            "to purge that, on alpha, even if it was done there: hookkit cluster compact"
        ]
    assert replaced.lines(replaced.reached(alpha), {"alpha"}) == [
        "the journal of alpha still reaches what bravo has replaced; that is not purged, as alpha is forgotten"
    ]
    assert not purged(secret, *nodes)
    compact(alpha)
    carry(*nodes)
    assert replaced.reached(bravo) == {}
    assert purged(secret, *nodes)
    assert branches(*nodes) == {"refs/heads/main", "refs/heads/work"}
