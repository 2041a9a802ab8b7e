"""Where branches and tags go, on histories that are made up."""

from hypothesis import given
from hypothesis import strategies as st

from hookkit_plugins.setup import pull_all, pulling
from hookkit_plugins.setup.pulling import Step

REF = "refs/heads/main"


# A commit is the set of changes that it contains: one is an ancestor of those with more.
def contains(one: str, other: str) -> bool:
    return set(one) <= set(other)


def step(mine: str | None, **theirs: str) -> Step:
    local = {} if mine is None else {REF: mine}
    return pulling.branches(local, {name: {REF: oid} for name, oid in theirs.items()}, contains)[0]


def test_branches() -> None:
    assert step("a", x="a", y="a") == Step(REF, "a", None, "up to date")
    assert step("a", x="ab", y="a") == Step(REF, "a", "ab", "forwarded", "x")
    assert step("a", x="ab", y="abc") == Step(REF, "a", "abc", "forwarded", "y")
    assert step(None, x="a", y="ab") == Step(REF, None, "ab", "new", "y")
    assert step("ab", x="a", y="ab") == Step(REF, "ab", None, "ahead", "x")
    assert step("ab", x="ac", y="ab") == Step(
        REF, "ab", None, "diverged", "here and x each have commits that the other lacks"
    )
    assert step("a", x="ab", y="ac") == Step(REF, "a", None, "diverged", "x and y have diverged from each other")
    assert step(None, x="ab", y="ac").result == "diverged"
    assert pulling.branches({REF: "a"}, {"x": {}}, contains) == []


values = st.sets(st.sampled_from("abcd"), min_size=1).map(lambda chosen: "".join(sorted(chosen)))


@given(st.none() | values, st.dictionaries(st.sampled_from("xyz"), values, min_size=1))
def test_nothing_is_ever_lost(mine: str | None, theirs: dict[str, str]) -> None:
    done = step(mine, **theirs)
    everything = {*theirs.values(), *[mine] * (mine is not None)}
    if done.new is not None:
        assert all(contains(each, done.new) for each in everything)
        assert done.new in theirs.values()
        assert done.new != mine
    elif done.ok:
        assert mine is not None
        assert all(contains(each, mine) for each in everything)
    else:
        assert not any(all(contains(each, one) for each in everything) for one in everything)


def test_tags_never_move() -> None:
    def tag(mine: str | None, **theirs: str) -> tuple[str | None, str]:
        local = {} if mine is None else {"refs/tags/v": mine}
        found = pulling.tags(local, {name: {"refs/tags/v": oid} for name, oid in theirs.items()})[0]
        return found.new, found.result

    assert tag(None, x="a", y="a") == ("a", "new")
    assert tag(None, x="a", y="b") == (None, "kept")
    assert tag("a", x="a") == (None, "up to date")
    assert tag("a", x="ab") == (None, "kept")


def test_what_to_do_about_a_lock_that_was_left() -> None:
    why = "cannot lock ref 'refs/heads/main': Unable to create '/w/.git/refs/heads/main.lock': File exists."
    error = pull_all.error([], [Step(REF, "a", None, "failed", why), Step("refs/heads/x", "a", None, "up to date")])
    assert error.cause == f"main failed: {why}"
    assert (error.hint or "").endswith(": rm /w/.git/refs/heads/main.lock")
