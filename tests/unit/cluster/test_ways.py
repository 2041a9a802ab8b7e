"""What entries are called where a journal went on more than once."""

import pytest

from hookkit_plugins.cluster import checkpoint
from hookkit_plugins.cluster.entry import Head, JournalError, Record, followed, is_name, message, parse
from hookkit_plugins.cluster.resolve import Entry, Update
from hookkit_plugins.cluster.ways import Step, Ways, apart, called, claimed

MAIN = "refs/heads/main"


def oid(name: str) -> str:
    """A commit whose first digits are ``name``: letters a to f and digits only."""
    return name.ljust(8, "0").ljust(40, "f")


def steps(*names: str, before: str | None = "", first: int = 1, called: str = "bravo") -> list[Step]:
    found: list[Step] = []
    for seq, name in enumerate(names, first):
        found.append(Step(oid(name), seq, before, called))
        before = oid(name)
    return found


def ways(*parts: list[Step], declared: tuple[str, ...] = ()) -> Ways:
    return apart("bravo", [step for part in parts for step in part], declared)


def record(node: str, seq: int, updates: tuple[str, ...] = (MAIN,), **past: tuple[int, str]) -> Record:
    """:param past: number and commit, by name."""
    entry = Entry(
        node, seq, 7, {each: head[0] for each, head in past.items()}, {r: Update(None, None) for r in updates}
    )
    return Record(entry, oid("e"), {each: oid(head[1]) for each, head in past.items()})


TRUNK = steps("a1", "a2", "a3")
ONE = steps("b4", "b5", before=oid("a3"), first=4)
OTHER = steps("c4", before=oid("a3"), first=4)
BOTH = ways(TRUNK, ONE, OTHER)
ON_ONE, ON_OTHER = "bravo+b4000000", "bravo+c4000000"


def test_a_journal_that_went_on_once_has_one_name() -> None:
    assert ways(TRUNK, ONE) == Ways({}, {})


def test_what_follows_the_place_where_ways_part_is_called_by_its_first_commit() -> None:
    start = {"bravo": Head(3, oid("a3"))}
    assert ({oid("b4"): ON_ONE, oid("b5"): ON_ONE, oid("c4"): ON_OTHER}, {ON_ONE: start, ON_OTHER: start}) == BOTH
    assert ways(OTHER, ONE, TRUNK) == BOTH


def test_a_way_may_part_again() -> None:
    found = ways(TRUNK, ONE, OTHER, steps("d5", before=oid("b4"), first=5))
    assert found.names[oid("d5")] == "bravo+d5000000"
    assert found.names[oid("b5")] == "bravo+b5000000"
    assert found.names[oid("b4")] == ON_ONE
    assert found.starts["bravo+d5000000"] == {"bravo": Head(3, oid("a3")), ON_ONE: Head(4, oid("b4"))}


def test_ways_may_part_before_the_first_entry() -> None:
    assert {*ways(steps("a1"), steps("b1")).names.values()} == {"bravo+a1000000", "bravo+b1000000"}


def test_ways_that_others_tell_apart_are_where_nothing_is_to_be_seen_of_it() -> None:
    assert ways(TRUNK, ONE, declared=(ON_ONE, "bravo")).names == {oid("b4"): ON_ONE, oid("b5"): ON_ONE}
    assert ways(TRUNK, declared=(ON_ONE,)) == Ways({}, {ON_ONE: {}})


def test_what_begins_with_a_checkpoint_is_called_as_it_says() -> None:
    later = steps("b8", "b9", before=None, first=8, called=ON_ONE)
    assert ways(later, declared=(ON_ONE,)).names == {oid("b8"): ON_ONE, oid("b9"): ON_ONE}
    # Told by a commit and by a checkpoint, the commit knows more, whichever is read first.
    by_checkpoint = steps("b5", before=None, first=5)
    assert ways(TRUNK, ONE, OTHER, by_checkpoint) == ways(by_checkpoint, TRUNK, ONE, OTHER) == BOTH


def test_what_follows_an_entry_that_is_not_known_is_called_as_it_says() -> None:
    later = steps("b8", "b9", before=oid("b7"), first=8, called=ON_ONE)
    assert ways(later).names == {oid("b8"): ON_ONE, oid("b9"): ON_ONE}


