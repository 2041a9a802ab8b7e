"""What refs once were, as checkpoints remember it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit_plugins.cluster import former
from hookkit_plugins.cluster.entry import JournalError
from hookkit_plugins.cluster.resolve import Entry, Update

MARKS = st.dictionaries(
    st.sampled_from([former.mark("refs/heads/x", f"{n:040x}") for n in range(8)]), st.integers(1, 9)
)
LIMIT = st.integers(1, 6)


@given(MARKS, MARKS, MARKS, LIMIT)
def test_checkpoints_can_be_joined_in_any_order_and_again(
    one: dict[str, int], two: dict[str, int], three: dict[str, int], limit: int
) -> None:
    def join(*parts: former.Former) -> dict[str, int]:
        return former.together(*parts, limit=limit)

    assert join(one, two) == join(two, one)
    assert join(join(one, two), three) == join(one, join(two, three)) == join(one, two, three)
    assert join(join(one, two), two) == join(one, two)
    assert len(join(one, two)) <= limit


@given(MARKS)
def test_what_is_written_can_be_read(marks: dict[str, int]) -> None:
    assert former.parse(former.text(marks)) == marks


def test_every_value_is_remembered_with_its_last_mention() -> None:
    entries = [
        Entry("alpha", 1, 10, {}, {"refs/heads/x": Update(None, "a" * 40)}),
        Entry("alpha", 2, 20, {}, {"refs/heads/x": Update("a" * 40, None)}),
    ]
    assert former.of(entries) == {former.mark("refs/heads/x", "a" * 40): 20, former.mark("refs/heads/x", None): 20}
    assert former.mark("refs/heads/x", "a" * 40) != former.mark("refs/heads/y", "a" * 40)


@pytest.mark.parametrize("said", ["x", "0123456789abcdef -1\n", "0123456789ABCDEF 1\n", "\n"])
def test_what_it_cannot_be_is_refused(said: str) -> None:
    with pytest.raises(JournalError, match="cannot be read"):
        former.parse(said)
