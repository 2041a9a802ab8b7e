"""Bringing refs and journals together in one real repository, without servers."""

import subprocess
import time
from pathlib import Path

import pytest

from hookkit.api import HookkitError, Push, RefUpdate, Repository
from hookkit_plugins.cluster import checkpoint, engine, guard, hooks, journal, marks, settings
from hookkit_plugins.cluster.entry import JournalError
from hookkit_plugins.cluster.result import Result

MAIN = "refs/heads/main"


@pytest.fixture(params=["sha1", "sha256"])
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Repository:
    """The repository of the node alpha; journals are not signed."""
    repo = Repository.create(tmp_path / "node.git", request.param)
    (repo.git_dir / "hookkit").mkdir()
    configure(repo, "hookkit.node", "alpha")
    configure(repo, "hookkit.cluster.verify", "false")
    return repo


def configure(repo: Repository, key: str, value: str) -> None:
    repo.git("config", key, value)
    repo.reload()


def commit(repo: Repository, message: str, *parents: str) -> str:
    tree = repo.git("mktree").text()
    flags = [flag for parent in parents for flag in ("-p", parent)]
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    return repo.git(*who, "commit-tree", *flags, tree, stdin=message.encode()).text()


def push(repo: Repository, ref: str, new: str | None, old: str | None = None) -> Result:
    """What a push to ``ref`` leads to."""
    zero = "0" * len(new or old or "")
    marks.leave(repo, [RefUpdate(ref, old or zero, new or zero)], "dana")
    repo.git("update-ref", *(("-d", ref) if new is None else (ref, new)))
    return hooks.together(repo, settings.read(repo), [ref], pusher="dana")


def entries(repo: Repository, name: str = "alpha") -> list[dict[str, tuple[str | None, str | None]]]:
    read = journal.read(repo, name, journal.heads(repo)[name])
    return [dict(record.entry.updates) for record in read]


def test_a_push_is_an_entry(node: Repository) -> None:
    one = commit(node, "one")
    two = commit(node, "two", one)
    push(node, MAIN, one)
    push(node, MAIN, two)
    push(node, MAIN, None)
    assert entries(node) == [{MAIN: (None, one)}, {MAIN: (one, two)}, {MAIN: (two, None)}]
    record = journal.last(node, journal.heads(node)["alpha"])
    assert record.pusher == "dana"
    assert not list(marks.there(node))


def test_a_push_whose_hook_never_ran_is_found_by_the_next(node: Repository) -> None:
    one = commit(node, "one")
    marks.leave(node, [RefUpdate(MAIN, "0" * len(one), one)], "erin")
    node.git("update-ref", MAIN, one)
    push(node, "refs/heads/other", one)
    assert entries(node) == [{MAIN: (None, one), "refs/heads/other": (None, one)}]
    assert journal.last(node, journal.heads(node)["alpha"]).pusher == "dana, erin"


def test_what_was_moved_by_hand_is_found_by_a_scan(node: Repository) -> None:
    one = commit(node, "one")
    push(node, MAIN, one)
    hooks.together(node, settings.read(node), scan=True, contact=True)
    node.git("update-ref", "refs/heads/by-hand", one)
    node.git("update-ref", "-d", MAIN)
    hooks.together(node, settings.read(node), scan=True)
    assert entries(node)[-1] == {"refs/heads/by-hand": (None, one), MAIN: (one, None)}
    before = journal.heads(node)
    hooks.together(node, settings.read(node), scan=True)
    assert journal.heads(node) == before