def test_more_that_is_known_of_ways_takes_nothing_away() -> None:
    more = BOTH.with_(Ways({oid("d4"): "bravo+d4000000"}, {ON_ONE: {}, "bravo+d4000000": {}}))
    assert more.names == {**BOTH.names, oid("d4"): "bravo+d4000000"}
    assert more.starts == {**BOTH.starts, "bravo+d4000000": {}}


def test_who_named_a_commit_knows_its_way_and_what_is_before_it() -> None:
    told = called(record("alpha", 2, bravo=(5, "b5"), delta=(1, "d1")), "alpha", BOTH)
    assert told.entry.past == {"bravo": 3, ON_ONE: 5, "delta": 1}
    assert told.heads == {"bravo": oid("a3"), ON_ONE: oid("b5"), "delta": oid("d1")}
    assert called(record("alpha", 2, bravo=(2, "a2")), "alpha", BOTH).entry.past == {"bravo": 2}


def test_an_entry_on_a_way_knows_what_is_before_it_and_not_the_other_way() -> None:
    told = called(record("bravo", 5, alpha=(1, "a")), ON_ONE, BOTH)
    assert (told.entry.node, told.entry.past) == (ON_ONE, {"alpha": 1, "bravo": 3})
    other = Entry(ON_OTHER, 4, 7, {}, {})
    assert not told.entry.knows(other)


def test_a_conflict_that_was_dropped_is_called_as_its_entry_is() -> None:
    kept = [f"refs/conflicts/bravo.{seq}/heads/main" for seq in (2, 5, 9)]
    told = called(record("alpha", 2, tuple(kept), bravo=(5, "b5")), "alpha", BOTH)
    assert sorted(told.entry.updates) == sorted([kept[0], f"refs/conflicts/{ON_ONE}.5/heads/main", kept[2]])

    # An entry with the number of one on the way, of what is before it, is not on the way.
    before = called(record("alpha", 2, ("refs/conflicts/bravo.3/heads/main",), bravo=(5, "b5")), "alpha", BOTH)
    assert [*before.entry.updates] == ["refs/conflicts/bravo.3/heads/main"]


def test_what_a_checkpoint_claims_is_called_as_its_entry_is() -> None:
    entry = Entry("bravo", 4, 7, {}, {MAIN: Update(None, oid("9"))})
    assert claimed(entry, {("bravo", 4): oid("c4")}, BOTH).node == ON_OTHER
    assert claimed(entry, {}, BOTH).node == "bravo"


def test_an_entry_says_its_way() -> None:
    said = message(record(ON_ONE, 6, **{"bravo": (3, "a3"), ON_OTHER: (4, "c4")}))
    assert said.startswith("bravo 6: -main\n\nnode bravo\nway b4000000\nseq 6\n")
    assert parse("0" * 40, said).entry.node == ON_ONE
    assert parse("0" * 40, said).entry.past == {"bravo": 3, ON_OTHER: 4}
    for wrong in ("way b4", "way B4000000", "way b4000000/x", "way "):
        with pytest.raises(JournalError):
            parse("0" * 40, said.replace("way b4000000", wrong))


def test_names() -> None:
    assert is_name("bravo")
    assert is_name(ON_ONE)
    assert not is_name("bravo+")
    assert not is_name("+b4000000")
    assert not is_name("bravo+b4000000+c4000000")
    assert followed({"bravo": 3, ON_ONE: 5, "bravo-2": 9}, "bravo") == 5


def test_a_checkpoint_tells_by_which_entries_it_came() -> None:
    paths = {
        ON_ONE: [*TRUNK, *[step._replace(name=ON_ONE) for step in ONE]],
        "alpha": steps("d7", before=None, first=7),
    }
    said = checkpoint.paths_text(paths)
    assert checkpoint.parse_paths(said) == paths
    many = [Step(oid("a"), seq, None, "alpha") for seq in range(1, checkpoint.PATH_LIMIT + 9)]
    assert checkpoint.parse_paths(checkpoint.paths_text({"alpha": many}))["alpha"][0].seq == 9
    for wrong in (
        "bravo 1 x bravo",
        f"bravo 0 {oid('a')} bravo",
        f"br/vo 1 {oid('a')} bravo",
        f"bravo 1 {oid('a')} b+c",
    ):
        with pytest.raises(JournalError):
            checkpoint.parse_paths(f"{wrong}\n")
