"""A remote that is down, refuses, or is silent: the pusher is told and let go, and a sync delivers afterwards."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from support import faults
from support.client import Client, WorkingCopy
from support.cluster import Cluster

Pusher = Callable[[Cluster], WorkingCopy]
Fault = Callable[[Cluster], AbstractContextManager[None]]

WAIT = 4
# Beside the wait itself: the client's own connection and the start of the hook, on a busy machine.
OVERHEAD = 4

FAULTS: dict[str, tuple[Fault, str]] = {
    "stopped": (lambda c: faults.stopped(c["bravo"]), "offline"),
    "host key changed": (lambda c: faults.wrong_host_key(c["bravo"]), "host key"),  # type: ignore[arg-type]
    "key not accepted": (lambda c: faults.key_refused(c["bravo"]), "not let in"),  # type: ignore[arg-type]
    "repository missing": (lambda c: faults.repository_missing(c["bravo"], c.repository), "no such repository"),
    "disk full": (lambda c: faults.disk_full(c["bravo"], c.repository), "disk full"),
    "frozen": (lambda c: faults.frozen(c["bravo"]), "no answer"),  # type: ignore[arg-type]
    "packets dropped": (lambda c: faults.packets_dropped(c["bravo"]), "no answer"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_one_remote(trio: Cluster, pusher: Pusher, name: str) -> None:
    fault, word = FAULTS[name]
    alpha = trio["alpha"]
    alpha.git(trio.repository, "config", "hookkit.mirror.wait", str(WAIT))
    work = pusher(trio)
    work.commit("first")
    work.git("tag", "gone")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/old", "gone")
    assert trio.is_equal()
    with fault(trio):
        # More than a page, so that a full disk is noticed.
        work.commit("while it is away", {"big": "".join(f"{n * n * n}\n" for n in range(40_000))})
        push = work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/new", ":refs/tags/gone")
        assert push.status == 0
        assert push.seconds < WAIT + OVERHEAD
        lines = {line.split()[1]: line for line in push.remote}
        assert set(lines) == {"bravo", "charlie"}, push.stderr
        assert word in lines["bravo"], push.stderr
        assert " ok " in lines["charlie"]
        # Again while it is away: what was pushed first is replaced before it was ever delivered.
        work.git("commit", "--quiet", "--amend", "-m", "rewritten while it is away")
        push = work.git("push", "alpha", "+HEAD:refs/heads/main", ":refs/heads/old")
        assert push.status == 0
        assert push.seconds < WAIT + OVERHEAD
        status = alpha.hookkit(trio.repository, "status").stdout
        assert "bravo" in status
        assert trio["charlie"].refs(trio.repository) == alpha.refs(trio.repository)
    done = alpha.hookkit(trio.repository, "mirror", "sync")
    assert trio.is_equal(), done.stdout
    assert trio.refs()["bravo"]["refs/heads/main"] == work.oid()
    done = alpha.hookkit(trio.repository, "mirror", "verify")
    assert done.stdout.count("in-sync") == 2


def test_the_next_push_delivers_what_is_owed(pair: Cluster, pusher: Pusher) -> None:
    work = pusher(pair)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/old")
    with faults.stopped(pair["bravo"]):
        work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "rewritten")
        push = work.git("push", "alpha", "+HEAD:refs/heads/main", ":refs/heads/old")
        assert "2 refs queued" in push.remote[0]
    work.commit("more")
    work.git("push", "alpha", "HEAD:refs/heads/another")
    assert pair.is_equal()


def test_asynchronous(pair: Cluster, pusher: Pusher) -> None:
    pair["alpha"].git(pair.repository, "config", "hookkit.mirror.wait", "0")
    work = pusher(pair)
    work.commit("first")
    push = work.git("push", "alpha", "HEAD:refs/heads/main")
    assert "1 ref queued" in push.remote[0]
    assert pair.refs()["bravo"] == {}
    pair["alpha"].hookkit(pair.repository, "mirror", "sync")
    assert pair.is_equal()


def test_a_mistake_in_the_configuration_forgets_nothing(pair: Cluster, pusher: Pusher) -> None:
    work = pusher(pair)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/old")
    alpha = pair["alpha"]
    alpha.git(pair.repository, "config", "hookkit.mirror.diverged", "never")
    work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "rewritten")
    push = work.git("push", "alpha", "+HEAD:refs/heads/main", ":refs/heads/old")
    assert "hookkit.mirror.diverged = 'never' is not allowed" in push.stderr
    alpha.git(pair.repository, "config", "--unset", "hookkit.mirror.diverged")
    alpha.hookkit(pair.repository, "mirror", "sync")
    assert pair.is_equal()


def test_the_remote_refuses_one_ref(pair: Cluster, pusher: Pusher) -> None:
    hook = pair["bravo"].path(pair.repository) / "hooks" / "update"
    hook.write_text('#!/bin/sh\n[ "$1" != refs/heads/locked ] || { echo "locked is locked \\033[31m"; exit 1; }\n')
    hook.chmod(0o755)
    work = pusher(pair)
    work.commit("first")
    push = work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/locked")
    (line,) = push.remote
    assert "main new" in line
    assert "locked refused" in line
    assert "locked is locked" in line
    assert "\x1b" not in push.stderr
    assert pair.refs()["bravo"] == {"refs/heads/main": work.oid()}
    hook.unlink()
    pair["alpha"].hookkit(pair.repository, "mirror", "sync")
    assert pair.is_equal()


def test_a_secret_in_a_url_is_never_shown(pair: Cluster, pusher: Pusher) -> None:
    alpha = pair["alpha"]
    secret = "hunter2hunter2"
    alpha.git(pair.repository, "remote", "add", "web", f"http://robot:{secret}@127.0.0.1:9/project.git")
    work = pusher(pair)
    work.commit("first")
    push = work.git("push", "alpha", "HEAD:refs/heads/main")
    assert "web  offline" in push.stderr
    said = push.stderr
    for command in (("status",), ("status", "--json"), ("mirror", "sync"), ("mirror", "status"), ("mirror", "verify")):
        done = alpha.hookkit(pair.repository, *command, check=False)
        said += done.stdout + done.stderr
    assert "robot" in said
    assert secret not in said


def test_a_burst_costs_few_mirror_pushes(pair: Cluster, client: Client) -> None:
    seed = client.clone(pair["alpha"].url(pair.repository), "seed")
    seed.commit("base")
    seed.push("origin", "HEAD:refs/heads/main")
    copies = [client.clone(pair["alpha"].url(pair.repository), f"copy-{n}") for n in range(5)]
    before = pair["bravo"].sessions()

    def work(number: int, copy: WorkingCopy) -> None:
        for change in range(6):
            copy.commit(f"{number} {change}")
            copy.push("origin", f"HEAD:refs/heads/of-{number}")

    threads = [threading.Thread(target=work, args=each) for each in enumerate(copies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pair.is_equal(), pair.refs()
    assert len(pair.refs()["bravo"]) == 6
    pushes = pair["bravo"].sessions() - before
    print(f"30 pushes, {pushes} mirror pushes")
    assert pushes < 25
