"""``hookkit doctor`` about remotes: over real ssh, every way in which one cannot be pushed to."""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import pytest
from support import faults
from support.client import WorkingCopy
from support.cluster import Cluster
from support.gitolite import GitoliteNode
from support.lab import Lab
from support.node import Node

Pusher = Callable[[Cluster], WorkingCopy]
Fault = Callable[[Cluster], AbstractContextManager[None]]


class Case(NamedTuple):
    """What is broken, the class that doctor names, and words in what to type."""

    fault: Fault
    word: str
    hint: str


CASES = {
    "stopped": Case(lambda c: faults.stopped(c["bravo"]), "offline: ", "ssh bravo"),
    "frozen": Case(lambda c: faults.frozen(c["bravo"]), "offline: ", "ssh bravo"),  # type: ignore[arg-type]
    "packets dropped": Case(
        lambda c: faults.packets_dropped(c["bravo"]),  # type: ignore[arg-type]
        "offline: ",
        "ssh bravo",
    ),
    "host key changed": Case(
        lambda c: faults.wrong_host_key(c["bravo"]),  # type: ignore[arg-type]
        "host key: ",
        "ssh-keygen -R",
    ),
    "key not accepted": Case(
        lambda c: faults.key_refused(c["bravo"]),  # type: ignore[arg-type]
        "not let in: ",
        "public key in there; try it: ssh bravo",
    ),
    "repository missing": Case(
        lambda c: faults.repository_missing(c["bravo"], c.repository),
        "no such repository: ",
        "remote set-url bravo URL",
    ),
}


def doctor(node: Node, repository: str, *args: str) -> tuple[int, dict[str, dict[str, Any]], float]:
    done = node.hookkit(repository, "doctor", "--json", *args, check=False)
    assert "Traceback" not in done.stderr
    return done.status, {each["name"]: each for each in json.loads(done.stdout)}, done.seconds


@pytest.mark.parametrize("name", CASES)
def test_a_remote_that_cannot_be_pushed_to(trio: Cluster, name: str) -> None:
    case, alpha = CASES[name], trio["alpha"]
    alpha.git(trio.repository, "config", "hookkit.mirror.connect-timeout", "3")
    with case.fault(trio):
        status, found, seconds = doctor(alpha, trio.repository)
        assert status == 1
        assert found["remote bravo"]["verdict"] == "problem"
        assert found["remote bravo"]["cause"].startswith(case.word), found["remote bravo"]
        assert case.hint in found["remote bravo"]["hint"], found["remote bravo"]
        # The other one is asked all the same, and nobody waits for ever.
        assert found["remote charlie"]["verdict"] == "ok"
        assert seconds < 20
    status, found, _ = doctor(alpha, trio.repository)
    assert status == 0
    assert found["remote bravo"]["cause"] == f"can be pushed to ({git_of(alpha)}, takes push options)"


def git_of(node: Node) -> str:
    return f"git/{node.run('git', 'version').stdout.split()[2]}"


def test_a_server_whose_key_nobody_knows(pair: Cluster) -> None:
    alpha = pair["alpha"]
    known = alpha.root / "known_hosts"
    content = known.read_text()
    known.write_text("".join(line for line in content.splitlines(keepends=True) if not line.startswith("bravo ")))
    _, found, _ = doctor(alpha, pair.repository)
    assert found["remote bravo"]["cause"].startswith("host key: "), found["remote bravo"]
    assert found["remote bravo"]["hint"]


def test_a_server_that_lets_this_account_only_read(nodes: Callable[..., list[Node]], lab: Lab) -> None:
    (server,) = nodes("bravo", kind="gitolite")
    assert isinstance(server, GitoliteNode)
    server.create_repository("project")
    alpha = lab.node("alpha")
    alpha.create_repository("project")
    alpha.git("project", "config", "remote.bravo.url", server.url("project"))
    alpha.hookkit("project", "install", "--node", "alpha")
    _, found, _ = doctor(alpha, "project")
    assert found["remote bravo"]["verdict"] == "ok", found["remote bravo"]
    rules = "repo gitolite-admin\n    RW+ = @all\nrepo project\n    R = @all\n"
    server.configure("alpha may read", {"conf/gitolite.conf": rules})
    status, found, _ = doctor(alpha, "project")
    assert status == 1
    assert found["remote bravo"]["cause"].startswith("no write access: "), found["remote bravo"]


