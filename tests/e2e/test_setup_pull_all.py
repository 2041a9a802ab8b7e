"""``setup pull-all`` on a clone with several servers."""

import json
import signal
import subprocess
import time
from collections.abc import Callable

import pytest
from support import faults
from support.account import BIN
from support.client import WorkingCopy
from support.cluster import Cluster
from support.commands import Done
from support.lab import Lab

Pusher = Callable[[Cluster], WorkingCopy]
TEMPORARY = "refs/hookkit/"


def typed(work: WorkingCopy, *args: str, check: bool = True) -> Done:
    return work.client.run(str(BIN / "hookkit"), "setup", "pull-all", *args, cwd=work.path, check=check)


def results(done: Done) -> dict[str, str]:
    return {each["ref"].removeprefix("refs/heads/"): each["result"] for each in json.loads(done.stdout)["refs"]}


@pytest.fixture
def work(cluster: Callable[..., Cluster], pusher: Pusher) -> WorkingCopy:
    work = pusher(cluster(2, install=False))
    work.commit("first", {"a": "1\n", "b": "1\n"})
    work.git("branch", "-M", "main")
    for name in ("alpha", "bravo"):
        work.git("push", "--quiet", name, "main", "main:topic", "main:split")
    work.git("branch", "topic")
    work.git("branch", "split")
    return work


@pytest.fixture
def other(work: WorkingCopy, lab: Lab) -> WorkingCopy:
    return work.client.clone(lab.nodes["alpha"].url("project"), "other")


def test_all_at_once_with_one_down_one_diverged_one_dirty(work: WorkingCopy, other: WorkingCopy, lab: Lab) -> None:
    new = other.commit("theirs", {"a": "2\n"})
    other.git("tag", "v1")
    other.git("push", "--quiet", "origin", "HEAD:main", "HEAD:topic", "HEAD:split", "HEAD:fresh", "v1")
    work.git("checkout", "--quiet", "split")
    mine = work.commit("mine", {"c": "1\n"})
    work.git("checkout", "--quiet", "main")
    (work.path / "b").write_text("not committed\n")
    (work.path / "untracked").write_text("x")
    with faults.stopped(lab.nodes["bravo"]):
        done = typed(work, "--json", "--tags", check=False)
    assert done.status == 1
    assert "caused by: bravo: offline: " in done.stderr
    assert "caused by: split diverged: here and alpha each have commits that the other lacks" in done.stderr
    assert results(done) == {
        "main": "forwarded", "topic": "forwarded", "split": "diverged", "fresh": "new", "refs/tags/v1": "new",
    }  # fmt: skip
    assert work.oid("main") == work.oid("topic") == work.oid("fresh") == work.oid("v1") == new
    assert work.oid("split") == mine
    assert work.oid("refs/remotes/alpha/main") == new
    assert (work.path / "a").read_text() == "2\n"
    assert work.git("status", "--porcelain").stdout == " M b\n?? untracked\n"
    assert not work.git("for-each-ref", TEMPORARY).stdout


def test_what_is_not_committed_and_in_the_way_stays(work: WorkingCopy, other: WorkingCopy) -> None:
    new = other.commit("theirs", {"a": "2\n", "x": "theirs\n"})
    other.git("push", "--quiet", "origin", "HEAD:main", "HEAD:topic")
    before = work.oid()
    (work.path / "a").write_text("mine\n")
    done = typed(work, check=False)
    assert done.status == 1
    assert "main failed: Your local changes to the following files would be overwritten" in done.stderr
    assert (work.oid("main"), work.oid("topic")) == (before, new)
    assert (work.path / "a").read_text() == "mine\n"
    work.git("checkout", "--quiet", "a")
    (work.path / "x").write_text("untracked\n")
    assert typed(work, check=False).status == 1
    assert (work.path / "x").read_text() == "untracked\n"
    (work.path / "x").unlink()
    typed(work)
    assert work.oid("main") == new
    assert work.git("status", "--porcelain").stdout == ""


def test_a_dry_run_moves_nothing(work: WorkingCopy, other: WorkingCopy) -> None:
    other.commit("theirs")
    other.git("push", "--quiet", "origin", "HEAD:main", "HEAD:fresh")
    before = work.git("for-each-ref").stdout
    done = typed(work, "--dry-run")
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["would", "move:"],
        ["ref", "result", "why"],
        ["fresh", "new", "alpha"],
        ["main", "forwarded", "alpha"],
        ["2", "refs", "up", "to", "date"],
    ]
    assert work.git("for-each-ref").stdout == before


def test_a_mirror_remote_overwrites_nothing(work: WorkingCopy, other: WorkingCopy) -> None:
    work.git("config", "remote.alpha.mirror", "true")
    work.git("config", "--replace-all", "remote.alpha.fetch", "+refs/*:refs/*")
    work.git("config", "remote.alpha.prune", "true")
    mine = work.commit("mine", {"c": "1\n"})
    work.git("branch", "local")
    work.git("tag", "mine")
    new = other.commit("theirs")
    other.git("push", "--quiet", "origin", "HEAD:main", "HEAD:topic")
    assert typed(work, check=False).status == 1
    assert (work.oid("main"), work.oid("topic"), work.oid("local"), work.oid("mine")) == (mine, new, mine, mine)