def test_every_kind_of_object_travels(node: Repository) -> None:
    one = commit(node, "one")
    blob = node.git("hash-object", "-w", "--stdin", stdin=b"content").text()
    tree = node.git("mktree", stdin=f"100644 blob {blob}\tfile\n".encode()).text()
    values = {"refs/tags/blob": blob, "refs/tags/tree": tree, "refs/tags/commit": one}
    for name, target in (("of-commit", one), ("of-tree", tree), ("of-blob", blob)):
        text = f"object {target}\ntype {node.object_types([target])[target]}\ntag {name}\ntagger t <t> 1 +0000\n\nm\n"
        values[f"refs/tags/{name}"] = node.git("hash-object", "-w", "-t", "tag", "--stdin", stdin=text.encode()).text()
    inner = values["refs/tags/of-blob"]
    text = f"object {inner}\ntype tag\ntag nested\ntagger t <t> 1 +0000\n\nm\n"
    values["refs/tags/nested"] = node.git("hash-object", "-w", "-t", "tag", "--stdin", stdin=text.encode()).text()
    for ref, oid in values.items():
        node.git("update-ref", ref, oid)
    hooks.together(node, settings.read(node), [*values])
    other = Path(str(node.git_dir) + "-other")
    Repository.create(other, "sha256" if len(one) == 64 else "sha1")
    journals = "refs/hookkit/journal/*:refs/hookkit/journal/*"
    subprocess.run(
        ["git", "-C", other, "fetch", "-q", "--no-tags", node.git_dir, journals],
        check=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    config = {"hookkit.node": "bravo", "hookkit.cluster.verify": "false"}
    for key, value in config.items():
        subprocess.run(["git", "-C", other, "config", key, value], check=True, env={"PATH": "/usr/bin:/bin"})
    bravo = Repository(other, other, None, {"PATH": "/usr/bin:/bin", "HOME": str(other)})
    result = hooks.together(bravo, settings.read(bravo), contact=True)
    assert bravo.refs("refs/tags/") == values
    assert {moved.node for moved in result.moved} == {"alpha"}
    subprocess.run(["git", "-C", other, "fsck", "--strict"], check=True, capture_output=True)


def test_it_begins_anew_when_it_is_old(node: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    one = commit(node, "one")
    push(node, MAIN, one)
    push(node, "refs/heads/gone", one)
    push(node, "refs/heads/gone", None)
    assert "begins anew" not in str(hooks.received(node, {}))
    days = 91 * 86_400
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + days)
    assert "begins anew" in str(hooks.received(node, {}))
    assert "begins anew" not in str(hooks.received(node, {}))
    (record,) = journal.read(node, "alpha", journal.heads(node)["alpha"])
    assert record.checkpoint
    assert {*journal.state_of(node, record).claims} - {"HEAD"} == {MAIN}
    monkeypatch.setattr(time, "time", lambda: now + 2 * days)
    assert "begins anew" not in str(hooks.received(node, {}))
    push(node, MAIN, None)
    assert entries(node)[1:] == [{MAIN: (one, None)}]


def test_where_it_cannot_be_written_nothing_is_lost(node: Repository) -> None:
    configure(node, "hookkit.cluster.verify", "true")
    configure(node, "hookkit.cluster.key", "/nowhere/key")
    one = commit(node, "one")
    with pytest.raises(HookkitError, match="no key to sign"):
        push(node, MAIN, one)
    configure(node, "hookkit.cluster.verify", "false")
    push(node, "refs/heads/next", one)
    assert entries(node) == [{MAIN: (None, one), "refs/heads/next": (None, one)}]


def test_a_repository_with_a_work_tree_is_no_node(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    repo = Repository.discover(tmp_path)
    with pytest.raises(HookkitError, match="bare"):
        hooks.together(repo, settings.read(repo))


@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        ("refs/hookkit/keep/x", "hookkit's own"),
        ("refs/hookkit/journal", "hookkit's own"),
        ("refs/conflicts/alpha.1/heads/main", "made by hookkit"),
    ],
)
def test_what_nobody_may_push(node: Repository, ref: str, reason: str) -> None:
    one = commit(node, "one")
    refusal = guard.before_push(node, settings.read(node), Push((RefUpdate(ref, "0" * len(one), one),)))
    assert refusal is not None
    assert reason in refusal.reason
    assert not list(marks.there(node))


def test_a_journal_that_was_cut_is_not_followed(node: Repository) -> None:
    one = commit(node, "one")
    push(node, MAIN, one)
    push(node, "refs/heads/next", one)
    tip = journal.heads(node)["alpha"]
    below = node.git("rev-parse", f"{tip}^").text()
    assert guard.journal_problem(node, settings.read(node), "alpha", tip, below) is not None
    assert guard.journal_problem(node, settings.read(node), "alpha", below, tip) is None
    assert guard.journal_problem(node, settings.read(node), "alpha", tip, one) is not None


def test_a_node_is_forgotten(node: Repository) -> None:
    push(node, MAIN, commit(node, "one"))
    result = engine.forget(node, settings.read(node), "bravo")
    record = journal.last(node, result.journals["alpha"][1])
    assert record.forgets == ("bravo",)
    assert hooks.forgotten(node) == {"bravo"}


@pytest.mark.parametrize(
    "line",
    [
        "live alpha 1 1 - --output=x HEAD",
        "live alpha 1 1 - nothex refs/heads/x",
        f"live alpha 1 1 - {'a' * 40} refs/hookkit/journal/bravo",
        f"dead alpha 1 1 - {'a' * 40} refs/heads/x",
        f"live -x 1 1 - {'a' * 40} refs/heads/x",
    ],
)
def test_a_checkpoint_is_looked_at_like_an_entry(line: str) -> None:
    with pytest.raises(JournalError, match="cannot be read"):
        checkpoint.parse(f"{line}\n", {"alpha": 1})
