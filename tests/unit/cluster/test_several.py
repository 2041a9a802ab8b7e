"""Several nodes without servers: what a checkpoint leaves out does not come back, whoever reads it in whatever order."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.journals import branches, carry, commit, compact, drop, fetch, mirror, named, no_cache, push, restore

from hookkit.api import RefUpdate, Repository
from hookkit_plugins.cluster import engine, hooks, journal, marks, moving, settings
from hookkit_plugins.cluster.entry import Head
from hookkit_plugins.cluster.opening import opened
from hookkit_plugins.cluster.quick import COMING, write_down
from hookkit_plugins.cluster.status import forgotten
from hookkit_plugins.cluster.ways import Ways

MAIN, GONE = "refs/heads/main", "refs/heads/gone"
Make = Callable[[str], Repository]


def test_a_copy_does_not_bring_back_what_was_compacted_away(make: Make) -> None:
    alpha, bravo = make("alpha"), make("bravo")
    one = commit(alpha, "one")
    push(alpha, main=one, gone=commit(alpha, "another", one))
    carry(alpha, bravo)
    old = mirror(alpha, "copied")
    push(alpha, main=commit(alpha, "a forced push"), gone=None)
    carry(alpha, bravo)
    for node in (alpha, bravo, alpha, bravo):
        compact(node)
        carry(alpha, bravo)
        push(node, **{f"after-{node.node}": one})
    new = commit(old, "only in the copy", one)
    old.git("update-ref", "refs/heads/new", new)
    carry(old, alpha, bravo)
    assert branches(alpha, bravo, old) == {MAIN, "refs/heads/new", "refs/heads/after-alpha", "refs/heads/after-bravo"}
    assert alpha.refs(MAIN)[MAIN] != one


@pytest.mark.parametrize("compacted", ["alpha", "bravo"])
def test_who_comes_first_does_not_matter_when_a_checkpoint_is_read(make: Make, compacted: str) -> None:
    """One journal tells what the checkpoint in the other has left behind."""
    nodes = {name: make(name) for name in ("alpha", "bravo")}
    alpha, bravo = nodes.values()
    one = commit(alpha, "one")
    push(nodes[compacted], kept=commit(nodes[compacted], "first"))
    other = bravo if compacted == "alpha" else alpha
    for node in nodes.values():
        node.git("config", "hookkit.cluster.allow-unrelated", "true")
        node.reload()
    push(other, gone=commit(other, "two"), main=commit(other, "three"))
    carry(*nodes.values())
    push(nodes[compacted], gone=None)
    carry(*nodes.values())
    compact(nodes[compacted])
    carry(*nodes.values())
    late = make("late")
    late.git("fetch", "-q", str(alpha.git_dir), f"{MAIN}:{MAIN}")
    carry(late, *nodes.values())
    assert branches(late, alpha, bravo) == {MAIN, "refs/heads/kept"}
    assert one not in late.refs().values()


def test_a_cache_is_made_again_beside_checkpoints_of_others(make: Make) -> None:
    alpha, bravo = make("alpha"), make("bravo")
    one = commit(alpha, "one")
    push(alpha, main=one, gone=one)
    carry(alpha, bravo)
    push(bravo, gone=None, main=commit(bravo, "forced"))
    carry(alpha, bravo)
    push(bravo, main=commit(bravo, "forced again"))
    compact(bravo)
    fetch(alpha, bravo)
    no_cache(alpha)
    carry(alpha, bravo)
    before = branches(alpha, bravo)
    assert before == {MAIN}
    push(alpha, next=one)
    no_cache(alpha)
    push(alpha, last=one)
    carry(alpha, bravo)
    assert branches(alpha, bravo) == {MAIN, "refs/heads/next", "refs/heads/last"}


def test_a_push_without_a_cache_settles_only_what_it_replaced(make: Make) -> None:
    alpha, bravo = make("alpha"), make("bravo")
    one = commit(alpha, "one")
    push(alpha, main=one)
    carry(alpha, bravo)
    lost = commit(bravo, "lost", one)
    push(bravo, main=lost)
    push(alpha, main=commit(alpha, "won", one))
    carry(alpha, bravo)
    kept = "refs/conflicts/bravo.2/heads/main"
    assert branches(alpha, bravo) == {MAIN, kept}
    no_cache(bravo)
    push(bravo, main=commit(bravo, "later", bravo.refs()[MAIN]))
    carry(alpha, bravo)
    assert branches(alpha, bravo) == {MAIN, kept}
    # Nor is a conflict ref left where the cache is gone and the conflict too.
    push(alpha, main=commit(alpha, "merged", alpha.refs()[MAIN], lost))
    fetch(bravo, alpha)
    bravo.git("update-ref", kept, lost)
    no_cache(bravo)
    carry(alpha, bravo)
    assert branches(alpha, bravo) == {MAIN}


def test_a_deletion_without_a_cache_counts(make: Make) -> None:
    alpha, bravo = make("alpha"), make("bravo")
    one = commit(alpha, "one")
    push(alpha, main=one, gone=one)
    carry(alpha, bravo)
    no_cache(bravo)
    push(bravo, gone=None)
    carry(alpha, bravo)
    assert branches(alpha, bravo) == {MAIN}


def test_a_default_branch_that_was_deleted_elsewhere_is_nobodys(make: Make) -> None:
    alpha, bravo = make("alpha"), make("bravo")
    for node in (alpha, bravo):
        node.git("symbolic-ref", "HEAD", MAIN)
    one = commit(alpha, "one")
    push(alpha, main=one, gone=one)
    carry(alpha, bravo)
    push(alpha, gone=None)
    carry(alpha, bravo)
    bravo.git("symbolic-ref", "HEAD", GONE)
    carry(alpha, bravo)
    assert bravo.git("symbolic-ref", "HEAD").text() == MAIN
    late = make("late")
    late.git("symbolic-ref", "HEAD", "refs/heads/another")
    carry(late, alpha, bravo)
    assert branches(late, alpha, bravo) == {MAIN}
    assert late.git("symbolic-ref", "HEAD").text() == MAIN


def test_who_is_forgotten_stays_so(make: Make) -> None:
    alpha = make("alpha")
    push(alpha, main=commit(alpha, "one"))
    for name in ("bravo", "charlie"):
        engine.forget(alpha, settings.read(alpha), name)
    compact(alpha)
    assert forgotten(alpha) == {"bravo", "charlie"}
    push(alpha, next=alpha.refs()[MAIN])
    compact(alpha)
    assert forgotten(alpha) == {"bravo", "charlie"}


def test_who_was_restored_writes_nothing_before_it_has_its_own_journal_again(make: Make) -> None:
    alpha, bravo = make("alpha"), make("bravo")
    one = commit(alpha, "one")
    push(alpha, main=one)
    carry(alpha, bravo)
    backup = alpha.git_dir.with_name("backup")
    shutil.copytree(alpha.git_dir, backup)
    push(alpha, main=commit(alpha, "two", one))
    carry(alpha, bravo)
    push(bravo, other=one)
    compact(bravo)
    shutil.rmtree(alpha.git_dir)
    backup.rename(alpha.git_dir)
    # bravo's checkpoint knows more of alpha's journal than alpha.
    ref = f"{journal.JOURNALS}bravo"
    alpha.git("fetch", "-q", "--no-tags", str(bravo.git_dir), f"+{ref}:{ref}")
    hooks.together(alpha, settings.read(alpha))
    with pytest.raises(engine.HookkitError, match="more of this node's journal"):
        push(alpha, mine=one)
    carry(alpha, bravo)
    assert branches(alpha, bravo) == {MAIN, "refs/heads/other", "refs/heads/mine"}
    assert alpha.refs(MAIN)[MAIN] != one


def test_a_journal_that_went_on_twice_is_put_together_again(make: Make) -> None:
    """Restored, pushed to, and one of the others has only what came after."""
    alpha, bravo, charlie = make("alpha"), make("bravo"), make("charlie")
    one = commit(alpha, "one")
    push(alpha, main=one, gone=one)
    carry(alpha, bravo, charlie)
    backup = alpha.git_dir.with_name("backup")
    shutil.copytree(alpha.git_dir, backup)
    push(alpha, before=commit(alpha, "before", one), gone=None)
    push(alpha, main=commit(alpha, "main before", one))
    fetch(bravo, alpha)
    push(bravo, of_bravo=commit(bravo, "of bravo", bravo.refs()["refs/heads/before"]))
    restore(alpha, backup)
    push(alpha, after=commit(alpha, "after", one))
    fetch(charlie, alpha)
    push(charlie, of_charlie=commit(charlie, "of charlie", charlie.refs()["refs/heads/after"]))
    # Once more: only charlie has what was pushed between.
    restore(alpha, backup)
    push(alpha, last=one)
    fetch(alpha, bravo)
    carry(alpha, bravo, charlie)
    carry(alpha, bravo, charlie)
    found = branches(alpha, bravo, charlie)
    assert found == {MAIN, *(f"refs/heads/{name}" for name in ("before", "of_bravo", "after", "of_charlie", "last"))}
    for node in (alpha, bravo, charlie):
        push(node, main=commit(node, f"on {node.node}", node.refs()[MAIN]))
        carry(alpha, bravo, charlie)
        assert branches(alpha, bravo, charlie) == found
    written = journal.heads(alpha)
    no_cache(alpha)
    carry(alpha, bravo, charlie)
    assert branches(alpha, bravo, charlie) == found
    # It is one journal again: that is not written down once more.
    assert journal.heads(alpha) == written


def test_a_journal_is_brought_further_on_the_way_that_is_here(make: Make) -> None:
    alpha, bravo = make("alpha"), make("bravo")
    push(alpha, main=commit(alpha, "one"))
    carry(alpha, bravo)
    start = journal.heads(bravo)["alpha"]
    backup = alpha.git_dir.with_name("backup")
    shutil.copytree(alpha.git_dir, backup)
    ends = []
    for name in ("before", "after"):
        push(alpha, **{name: alpha.refs()[MAIN]})
        ends.append(journal.heads(alpha)["alpha"])
        bravo.git("fetch", "-q", str(alpha.git_dir), f"{journal.JOURNALS}alpha")
        restore(alpha, backup)
    before, after = (journal.last(bravo, end) for end in ends)
    for here, brought in ((start, {"alpha": (start, ends[1])}), (ends[0], {}), (ends[1], {})):
        heads = {"alpha": Head(after.entry.seq, after.oid)}
        assert moving.brought(bravo, [before, after], heads, {"alpha": here}) == brought


def test_journals_for_whose_push_nobody_waits_any_more_are_forgotten(make: Make) -> None:
    alpha = make("alpha")
    updates = [RefUpdate(f"{journal.JOURNALS}{name}", "1" * 40, "2" * 40) for name in "abcd"]
    pushes = ([updates[0]], [RefUpdate("refs/heads/x", "1" * 40, "0" * 40)], updates[2:])
    folder = alpha.plugin_dir("cluster") / COMING
    folder.mkdir()
    # The last one was sent twice.
    old, recent, *_ = (Path(write_down(str(folder), each, None)) for each in (*pushes, pushes[2]))
    os.utime(old, (time.time() - 4000,) * 2)
    # One of them was refused after pre-receive: post-receive is not told of it.
    marks.begin(alpha, updates[2:3])
    assert [recent] == [*folder.iterdir()]


def test_what_is_known_of_ways_is_remembered(make: Make) -> None:
    """Also that there is one, of which nobody knows where it starts."""
    alpha = make("alpha")
    known = Ways({"1" * 40: "bravo+11111111"}, {"bravo+11111111": {"bravo": Head(3, "2" * 40)}, "bravo+33333333": {}})
    with opened(alpha) as store, store.transaction():
        store.set_ways(known)
    with opened(alpha) as store:
        assert store.ways() == known


def test_two_are_restored_at_once(make: Make) -> None:
    alpha, bravo, charlie = make("alpha"), make("bravo"), make("charlie")
    one = commit(alpha, "one")
    two = commit(alpha, "two", one)
    push(alpha, main=one, notes=one)
    carry(alpha, bravo, charlie)
    lost = commit(bravo, "lost", one)
    push(bravo, main=lost)
    push(charlie, main=commit(charlie, "won", one))
    push(alpha, notes=two)
    carry(alpha, bravo, charlie)
    backups = {node.node: node.git_dir.with_name(f"backup-{node.node}") for node in (alpha, charlie)}
    for node in (alpha, charlie):
        shutil.copytree(node.git_dir, backups[node.node])
    push(charlie, of_charlie=one)
    three = commit(alpha, "three", two)
    push(alpha, notes=three, tags=one)
    carry(alpha, bravo, charlie)
    for node in (alpha, charlie):
        restore(node, backups[node.node])
    push(alpha, main=commit(alpha, "before anybody noticed", alpha.refs()[MAIN]))
    journals = f"+{journal.JOURNALS}alpha:{journal.JOURNALS}alpha"
    charlie.git("fetch", "-q", "--no-tags", str(alpha.git_dir), journals)
    hooks.together(charlie, settings.read(charlie))
    for _ in range(2):
        carry(alpha, bravo, charlie)
    found = branches(alpha, bravo, charlie)
    assert found == {
        *(f"refs/heads/{name}" for name in ("main", "notes", "of_charlie", "tags")),
        "refs/conflicts/bravo.2/heads/main",
    }
    assert alpha.refs()["refs/heads/notes"] == three


@pytest.mark.parametrize("pushes", [1, 2, 3])
def test_a_journal_that_went_on_twice_and_was_compacted_meanwhile(make: Make, pushes: int) -> None:
    alpha, bravo = make("alpha"), make("bravo")
    one = commit(alpha, "one")
    push(alpha, main=one, gone=one)
    carry(alpha, bravo)
    backup = alpha.git_dir.with_name("backup")
    shutil.copytree(alpha.git_dir, backup)
    push(alpha, main=commit(alpha, "main before", one))
    push(alpha, gone=None)
    compact(alpha)
    carry(alpha, bravo)
    restore(alpha, backup)
    names = [f"after-{number}" for number in range(pushes)]
    for name in names:
        push(alpha, **{name: commit(alpha, name, one)})
    carry(alpha, bravo)
    push(bravo, main=commit(bravo, "by bravo", bravo.refs()[MAIN]))
    push(alpha, more=one)
    carry(alpha, bravo)
    assert branches(alpha, bravo) == {MAIN, "refs/heads/more", *(f"refs/heads/{name}" for name in names)}


def test_who_was_restored_to_before_its_first_entry_writes_none_before_it_has_its_journal_again(make: Make) -> None:
    alpha, bravo = make("alpha"), make("bravo")
    backup = alpha.git_dir.with_name("backup")
    shutil.copytree(alpha.git_dir, backup)
    one = commit(alpha, "one")
    push(alpha, main=one)
    carry(alpha, bravo)
    push(bravo, other=one)
    restore(alpha, backup)
    ref = f"{journal.JOURNALS}bravo"
    alpha.git("fetch", "-q", "--no-tags", str(bravo.git_dir), f"+{ref}:{ref}")
    hooks.together(alpha, settings.read(alpha))
    with pytest.raises(engine.HookkitError, match="more of this node's journal"):
        push(alpha, mine=one)
    carry(alpha, bravo)
    assert branches(alpha, bravo) == {MAIN, "refs/heads/other", "refs/heads/mine"}


@pytest.mark.parametrize("compacted", ["before they meet", "afterwards", "never"])
def test_a_node_that_will_not_come_back_may_have_gone_two_ways(make: Make, compacted: str) -> None:
    """Each of the others has one of them; nobody but the others tells what there was."""
    alpha, bravo, charlie = make("alpha"), make("bravo"), make("charlie")
    one = commit(alpha, "one")
    push(alpha, main=one)
    carry(alpha, bravo, charlie)
    backup = alpha.git_dir.with_name("backup")
    shutil.copytree(alpha.git_dir, backup)
    push(alpha, main=commit(alpha, "heard by bravo", one))
    fetch(bravo, alpha)
    restore(alpha, backup)
    push(alpha, main=commit(alpha, "heard by charlie", one), new=one)
    fetch(charlie, alpha)
    for node in (bravo, charlie):
        push(node, **{f"of-{node.node}": one})
    for node in (bravo, charlie) if compacted == "before they meet" else ():
        compact(node)
    carry(bravo, charlie)
    for node in (bravo, charlie, bravo) if compacted == "afterwards" else ():
        compact(node)
        carry(bravo, charlie)
    found = branches(bravo, charlie)
    (kept,) = (ref for ref in found if ref.startswith("refs/conflicts/alpha+"))
    assert found == {MAIN, kept, *(f"refs/heads/{name}" for name in ("new", "of-bravo", "of-charlie"))}
    # It can be dropped, and stays so for whoever reads everything again.
    drop(charlie, kept)
    for node in (bravo, charlie):
        carry(bravo, charlie)
        no_cache(node)
    carry(bravo, charlie)
    assert branches(bravo, charlie) == found - {kept}


@pytest.mark.parametrize("first", ["bravo", "charlie"])
def test_three_ways_are_called_the_same_by_whoever_hears_of_them_first(make: Make, first: str) -> None:
    alpha, bravo, charlie = make("alpha"), make("bravo"), make("charlie")
    one = commit(alpha, "one")
    push(alpha, main=one)
    carry(alpha, bravo, charlie)
    backup = alpha.git_dir.with_name("backup")
    shutil.copytree(alpha.git_dir, backup)
    for number, others in enumerate(([bravo], [charlie], [])):
        restore(alpha, backup)
        push(alpha, main=commit(alpha, f"life {number}", one))
        for other in others:
            fetch(other, alpha)
            push(other, **{f"of-{other.node}": one})
    one_by_one = (bravo, charlie) if first == "bravo" else (charlie, bravo)
    for other in one_by_one:
        fetch(alpha, other)
    carry(alpha, bravo, charlie)
    kept = [ref for ref in branches(alpha, bravo, charlie) if ref.startswith("refs/conflicts/alpha+")]
    assert len(kept) == 2
    for node in (alpha, bravo, charlie):
        no_cache(node)
    carry(alpha, bravo, charlie)
    assert {*kept} < branches(alpha, bravo, charlie)


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_name_that_is_not_utf_8_is_the_same_everywhere(tmp_path: Path, algorithm: str) -> None:
    nodes = [named(Repository.create(tmp_path / f"{name}.git", algorithm), name) for name in ("alpha", "bravo")]
    alpha, bravo = nodes
    name, full = os.fsdecode(b"caf\xe9%25"), os.fsdecode(b"refs/heads/caf\xe9%25")
    one = commit(alpha, "one")
    push(alpha, **{name: one})
    alpha.git("symbolic-ref", "HEAD", full)
    push(alpha, other=one)
    carry(*nodes)
    assert branches(*nodes) == {full, "refs/heads/other"}
    push(alpha, **{name: commit(alpha, "two", one)})
    push(bravo, **{name: commit(bravo, "three", one)})
    carry(*nodes)
    kept = f"refs/conflicts/alpha.4/{full.removeprefix('refs/')}"
    assert branches(*nodes) == {full, kept, "refs/heads/other"}
    for node in nodes:
        compact(node)
        carry(*nodes)
    for node in nodes:
        no_cache(node)
    carry(*nodes)
    assert branches(*nodes) == {full, kept, "refs/heads/other"}
    assert bravo.git("symbolic-ref", "HEAD").text() == full
    push(bravo, **{name: None})
    carry(*nodes)
    assert full not in branches(*nodes)
