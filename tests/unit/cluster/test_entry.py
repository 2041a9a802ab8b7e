"""What an entry's commit says, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit_plugins.cluster.entry import JournalError, Record, is_node, is_ref, message, parse
from hookkit_plugins.cluster.resolve import Entry, Update

A, B = "a" * 40, "b" * 40
nodes = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,10}", fullmatch=True)
oids = st.sampled_from([A, B, "c" * 64])
values = st.none() | oids
refs = st.from_regex(r"refs/heads/[A-Za-zäß日\udc80-\udcff][A-Za-z0-9_/-]{0,8}[a-z]", fullmatch=True).filter(is_ref)
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
