"""Comparing two sets of refs."""

from hypothesis import given
from hypothesis import strategies as st

from hookkit_plugins.mirror.refs import RefFilter
from hookkit_plugins.mirror.settings import DEFAULT_REFS
from hookkit_plugins.mirror.verify import difference

MIRRORED = RefFilter(DEFAULT_REFS)


def test_every_kind_of_difference() -> None:
    ours = {"refs/heads/same": "1", "refs/heads/other": "1", "refs/tags/new": "1", "refs/stash": "1"}
    theirs = {"refs/heads/same": "1", "refs/heads/other": "2", "refs/heads/theirs": "1", "refs/pull/1/head": "1"}
    found = difference(ours, theirs, MIRRORED)
    assert found[:4] == (1, ("refs/tags/new",), {"refs/heads/other": ("1", "2")}, ("refs/heads/theirs",))
    assert not found.in_sync


def test_what_only_the_remote_has_is_in_sync() -> None:
    assert difference({}, {"refs/heads/theirs": "1"}, MIRRORED).in_sync
    assert difference({}, {}, MIRRORED).in_sync
    assert not difference({"refs/heads/a": "1"}, {}, MIRRORED).in_sync


refs = st.dictionaries(
    st.sampled_from([f"refs/{kind}/{n}" for kind in ("heads", "x") for n in "abc"]), st.sampled_from("123")
)


@given(refs, refs)
def test_every_ref_is_counted_once(ours: dict[str, str], theirs: dict[str, str]) -> None:
    found = difference(ours, theirs, MIRRORED)
    here, there = ({ref for ref in refs if ref in MIRRORED} for refs in (ours, theirs))
    assert found.equal + len(found.missing) + len(found.different) == len(here)
    assert found.equal + len(found.only_there) + len(found.different) == len(there)
    assert found.in_sync == all(theirs.get(ref) == oid for ref, oid in ours.items() if ref in MIRRORED)
