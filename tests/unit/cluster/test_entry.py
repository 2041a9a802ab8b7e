"""What an entry's commit says, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit_plugins.cluster.checkpoint import parse as parse_state
from hookkit_plugins.cluster.checkpoint import text as state_text
from hookkit_plugins.cluster.entry import JournalError, Record, is_node, is_ref, message, parse
from hookkit_plugins.cluster.resolve import Claims, Entry, State, Update

A, B = "a" * 40, "b" * 40
nodes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,10}", fullmatch=True)
oids = st.sampled_from([A, B, "c" * 64])
values = st.none() | oids
refs = st.from_regex(r"refs/heads/[A-Za-zäß日%\udc80-\udcff][A-Za-z0-9_/%-]{0,8}[a-z]", fullmatch=True).filter(is_ref)
numbers = st.integers(1, 10**15)


@given(
    node=nodes,
    seq=numbers,
    time=st.integers(1, 253_402_300_799_999),
    past=st.dictionaries(nodes, st.tuples(numbers, oids), max_size=4),
    updates=st.dictionaries(refs, st.tuples(values, values), max_size=6),
    pusher=st.none() | st.from_regex(r"[a-z]{1,10}", fullmatch=True),
    joins=st.booleans(),
)
def test_what_is_written_is_read(node, seq, time, past, updates, pusher, joins) -> None:
    entry = Entry(
        node,
        seq,
        time,
        {name: number for name, (number, _) in past.items()},
        {ref: Update(*pair) for ref, pair in updates.items()},
    )
    record = Record(entry, A, {name: oid for name, (_, oid) in past.items()}, pusher, joins)
    assert parse(A, message(record)) == record
    # Of other bytes git makes something else.
    assert message(record).encode()


@given(refs, refs)
def test_so_is_what_a_checkpoint_says(ref: str, branch: str) -> None:
    entries = [
        Entry("alpha", 1, 1, {}, {ref: Update(None, A)}),
        Entry("alpha", 2, 2, {}, {"HEAD": Update(None, branch)}),
    ]
    state = State({"alpha": 2}, {name: Claims((each,), ()) for each in entries for name in each.updates})
    assert parse_state(state_text(state), {"alpha": 2}) == state
    assert state_text(state).encode()


@pytest.mark.parametrize(
    "name",
    ["refs/heads/100%25", "refs/heads/ca%E9", "refs/heads/caf\xe9", "refs/heads/日本"],
)
def test_a_name_in_utf_8_is_written_as_it_is(name: str) -> None:
    record = Record(Entry("alpha", 1, 1, {}, {name: Update(None, A)}), A)
    assert message(record).splitlines()[-1] == f"update - {A} {name}"


@pytest.mark.parametrize(
    "text",
    [
        ":refs/heads/main",
        ":refs/heads/a%20b%E9",
        ":refs/heads/caf%e9",
        ":refs/heads/%41%E9",
        ":refs/heads/%E",
        ":%00%E9",
    ],
)
def test_a_name_is_written_in_one_way_only(text: str) -> None:
    with pytest.raises(JournalError):
        parse(A, f"s\n\nnode alpha\nseq 1\ntime 1\nupdate - {A} {text}\n")


def test_it_is_readable() -> None:
    updates = {
        "refs/heads/main": Update(A, B),
        "refs/heads/old": Update(A, None),
        "HEAD": Update(None, "refs/heads/main"),
    }
    text = message(Record(Entry("alpha", 12, 1764003000123, {"bravo": 7}, updates), "", {"bravo": B}, "alice"))
    assert text.splitlines() == [
        "alpha 12: HEAD, main, -old (alice)",
        "",
        "node alpha",
        "seq 12",
        "time 1764003000123",
        "pusher alice",
        f"past bravo 7 {B}",
        "update - refs/heads/main HEAD",
        f"update {A} {B} refs/heads/main",
        f"update {A} - refs/heads/old",
    ]


GOOD = ["node alpha", "seq 1", "time 1"]


@pytest.mark.parametrize(
    "lines",
    [
        ["seq 1", "time 1"],
        ["node -x", "seq 1", "time 1"],
        ["node alpha", "seq 0", "time 1"],
        ["node alpha", "seq 1x", "time 1"],
        ["node alpha", "seq 1", "time -1"],
        [*GOOD, "past bravo 1"],
        [*GOOD, f"past b/c 1 {A}"],
        [*GOOD, f"update {A} {B}"],
        [*GOOD, f"update {A} short refs/heads/x"],
        [*GOOD, f"update {A} {B} refs/heads/x refs/heads/y"],
        [*GOOD, f"update {A} {B} heads/x"],
        [*GOOD, f"update {A} {B} refs/heads/x.lock"],
        [*GOOD, f"update {A} {B} refs/heads/../x"],
        [*GOOD, f"update {A} {B} refs/hookkit/journal/alpha"],
        [*GOOD, f"update - {A} HEAD"],
        [*GOOD, "update - HEAD HEAD"],
    ],
)
def test_what_is_no_entry_is_refused(lines: list[str]) -> None:
    with pytest.raises(JournalError, match="is not an entry"):
        parse(A, "\n".join(["subject", "", *lines, ""]))


@pytest.mark.parametrize("text", ["", "subject only\n", "subject\n\n"])
def test_any_other_commit_is_no_entry(text: str) -> None:
    with pytest.raises(JournalError):
        parse(A, text)


@pytest.mark.parametrize("name", ["alpha", "a", "web-1.example.org", "A_b"])
def test_names_of_nodes(name: str) -> None:
    assert is_node(name)


@pytest.mark.parametrize("name", ["", "-a", ".a", "a/b", "a..b", "a.lock", "a.", "a b", "ä", "a" * 64, "a\n"])
def test_what_is_no_name_of_a_node(name: str) -> None:
    assert not is_node(name)
