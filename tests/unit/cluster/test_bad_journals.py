"""What was written below ``refs/hookkit/journal/`` while no hook looked: it is named, and nothing else stops."""

from collections.abc import Callable

import pytest
from support.journals import carry, commit, compact, problems, push

from hookkit.api import Repository
from hookkit_plugins.cluster import checking, doctor, engine, logged, settings
from hookkit_plugins.cluster.status import metrics, standings

Make = Callable[[str], Repository]
EVIL = "refs/hookkit/journal/evil"


@pytest.fixture(params=["commit", "blob"])
def alpha(request: pytest.FixtureRequest, make: Make) -> Repository:
    node = make("alpha")
    push(node, main=commit(node, "one"))
    written = {
        "commit": lambda: commit(node, "nonsense"),
        "blob": lambda: node.git("hash-object", "-w", "--stdin", stdin=b"x").text(),
    }
    node.git("update-ref", EVIL, written[request.param]())
    return node


def test_it_is_named_and_the_others_are_shown(alpha: Repository) -> None:
    found, (bad,) = standings(alpha)
    assert [each.node for each in found] == ["alpha"]
    assert str(bad).startswith(f"{EVIL} cannot be read: ")
    assert [dict(each.labels) for each in metrics(alpha) if each.labels] == [{"journal": "alpha"}]
    records, (bad,) = logged.entries(alpha, ["alpha", "evil"])
    assert [each.entry.seq for each in records] == [1]
    assert bad.ref == EVIL


def test_doctor_says_how_to_be_rid_of_it(alpha: Repository) -> None:
    checks = [each for each in doctor.checks(alpha) if EVIL in each.cause]
    assert [(each.verdict, each.hint) for each in checks] == [("problem", f"git update-ref -d {EVIL}")]
    assert not [each for each in doctor.checks(alpha) if "trust evil" in each.hint]
    (clocks,) = [each for each in doctor.checks(alpha) if each.name == "cluster clocks"]
    assert clocks.verdict == "ok"
    alpha.git("update-ref", "-d", EVIL)
    assert not [each for each in doctor.checks(alpha) if each.name == "cluster journals"]


def test_pushes_go_on_and_so_does_compaction(make: Make, alpha: Repository) -> None:
    bravo = make("bravo")
    alpha.git("update-ref", "refs/heads/more", commit(alpha, "more", *alpha.refs("refs/heads/main").values()))
    carry(alpha, bravo)
    compact(alpha)
    carry(alpha, bravo)
    assert all("evil" in each for each in problems(alpha, bravo))
    alpha.git("update-ref", "-d", EVIL)
    assert problems(alpha, bravo) == []


def test_what_an_entry_says_in_one_line(make: Make) -> None:
    alpha = make("alpha")
    push(alpha, main=commit(alpha, "one"))
    engine.forget(alpha, settings.read(alpha), "bravo")
    (forgets, *_), _ = logged.entries(alpha, ["alpha"])
    assert logged.what(forgets) == "forgets bravo"
    assert logged.data(forgets)["forgets"] == ["bravo"]
    compact(alpha)
    (begins,), _ = logged.entries(alpha, ["alpha"])
    assert logged.what(begins) == "begins anew"
    assert logged.data(begins)["checkpoint"] is True


def test_verify_does_not_say_that_refs_differ_where_none_does(alpha: Repository) -> None:
    found = checking.verify(alpha, settings.read(alpha))
    assert found.problems
    assert found.different == 0