def test_a_server_that_lets_in_and_says_nothing(pair: Cluster) -> None:
    alpha = pair["alpha"]
    alpha.git(pair.repository, "config", "remote.bravo.receivepack", "sleep 60; git-receive-pack")
    alpha.git(pair.repository, "config", "hookkit.mirror.deadline", "3")
    _, found, seconds = doctor(alpha, pair.repository)
    assert found["remote bravo"]["cause"] == "no answer: within 3s"
    assert "frozen" in found["remote bravo"]["hint"]
    assert seconds < 15


def test_a_peer_without_push_options(pair: Cluster) -> None:
    alpha, bravo = pair["alpha"], pair["bravo"]
    alpha.git(pair.repository, "config", "remote.bravo.hookkit", "peer")
    assert doctor(alpha, pair.repository)[1]["remote bravo"]["verdict"] == "ok"
    bravo.git(pair.repository, "config", "receive.advertisePushOptions", "false")
    status, found, _ = doctor(alpha, pair.repository)
    assert status == 0
    assert found["remote bravo"]["verdict"] == "warning"
    assert "receive.advertisePushOptions true" in found["remote bravo"]["hint"]


def test_asking_changes_nothing_there(pair: Cluster, pusher: Pusher) -> None:
    work = pusher(pair)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    alpha, bravo = pair["alpha"], pair["bravo"]
    log = bravo.path(pair.repository) / "seen"
    for hook in ("pre-receive", "post-receive", "update"):
        path = bravo.path(pair.repository) / "hooks" / hook
        path.write_text(f"#!/bin/sh\necho {hook} >>{log}\n")
    before = bravo.refs(pair.repository)
    logins = bravo.logins()
    assert doctor(alpha, pair.repository)[0] == 0
    assert bravo.logins() == logins + 1
    assert bravo.refs(pair.repository) == before
    assert not log.exists()


def test_what_diverged_is_found_and_gone_when_merged(pair: Cluster, pusher: Pusher) -> None:
    work = pusher(pair)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    with faults.stopped(pair["bravo"]):
        work.commit("here")
        work.git("push", "alpha", "HEAD:refs/heads/main")
    pair["bravo"].git(pair.repository, "config", "hookkit.mirror.enabled", "false")
    work.git("checkout", "-q", "-b", "other", "HEAD~")
    theirs = work.commit("there")
    work.git("push", "bravo", "HEAD:refs/heads/main")
    pair["alpha"].hookkit(pair.repository, "mirror", "sync", check=False)
    status, found, _ = doctor(pair["alpha"], pair.repository)
    assert status == 1
    assert theirs[:12] in found["main at bravo"]["cause"]
    work.git("merge", "-q", "-m", "both", "main")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    assert "main at bravo" not in doctor(pair["alpha"], pair.repository)[1]


def test_leftovers_of_git_clone_mirror(pair: Cluster, pusher: Pusher) -> None:
    """The article's way to a second server, and what people type on it."""
    work = pusher(pair)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    alpha, bravo = pair["alpha"], pair["bravo"]
    bravo.run("git", "clone", "-q", "--mirror", alpha.url(pair.repository), str(bravo.path("copy")))
    bravo.hookkit("copy", "install", "--node", "bravo")
    bravo.git("copy", "remote", "add", "other", bravo.url(pair.repository))
    bravo.git("copy", "fetch", "-q", "other")
    status, found, _ = doctor(bravo, "copy")
    assert status == 1
    assert found["fetch refspec of origin"]["verdict"] == "problem"
    assert found["mirror = true of origin"]["verdict"] == "warning"
    assert found["fetch refspec of other"]["verdict"] == "warning"
    assert found["leftover copies"]["fixable"]
    for name in ("fetch refspec of origin", "mirror = true of origin", "fetch refspec of other"):
        bravo.run("sh", "-c", found[name]["hint"])
    status, found, _ = doctor(bravo, "copy", "--fix")
    assert status == 0
    assert found["leftover copies"]["fixed"]
    assert bravo.refs("copy", "refs/remotes") == {}
