"""``setup push-all`` on a clone with several servers."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import faults
from support.account import BIN
from support.client import WorkingCopy
from support.cluster import Cluster
from support.commands import Done

Pusher = Callable[[Cluster], WorkingCopy]


def typed(work: WorkingCopy, *args: str, check: bool = True) -> Done:
    return work.client.run(str(BIN / "hookkit"), "setup", *args, cwd=work.path, check=check)


def json_of(done: Done) -> dict[str, dict[str, object]]:
    return {each["remote"]: each for each in json.loads(done.stdout)}


@pytest.fixture
def work(cluster: Callable[..., Cluster], pusher: Pusher) -> WorkingCopy:
    work = pusher(cluster(2, install=False))
    work.commit("first")
    work.git("branch", "-M", "main")
    work.git("branch", "topic")
    work.git("tag", "v1")
    return work


def refs(lab, name: str) -> dict[str, str]:
    return lab.nodes[name].refs("project")


def test_every_branch_to_every_remote(work: WorkingCopy, lab) -> None:
    dry = typed(work, "push-all", "--dry-run")
    assert "would be pushed" in dry.stdout
    assert not refs(lab, "alpha")
    first = typed(work, "push-all")
    assert [line.split() for line in first.stdout.splitlines()[1:]] == [
        [name, branch, "new"] for name in ("alpha", "bravo") for branch in ("main", "topic")
    ]
    for name in ("alpha", "bravo"):
        assert set(refs(lab, name)) == {"refs/heads/main", "refs/heads/topic"}
        assert work.oid(f"refs/remotes/{name}/main") == work.oid()
    typed(work, "push-all", "--tags", "bravo")
    assert "refs/tags/v1" in refs(lab, "bravo")
    assert "refs/tags/v1" not in refs(lab, "alpha")
    again = typed(work, "push-all", "alpha")
    assert [line.split() for line in again.stdout.splitlines()[1:]] == [["alpha", "2", "refs", "up", "to", "date"]]


def test_one_down_one_diverged_the_rest_arrives(work: WorkingCopy, lab, tmp_path: Path) -> None:
    typed(work, "push-all", "--tags")
    other = work.client.clone(lab.nodes["alpha"].url("project"), "other")
    theirs = other.commit("theirs")
    other.push("origin", "HEAD:main")
    other.push("origin", "HEAD:refs/heads/only-theirs")
    work.commit("ours")
    work.git("branch", "-f", "topic")
    work.git("branch", "more")
    work.git("tag", "-f", "v1")
    with faults.stopped(lab.nodes["bravo"]):
        done = typed(work, "push-all", "--tags", check=False)
        as_json = typed(work, "push-all", "--tags", "--json", check=False)
    assert done.status == as_json.status == 1
    assert refs(lab, "alpha")["refs/heads/main"] == theirs
    assert refs(lab, "alpha")["refs/heads/only-theirs"] == theirs
    assert refs(lab, "alpha")["refs/heads/topic"] == refs(lab, "alpha")["refs/heads/more"] == work.oid()
    assert refs(lab, "alpha")["refs/tags/v1"] != work.oid("v1")
    assert "error: 2 of 2 remotes do not have everything" in done.stderr
    assert "caused by: alpha: main rejected: fetch first" in done.stderr
    assert "caused by: bravo: offline: " in done.stderr
    assert "hint: " in done.stderr
    said = json_of(as_json)
    results = {each["ref"]: each["result"] for each in said["alpha"]["refs"]}  # type: ignore[attr-defined]
    assert results["refs/heads/main"] == results["refs/tags/v1"] == "rejected"
    assert not said["alpha"]["ok"]
    assert str(said["bravo"]["error"]).startswith("offline: ")


def test_a_remote_with_mirror_set_loses_nothing(work: WorkingCopy, lab) -> None:
    other = work.client.init("other")
    other.commit("theirs")
    other.git("push", lab.nodes["alpha"].url("project"), "HEAD:refs/heads/theirs")
    work.git("config", "remote.alpha.mirror", "true")
    work.git("config", "remote.alpha.push", "+refs/heads/*:refs/heads/*")
    typed(work, "push-all")
    assert set(refs(lab, "alpha")) == {"refs/heads/main", "refs/heads/topic", "refs/heads/theirs"}
    work.git("commit", "--quiet", "--amend", "-m", "rewritten")
    before = refs(lab, "alpha")
    assert typed(work, "push-all", check=False).status == 1
    assert refs(lab, "alpha") == before


def test_what_a_hook_says_is_the_cause(work: WorkingCopy, lab) -> None:
    hook = lab.nodes["alpha"].path("project") / "hooks" / "update"
    hook.write_text('#!/bin/sh\ntest "$1" != refs/heads/topic || { echo "topic is closed"; exit 1; }\n')
    hook.chmod(0o755)
    done = typed(work, "push-all", check=False)
    assert done.status == 1
    assert "alpha: topic rejected: hook declined: topic is closed" in done.stderr
    assert set(refs(lab, "alpha")) == {"refs/heads/main"}
    assert set(refs(lab, "bravo")) == {"refs/heads/main", "refs/heads/topic"}


def test_wrong_usage(client, work: WorkingCopy) -> None:
    wrong = typed(work, "push-all", "brav", check=False)
    assert wrong.status == 2
    assert "did you mean bravo?" in wrong.stderr
    alone = client.init("alone")
    assert "no remote" in typed(alone, "push-all", check=False).stderr
    alone.git("remote", "add", "x", "y")
    nothing = typed(alone, "push-all", check=False)
    assert nothing.status == 2
    assert "no branch" in nothing.stderr


def test_ctrl_c_ends_what_it_has_started(work: WorkingCopy, lab) -> None:
    with faults.frozen(lab.nodes["bravo"]):
        child = subprocess.Popen(
            (str(BIN / "hookkit"), "setup", "push-all"),
            cwd=work.path,
            env=work.client.environment,
            stdout=-1,
            stderr=-1,
        )
        try:
            deadline = time.monotonic() + 20
            while not refs(lab, "alpha"):
                assert time.monotonic() < deadline
                time.sleep(0.05)
            child.send_signal(signal.SIGINT)
            # ssh would give up by itself after 10 s.
            assert child.wait(8) == 130
        finally:
            child.kill()
            child.communicate()
    running = subprocess.run(("ps", "-eww", "-o", "args"), capture_output=True, text=True, check=True).stdout
    assert not [line for line in running.splitlines() if str(work.path) in line and "push" in line]