def test_remotes_that_differ(work: WorkingCopy, other: WorkingCopy, lab: Lab) -> None:
    bravo = lab.nodes["bravo"].url("project")
    first = other.commit("one")
    other.git("push", "--quiet", "origin", "HEAD:main", "HEAD:split")
    second = other.commit("two")
    other.git("push", "--quiet", bravo, "HEAD:main")
    other.git("checkout", "--quiet", "-b", "elsewhere", "HEAD~2")
    other.commit("three")
    other.git("push", "--quiet", bravo, "HEAD:split")
    before = work.oid("split")
    done = typed(work, check=False)
    assert "split diverged: alpha and bravo have diverged from each other" in done.stderr
    assert (work.oid("main"), work.oid("split")) == (second, before)
    typed(work, "alpha")
    assert work.oid("split") == first


def test_tags_never_move(work: WorkingCopy, other: WorkingCopy) -> None:
    work.git("tag", "v1")
    other.commit("theirs")
    other.git("tag", "v1")
    other.git("push", "--quiet", "origin", "v1")
    before = work.oid("v1")
    done = typed(work, "--tags", check=False)
    assert done.status == 1
    assert "tags/v1 kept: another tag at alpha" in done.stderr
    assert work.oid("v1") == before
    assert typed(work).status == 0


def test_work_trees_rebases_and_a_detached_head(work: WorkingCopy, other: WorkingCopy) -> None:
    work.git("worktree", "add", "--quiet", "../linked-tree", "topic")
    linked = WorkingCopy(work.client, work.path.parent / "linked-tree")
    work.git("checkout", "--quiet", "split")
    work.commit("mine", {"a": "mine\n"})
    before = work.oid("split")
    assert work.git("rebase", "--exec", "false", "HEAD~1", check=False).status
    new = other.commit("theirs", {"b": "2\n"})
    other.git("push", "--quiet", "origin", "HEAD:main", "HEAD:topic")
    detached = work.oid()
    done = typed(work, check=False)
    assert done.status == 0, done.stderr
    assert work.oid("main") == work.oid("topic") == new
    assert work.oid() == detached
    assert (linked.path / "b").read_text() == "2\n"
    assert linked.git("status", "--porcelain").stdout == ""
    other.git("fetch", "--quiet", str(work.path), "split:mine")
    other.git("checkout", "--quiet", "mine")
    other.commit("more", {"z": "1\n"})
    other.git("push", "--quiet", "origin", "HEAD:split")
    done = typed(work, check=False)
    assert "split failed: a rebase is under way" in done.stderr
    assert work.oid("split") == before
    work.git("worktree", "remove", "../linked-tree")


def test_bare_empty_and_without_tracking(work: WorkingCopy, lab: Lab) -> None:
    url = lab.nodes["alpha"].url("project")
    for flags in (["--bare"], []):
        work.client.run("git", "init", "--quiet", *flags, f"fresh{len(flags)}")
        fresh = WorkingCopy(work.client, work.client.home / f"fresh{len(flags)}")
        fresh.git("config", "remote.alpha.url", url)
        typed(fresh)
        assert fresh.oid("main") == work.oid("main")
        assert not fresh.git("for-each-ref", "refs/remotes", "refs/hookkit").stdout
    assert (fresh.path / "a").read_text() == "1\n"
    assert fresh.git("status", "--porcelain").stdout == ""


def test_no_remotes(client) -> None:
    done = typed(client.init("alone"), check=False)
    assert (done.status, "no remote" in done.stderr) == (2, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_interrupted(work: WorkingCopy, other: WorkingCopy, lab: Lab, number: int) -> None:
    new = other.commit("theirs")
    other.git("push", "--quiet", "origin", "HEAD:main")
    before = work.oid()
    with faults.frozen(lab.nodes["bravo"]):
        child = subprocess.Popen(
            (str(BIN / "hookkit"), "setup", "pull-all"),
            cwd=work.path,
            env=work.client.environment,
            stdout=-1,
            stderr=-1,
        )
        try:
            deadline = time.monotonic() + 20
            while not work.git("for-each-ref", TEMPORARY).stdout:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            child.send_signal(number)
            assert child.wait(20) == (130 if number == signal.SIGINT else -9)
        finally:
            child.kill()
            child.communicate()
    assert work.oid("main") == before
    assert bool(work.git("for-each-ref", TEMPORARY).stdout) == (number == signal.SIGKILL)
    assert work.git("status", "--porcelain").stdout == ""
    # What kill -9 has left running comes to its end, and leaves something too.
    while f"/{child.pid}/" in work.client.run("ps", "-eww", "-o", "args").stdout:
        assert time.monotonic() < deadline + 20
        time.sleep(0.1)
    typed(work)
    assert work.oid("main") == new
    assert not work.git("for-each-ref", TEMPORARY).stdout
