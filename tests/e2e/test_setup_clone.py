"""``setup clone``: from a real server, interrupted and resumed, into places that are not empty."""

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import faults
from support.account import BIN
from support.commands import Done
from support.lab import Lab
from support.node import Node

PATTERN = "ssh://alpha/~/{}.git"


@pytest.fixture
def pair(nodes: Callable[..., list[Node]], lab: Lab) -> list[Node]:
    """alpha has `template`, with branches, a tag and a note; bravo has nothing."""
    alpha, bravo = nodes("alpha", "bravo")
    work = lab.client().init("work")
    work.commit("first")
    work.git("branch", "-M", "trunk")
    work.git("branch", "topic")
    work.git("tag", "-a", "v1", "-m", "one")
    work.git("notes", "add", "-m", "noted")
    alpha.create_repository("template")
    work.git("push", "--quiet", alpha.url("template"), "trunk", "topic", "v1", "refs/notes/*", "HEAD:refs/hookkit/own")
    alpha.git("template", "symbolic-ref", "HEAD", "refs/heads/trunk")
    return [alpha, bravo]


def copies(alpha: Node, *names: str) -> None:
    for name in names:
        alpha.path(name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(alpha.path("template"), alpha.path(name))


def typed(node: Node, *args: str, check: bool = True, stdin: str = "") -> Done:
    return node.run(str(BIN / "hookkit"), "setup", "clone", *args, check=check, stdin=stdin, timeout=100)


def cloned(alpha: Node, bravo: Node, name: str) -> None:
    """It is all there."""
    prefixes = ("refs/heads", "refs/tags", "refs/notes")
    assert bravo.refs(name) == alpha.refs(name, *prefixes)
    assert bravo.git(name, "symbolic-ref", "HEAD").stdout == "refs/heads/trunk\n"
    config = bravo.git(name, "config", "--get-regexp", r"^remote\.").stdout
    assert config == f"remote.alpha.url ssh://alpha/~/{name}.git\n"
    assert (bravo.path(name) / "hooks" / "post-receive").exists()


def left(bravo: Node) -> list[Path]:
    return list(bravo.home.rglob(".hookkit-clone.*"))


def test_what_is_new_empty_has_content_or_cannot_be_had(pair: list[Node], lab: Lab) -> None:
    alpha, bravo = pair
    copies(alpha, "new", "team/deep", "empty", "ahead", "split")
    bravo.create_repository("empty")
    work = lab.client().clone(alpha.url("template"), "again")
    old = work.oid()
    for name in ("ahead", "split"):
        bravo.create_repository(name)
        work.git("push", "--quiet", bravo.url(name), "HEAD:trunk")
    ahead = work.commit("only on bravo")
    work.git("push", "--quiet", bravo.url("ahead"), "HEAD:trunk", "HEAD:extra")
    work.git("push", "--quiet", bravo.url("split"), "HEAD:topic")
    work.git("checkout", "--quiet", "-B", "trunk", old)
    other = work.commit("only on alpha")
    work.git("push", "--quiet", alpha.url("split"), "HEAD:trunk", "HEAD:topic")
    names = ("new", "team/deep.git", "empty", "ahead", "split", "gone")
    dry = typed(bravo, PATTERN, "srv", "--dry-run", *names, check=False)
    assert dry.status == 1
    assert "new: would be cloned, 4 refs\n" in dry.stdout
    assert not (bravo.home / "srv").exists()
    before = bravo.git("ahead", "config", "--list").stdout
    dry = typed(bravo, PATTERN, str(bravo.home), "--dry-run", "--node", "bravo", "empty", "ahead")
    assert "empty: would be filled, 4 refs, hooks would be installed, remote alpha would be added\n" in dry.stdout
    assert bravo.git("ahead", "config", "--list").stdout == before
    done = typed(bravo, PATTERN, str(bravo.home), *names, check=False)
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert done.status == 1
    assert lines["new"] == "cloned, 4 refs"
    assert lines["team/deep"] == "cloned, 4 refs"
    assert lines["empty"].startswith("filled, 4 refs, hooks installed, remote alpha added")
    assert lines["ahead"].endswith("kept (only here): extra, kept (ahead): trunk")
    assert lines["split"].endswith("kept (differs): topic")
    assert lines["gone"].startswith("failed, no such repository: ")
    assert "caused by: split: topic is not the same" in done.stderr
    for name in ("new", "team/deep", "empty"):
        cloned(alpha, bravo, name)
    assert bravo.refs("ahead")["refs/heads/trunk"] == bravo.refs("ahead")["refs/heads/extra"] == ahead
    assert set(alpha.refs("ahead", "refs/tags", "refs/notes")) < set(bravo.refs("ahead"))
    assert bravo.refs("split")["refs/heads/trunk"] == other
    assert bravo.refs("split")["refs/heads/topic"] == ahead
    assert not left(bravo)
    # Where it was, nothing knows the temporary place any more.
    assert not subprocess.run(
        ("grep", "-r", "hookkit-clone", bravo.path("new")), capture_output=True, check=False
    ).stdout
    again = json.loads(typed(bravo, PATTERN, str(bravo.home), "--json", "-", stdin="new\nempty\n\nteam/deep\n").stdout)
    assert [(each["result"], each["notes"]) for each in again] == [("up to date", [])] * 3
    assert typed(bravo, PATTERN, str(bravo.home), "--dry-run", "new").stdout == "new: up to date, 4 refs\n"
    typed(bravo, PATTERN, str(bravo.home), "--node", "bravo", "new")
    renamed = typed(bravo, PATTERN, str(bravo.home), "--node", "other", "new").stdout
    assert renamed == "new: up to date, 4 refs, hookkit.node: set to other (was bravo)\n"
    # The hook works: what is pushed to bravo arrives at alpha.
    work.git("push", "--quiet", bravo.url("new"), "HEAD:refs/heads/pushed")
    assert alpha.refs("new")["refs/heads/pushed"] == other


@pytest.mark.timeout(240)
def test_a_hundred_killed_and_resumed(pair: list[Node]) -> None:
    alpha, bravo = pair
    names = [f"repo-{number}" for number in range(100)]
    copies(alpha, *names)
    bravo.create_repository("repo-50")
    command = (str(BIN / "hookkit"), "setup", "clone", PATTERN, str(bravo.home), *names)
    seen = 0
    for aim in (3, 30):
        child = subprocess.Popen(command, env=bravo.environment, cwd=bravo.home, stdout=-1, stderr=-1)
        try:
            deadline = time.monotonic() + 90
            while (seen := len(list(bravo.home.glob("repo-*.git")))) < aim or not left(bravo):
                assert time.monotonic() < deadline
                assert child.poll() is None
                time.sleep(0.005)
            child.send_signal(signal.SIGKILL)
        finally:
            child.kill()
            child.communicate()
        for path in bravo.home.glob("repo-*.git"):
            if path.stem != "repo-50":
                cloned(alpha, bravo, path.stem)
    assert 30 <= seen < 100
    assert left(bravo)
    done = typed(bravo, PATTERN, str(bravo.home), *names)
    assert len(done.stdout.splitlines()) == 100
    for name in names:
        cloned(alpha, bravo, name)
    assert not left(bravo)
    # One connection each time, perhaps a few: not one for each of some hundred commands.
    assert alpha.logins() < 25


def test_ctrl_c_leaves_nothing(pair: list[Node]) -> None:
    alpha, bravo = pair
    names = [f"repo-{number}" for number in range(20)]
    copies(alpha, *names)
    command = (str(BIN / "hookkit"), "setup", "clone", PATTERN, str(bravo.home), *names)
    child = subprocess.Popen(command, env=bravo.environment, cwd=bravo.home, stdout=-1, stderr=-1)
    try:
        deadline = time.monotonic() + 60
        while not bravo.path("repo-0").exists() or not left(bravo):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        child.send_signal(signal.SIGINT)
        assert child.wait(30) == 130
    finally:
        child.kill()
        child.communicate()
    assert not left(bravo)
    for path in bravo.home.glob("repo-*.git"):
        cloned(alpha, bravo, path.stem)


def test_named_and_not(pair: list[Node]) -> None:
    alpha, bravo = pair
    copies(alpha, "named", "plain")
    typed(bravo, PATTERN, str(bravo.home), "--node", "bravo", "named")
    typed(bravo, PATTERN, str(bravo.home), "plain")
    assert bravo.git("named", "config", "hookkit.node").stdout == "bravo\n"
    assert bravo.git("plain", "config", "hookkit.node", check=False).status == 1
    assert typed(bravo, PATTERN, str(bravo.home), "--node", "a b", "named", check=False).status != 0


def test_a_source_that_is_down(pair: list[Node]) -> None:
    alpha, bravo = pair
    bravo.create_repository("b")
    with faults.stopped(alpha):
        done = typed(bravo, PATTERN, str(bravo.home), "a", "b", "c", check=False)
    assert done.status == 1
    assert "3 of 3 repositories" in done.stderr
    assert "caused by: offline: " in done.stderr
    assert not bravo.path("a").exists()
    assert not (bravo.path("b") / "hooks" / "post-receive").exists()


@pytest.mark.parametrize(
    "name", ["..", "../x", "/etc/x", "a/../b", "--upload-pack=x", "a//b", "x.git/y", "a\nb", "a/-b"]
)
def test_names_that_are_refused(pair: list[Node], name: str) -> None:
    done = typed(pair[1], PATTERN, "srv", "--", name, check=False)
    assert done.status == 2
    assert "is not a repository's name" in done.stderr
    assert not (pair[1].home / "srv").exists()


def test_what_is_in_the_way_stays(pair: list[Node]) -> None:
    alpha, bravo = pair
    copies(alpha, "file", "folder", "tree", "other")
    bravo.path("file").write_text("mine\n")
    bravo.path("folder").mkdir()
    (bravo.path("folder") / "notes").write_text("mine\n")
    bravo.run("git", "init", "--quiet", str(bravo.path("tree")))
    bravo.create_repository("other")
    bravo.git("other", "config", "remote.alpha.url", "ssh://user:secret@elsewhere/x")
    done = typed(bravo, PATTERN, str(bravo.home), "file", "folder", "tree", "other", check=False)
    assert done.stdout.count("bare repository") + done.stdout.count("not in a git repository") == 3
    assert (bravo.path("file").read_text(), bravo.path("folder").joinpath("notes").read_text()) == ("mine\n", "mine\n")
    assert "remote alpha is ssh://user:***@elsewhere/x already, and stays" in done.stdout
    assert bravo.git("other", "config", "remote.alpha.url").stdout == "ssh://user:secret@elsewhere/x\n"


def test_a_terminal_gitolite_sha256_and_nothing(pair: list[Node], nodes: Callable[..., list[Node]], lab: Lab) -> None:
    alpha, _ = pair
    (server,) = nodes("charlie", kind="gitolite")
    copies(alpha, "project")
    server.create_repository("project")
    alpha.create_repository("nothing")
    alpha.run("git", "init", "--quiet", "--bare", "--object-format=sha256", str(alpha.path("long")))
    client = lab.client()
    client.run("git", "init", "--quiet", "--object-format=sha256", "long")
    client.run("git", "-C", "long", "commit", "--quiet", "--allow-empty", "-m", "first")
    client.run("git", "-C", "long", "push", "--quiet", alpha.url("long"), "HEAD:main")
    command = f"{BIN}/hookkit setup clone '{PATTERN}' {server.repositories} project long nothing"
    shown = server.run("script", "-qec", command, "/dev/null", env={"TERM": "xterm"}).stdout
    assert "3/3" in shown
    assert "project: filled, 4 refs, hooks installed, remote alpha added" in shown
    assert "nothing: cloned, 0 refs" in shown
    cloned(alpha, server, "project")
    assert server.refs("long") == alpha.refs("long")
    assert (server.path("nothing") / "hooks" / "post-receive").exists()
    # gitolite's own hook is still there, and both work.
    assert (server.path("project") / "hooks" / "update").exists()
    client.run("git", "-C", "work", "push", "--quiet", server.url("project"), "HEAD:refs/heads/pushed")
    assert "refs/heads/pushed" in alpha.refs("project")
