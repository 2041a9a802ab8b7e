"""Merging what lost: where it cannot be done, why not, and what helps; and that it does help."""

from collections.abc import Callable

import pytest
from support.journals import carry, commit, problems, push

from hookkit.api import RefUpdate, Repository
from hookkit_plugins.cluster import hooks, marks, merging, notes, settings
from hookkit_plugins.cluster.status import Kept, conflicts

MAIN = "refs/heads/main"
Make = Callable[[str], Repository]


@pytest.fixture
def nodes(make: Make) -> tuple[Repository, Repository]:
    alpha, bravo = make("alpha"), make("bravo")
    push(alpha, main=commit(alpha, "one"))
    carry(alpha, bravo)
    return alpha, bravo


def with_file(repo: Repository, content: str, *parents: str) -> str:
    blob = repo.git("hash-object", "-w", "--stdin", stdin=content.encode()).text()
    tree = repo.git("mktree", stdin=f"100644 blob {blob}\tfile\n".encode()).text()
    flags = [flag for parent in parents for flag in ("-p", parent)]
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    return repo.git(*who, "commit-tree", *flags, "-m", content, tree).text()


def update(repo: Repository, ref: str, new: str | None) -> None:
    """What a push to ``ref`` leads to."""
    old = repo.resolve([ref]).get(ref)
    marks.leave(repo, [RefUpdate(ref, old or "0" * 40, new or "0" * 40)], "dana")
    repo.git("update-ref", *(("-d", ref) if new is None else (ref, new)))
    hooks.together(repo, settings.read(repo), [ref], pusher="dana")


def clash(nodes: tuple[Repository, Repository], ours: tuple[str, str], theirs: tuple[str, str]) -> tuple[Kept, str]:
    """A ref and a value pushed to each node; what lost, and what people are told of it."""
    alpha, bravo = nodes
    update(alpha, *ours)
    update(bravo, *theirs)
    tip = bravo.refs("refs/hookkit/journal/bravo")["refs/hookkit/journal/bravo"]
    alpha.git("fetch", "-q", "--no-tags", str(bravo.git_dir), f"{tip}:refs/hookkit/journal/bravo")
    (said,) = notes.conflicts(hooks.together(alpha, settings.read(alpha)))
    carry(*nodes)
    (kept,) = conflicts(alpha)
    return kept, said


def refused(repo: Repository, kept: Kept) -> tuple[str, str]:
    with pytest.raises(merging.NotMergedError) as caught:
        merging.merge(repo, kept.ref, kept.kept, kept.oid)
    return caught.value.cause or "", caught.value.hint or ""


def test_one_that_leaves_nothing_to_decide(nodes: tuple[Repository, Repository]) -> None:
    alpha, bravo = nodes
    base = alpha.refs()[MAIN]
    kept, said = clash(nodes, (MAIN, with_file(alpha, "a", base)), (MAIN, commit(bravo, "b", base)))
    assert said.endswith(f"to merge it: git pull origin {kept.kept}")
    merged = merging.merge(alpha, kept.ref, kept.kept, kept.oid)
    assert alpha.refs(MAIN) == {MAIN: merged.new}
    hooks.together(alpha, settings.read(alpha), [MAIN])
    carry(*nodes)
    assert problems(*nodes) == []
    assert conflicts(bravo) == []


def test_one_that_does(nodes: tuple[Repository, Repository]) -> None:
    alpha, bravo = nodes
    base = alpha.refs()[MAIN]
    kept, _ = clash(nodes, (MAIN, with_file(alpha, "a", base)), (MAIN, with_file(bravo, "b", base)))
    cause, hint = refused(alpha, kept)
    assert "change the same lines" in cause
    assert "git pull --no-rebase" in hint


def test_a_lock_is_no_difference(nodes: tuple[Repository, Repository]) -> None:
    alpha, bravo = nodes
    base = alpha.refs()[MAIN]
    kept, _ = clash(nodes, (MAIN, commit(alpha, "a", base)), (MAIN, commit(bravo, "b", base)))
    lock = alpha.git_dir / f"{MAIN}.lock"
    lock.touch()
    cause, _ = refused(alpha, kept)
    assert str(lock) in cause
    assert merging.merge_all(alpha, settings.read(alpha), {"alpha"}) == []


def test_a_branch_that_was_deleted_is_had_again(nodes: tuple[Repository, Repository]) -> None:
    alpha, bravo = nodes
    base = alpha.refs()[MAIN]
    kept, _ = clash(nodes, (MAIN, commit(alpha, "a", base)), (MAIN, commit(bravo, "b", base)))
    push(alpha, main=None)
    cause, hint = refused(alpha, kept)
    assert cause == "main is no more"
    assert hint == (
        f"to have it again: git fetch origin {kept.kept} && git push origin FETCH_HEAD:{MAIN}; "
        f"to be rid of it: hookkit cluster conflicts drop {kept.kept.removeprefix('refs/conflicts/')}"
    )
    push(alpha, main=kept.oid)
    carry(*nodes)
    assert conflicts(bravo) == []
    assert problems(*nodes) == []


@pytest.mark.parametrize("swapped", [False, True])
def test_a_name_that_is_the_others_folder(nodes: tuple[Repository, Repository], *, swapped: bool) -> None:
    one = nodes[0].refs()[MAIN]
    x, y = "refs/heads/x", "refs/heads/x/y"
    ours, theirs = (y, x) if swapped else (x, y)
    kept, said = clash(nodes, (ours, commit(nodes[0], "a", one)), (theirs, commit(nodes[1], "b", one)))
    lost, won = kept.ref.removeprefix("refs/heads/"), ({x, y} - {kept.ref}).pop().removeprefix("refs/heads/")
    assert f"{lost} cannot exist beside {won}; " in said
    assert said.endswith(f"it comes back when {won} is deleted")
    cause, hint = refused(nodes[0], kept)
    assert cause == f"{lost} cannot exist beside {won}"
    assert "it comes back" in hint
    update(nodes[0], f"refs/heads/{won}", None)
    carry(*nodes)
    assert nodes[1].refs(kept.ref) == {kept.ref: kept.oid}
    assert conflicts(nodes[1]) == []


@pytest.mark.parametrize("kind", ["commit", "blob"])
def test_a_tag_is_not_merged_but_moved(nodes: tuple[Repository, Repository], kind: str) -> None:
    alpha, bravo = nodes
    tag = "refs/tags/v1"
    make = {
        "commit": lambda repo: commit(repo, repo.node, alpha.refs()[MAIN]),
        "blob": lambda repo: repo.git("hash-object", "-w", "--stdin", stdin=repo.node.encode()).text(),
    }[kind]
    kept, said = clash(nodes, (tag, make(alpha)), (tag, make(bravo)))
    assert said.endswith(f"git fetch origin {kept.kept} && git push --force origin FETCH_HEAD:{tag}")
    cause, hint = refused(alpha, kept)
    assert "is not merged" in cause
    assert "to have it instead" in hint
    update(alpha, tag, kept.oid)
    carry(*nodes)
    assert bravo.refs(tag) == {tag: kept.oid}
    assert conflicts(bravo) == []
