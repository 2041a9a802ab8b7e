"""The worker: what could not be delivered arrives when the remote is back, with nobody doing anything."""

import contextlib
import signal
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support import faults, leaks
from support.account import BIN
from support.client import WorkingCopy
from support.cluster import Cluster
from support.lab import Lab
from support.node import Node
from support.poll import until

from hookkit.api import Repository
from hookkit_plugins.mirror.locks import held

Pusher = Callable[[Cluster], WorkingCopy]
RETURN = 10
"""Seconds within which everything is there once the remote is back; more on a busy machine."""


@pytest.fixture
def pair(pair: Cluster) -> Cluster:
    """A pair whose nodes have workers."""
    for node in pair:
        node.git(pair.repository, "config", "--global", "hookkit.mirror.worker", "true")
    return pair


def workers(node: Node) -> list[int]:
    """The workers of the node's account."""
    return [pid for pid in leaks.processes(str(node.home)) if "hookkit_plugins.mirror.worker" in leaks.command(pid)]


def kill_workers(node: Node) -> None:
    """End them without a chance to clean up."""
    until(lambda: workers(node), "no worker was started")
    leaks.signal_all(workers(node), signal.SIGKILL)
    until(lambda: not workers(node), "it survived")


def state(node: Node) -> Path:
    """Where the node's account keeps what is about all its repositories."""
    return node.home / ".local" / "state" / "hookkit" / "mirror"


def probes(node: Node) -> int:
    """How often its workers have found a host down."""
    with contextlib.closing(sqlite3.connect(state(node) / "waiting.sqlite", timeout=10)) as db:
        return int(db.execute("SELECT coalesce(sum(failures), 0) FROM breaker").fetchone()[0])


def begin(cluster: Cluster, pusher: Pusher) -> WorkingCopy:
    """Something that both nodes have."""
    work = pusher(cluster)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/old", "HEAD:refs/heads/rewritten")
    assert cluster.is_equal()
    return work


def change(work: WorkingCopy, number: int) -> list[str]:
    """Push one more change; what the pusher was told."""
    work.commit(f"number {number}")
    return list(work.git("push", "alpha", "HEAD:refs/heads/main").remote)


def pipes(pid: int) -> list[str]:
    """The pipes that a process has open just now."""
    found = []
    for one in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append(str(one.readlink()))
    return [each for each in found if each.startswith("pipe:")]


def test_what_waits_arrives_when_the_remote_is_back(pair: Cluster, pusher: Pusher) -> None:
    work = begin(pair, pusher)
    with faults.stopped(pair["bravo"]):
        first = change(work, 1)
        assert "offline" in first[0]
        until(lambda: workers(pair["alpha"]), "no worker was started")
        (worker,) = workers(pair["alpha"])
        # Those to its own git commands come and go.
        until(lambda: not pipes(worker), "it holds on to what it has inherited")
        started = time.monotonic()
        told = change(work, 2)
        held = time.monotonic() - started
        assert told[0].startswith("hookkit: bravo  offline for "), told
        assert "1 ref queued" in told[0]
        assert held < 5
        work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "rewritten")
        push = work.git("push", "alpha", "+HEAD:refs/heads/rewritten", ":refs/heads/old")
        assert "3 refs queued" in push.remote[0]
        assert workers(pair["alpha"]) == [worker]
        assert "offline" in pair["alpha"].hookkit(pair.repository, "mirror", "status").stdout
    pair.wait_until_equal(RETURN * 2)
    until(lambda: not workers(pair["alpha"]), "the worker stays although nothing waits")
    assert "in-sync" in pair["alpha"].hookkit(pair.repository, "mirror", "status").stdout
    assert " ok " in work.git("push", "alpha", "HEAD:refs/heads/after").remote[0]


def test_killed_again_and_again(pair: Cluster, pusher: Pusher) -> None:
    work = begin(pair, pusher)
    alpha = pair["alpha"]
    with faults.stopped(pair["bravo"]):
        for number in range(10):
            change(work, number)
            kill_workers(alpha)
        change(work, 99)
    pair.wait_until_equal(RETURN * 2)


def test_after_a_reboot_one_command_is_enough(pair: Cluster, pusher: Pusher) -> None:
    work = begin(pair, pusher)
    alpha = pair["alpha"]
    with faults.stopped(pair["bravo"]):
        change(work, 1)
        kill_workers(alpha)
    assert not pair.is_equal()
    assert "1 waiting, a worker is started" in alpha.hookkit(pair.repository, "mirror", "worker").stdout
    pair.wait_until_equal(RETURN * 2)
    until(lambda: not workers(alpha), "the worker stays although nothing waits")
    assert alpha.hookkit(pair.repository, "mirror", "worker").stdout == "nothing waits\n"


@pytest.mark.parametrize("damage", ["deleted", "garbage"])
def test_the_index_may_be_lost(pair: Cluster, pusher: Pusher, damage: str) -> None:
    work = begin(pair, pusher)
    alpha = pair["alpha"]
    with faults.stopped(pair["bravo"]):
        change(work, 1)
        kill_workers(alpha)
        for file in state(alpha).glob("waiting.sqlite*"):
            file.unlink() if damage == "deleted" else file.write_bytes(b"garbage " * 1000)
        assert "hookkit: bravo  " in change(work, 2)[-1]
    pair.wait_until_equal(RETURN * 2)


def test_a_damaged_index_is_not_an_empty_one(pair: Cluster, pusher: Pusher) -> None:
    """What waits is not known any more, and nobody says that nothing does."""
    work = begin(pair, pusher)
    alpha = pair["alpha"]
    with faults.stopped(pair["bravo"]):
        change(work, 1)
        kill_workers(alpha)
        for file in state(alpha).glob("waiting.sqlite*"):
            file.write_bytes(b"garbage " * 1000)
        told = "\n".join(change(work, 2))
        assert "the index of what waits was damaged (file is not a database) and is started anew" in told
        kill_workers(alpha)
    started = alpha.hookkit(pair.repository, "mirror", "worker", check=False)
    assert started.status == 1
    assert "1 waiting, a worker is started" in started.stdout
    assert "hookkit mirror sync --all DIR delivers it" in started.stdout
    (aside,) = state(alpha).glob("waiting.damaged-*.sqlite")
    assert f"what waited when {aside} was damaged is not known" in started.stderr
    pair.wait_until_equal(RETURN * 2)
    doctor = alpha.hookkit(pair.repository, "doctor", check=False).stdout
    assert f"{aside} was damaged and put aside" in doctor
    aside.unlink()
    assert "put aside" not in alpha.hookkit(pair.repository, "doctor").stdout
    until(lambda: not workers(alpha), "the worker stays although nothing waits")
    assert alpha.hookkit(pair.repository, "mirror", "worker").stdout == "nothing waits\n"


def test_a_host_that_nothing_waits_for(pair: Cluster, pusher: Pusher) -> None:
    work = begin(pair, pusher)
    alpha = pair["alpha"]
    assert alpha.hookkit(pair.repository, "mirror", "worker", "brvao").stdout == "nothing waits for brvao\n"
    with faults.stopped(pair["bravo"]):
        change(work, 1)
        said = alpha.hookkit(pair.repository, "mirror", "worker", "brvao").stdout
        assert said == "nothing waits for brvao; what waits, waits for bravo\n"
    pair.wait_until_equal(RETURN * 2)


def test_what_a_push_has_delivered_waits_no_more(pair: Cluster, pusher: Pusher) -> None:
    """The worker, who tries again only after a while where a key is refused, need not find that out."""
    work = begin(pair, pusher)
    alpha = pair["alpha"]
    with faults.key_refused(pair["bravo"]):  # type: ignore[arg-type]
        change(work, 1)
        kill_workers(alpha)
    assert " ok " in change(work, 2)[0]
    assert alpha.hookkit(pair.repository, "mirror", "worker").stdout == "nothing waits\n"
    assert "none is running" not in alpha.hookkit(pair.repository, "doctor").stdout


@pytest.mark.parametrize("damage", ["deleted", "garbage"])
def test_the_outbox_may_be_lost_under_a_running_worker(pair: Cluster, pusher: Pusher, damage: str) -> None:
    """What it held is found by the next comparison: nothing that a remote lacks is forgotten."""
    work = begin(pair, pusher)
    alpha = pair["alpha"]
    with faults.stopped(pair["bravo"]):
        change(work, 1)
        work.git("push", "alpha", "HEAD:refs/heads/more")
        until(lambda: workers(alpha), "no worker was started")
        for file in (alpha.path(pair.repository) / "hookkit" / "mirror").glob("outbox.sqlite*"):
            file.unlink() if damage == "deleted" else file.write_bytes(b"garbage " * 1000)
    pair.wait_until_equal(RETURN * 2)
    until(lambda: not workers(alpha), "the worker stays although nothing waits")


def test_a_full_disk_under_a_running_worker(pair: Cluster, pusher: Pusher) -> None:
    work = begin(pair, pusher)
    alpha = pair["alpha"]
    with faults.stopped(pair["bravo"]):
        change(work, 1)
        kill_workers(alpha)
        with faults.disk_full(alpha, pair.repository):
            alpha.hookkit(pair.repository, "mirror", "worker")
            tried = probes(alpha)
            until(lambda: probes(alpha) > tried + 1, "it does not try")
        until(lambda: workers(alpha), "it gave up")
    pair.wait_until_equal(RETURN * 3)


def test_dropped_packets_leave_nothing_behind(trio: Cluster, pusher: Pusher) -> None:
    """Nobody hangs on a host that does not even refuse: not the other remote, no zombie, no lock."""
    alpha = trio["alpha"]
    alpha.git(trio.repository, "config", "--global", "hookkit.mirror.worker", "true")
    alpha.git(trio.repository, "config", "hookkit.mirror.wait", "3")
    work = pusher(trio)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    assert trio.is_equal()
    with faults.packets_dropped(trio["charlie"]):  # type: ignore[arg-type]
        first = {line.split()[1]: line for line in change(work, 1)}
        assert " ok " in first["bravo"]
        until(lambda: workers(alpha), "no worker was started")
        started = time.monotonic()
        second = {line.split()[1]: line for line in change(work, 2)}
        assert time.monotonic() - started < 3, second
        assert " ok " in second["bravo"]
        assert "queued" in second["charlie"]
        zombies = [pid for pid in leaks.descendants(workers(alpha)[0]) if not leaks.command(pid)]
        assert len(zombies) <= 1  # one that has just ended
    trio.wait_until_equal(60)
    until(lambda: not workers(alpha), "the worker stays although nothing waits")
    for node in trio:
        assert not list(node.path(trio.repository).rglob("refs/**/*.lock"))
        assert not (node.path(trio.repository) / "packed-refs.lock").exists()


def test_a_frozen_remote_holds_one_push_only(pair: Cluster, pusher: Pusher) -> None:
    work = begin(pair, pusher)
    pair["alpha"].git(pair.repository, "config", "hookkit.mirror.wait", "3")
    with faults.frozen(pair["bravo"]):  # type: ignore[arg-type]
        change(work, 1)
        for number in range(2, 5):
            started = time.monotonic()
            told = change(work, number)
            assert time.monotonic() - started < 3, told
            assert "queued" in told[0]
    pair.wait_until_equal(60)


def test_asynchronous(pair: Cluster, pusher: Pusher) -> None:
    pair["alpha"].git(pair.repository, "config", "hookkit.mirror.wait", "0")
    work = pusher(pair)
    for number in range(5):
        told = change(work, number)
        assert told == ["hookkit: bravo  1 ref queued"]
    pair.wait_until_equal()


def test_all_repositories_of_the_account(lab: Lab, pair: Cluster, pusher: Pusher) -> None:
    alpha, bravo = pair["alpha"], pair["bravo"]
    work = begin(pair, pusher)
    others = [f"other-{number}" for number in range(4)]
    for name in others:
        alpha.create_repository(name)
        bravo.create_repository(name)
        alpha.git(name, "remote", "add", "bravo", bravo.url(name))
        alpha.hookkit(name, "install")
    with faults.stopped(bravo):
        for name in others:
            work.git("push", alpha.url(name), "HEAD:refs/heads/main")
        assert len(workers(alpha)) <= 1
    for name in others:
        until(lambda name=name: bravo.refs(name) == alpha.refs(name), f"{name} did not arrive")  # type: ignore[misc]


def test_who_is_down_is_nobody_elses_to_wait_for(trio: Cluster, pusher: Pusher) -> None:
    """In a mesh the node that was pushed to delivers to all; others do not try the one that is down themselves."""
    for node in trio:
        node.git(trio.repository, "config", "--global", "hookkit.mirror.worker", "true")
    work = pusher(trio)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    assert trio.is_equal()
    with faults.stopped(trio["charlie"]):
        change(work, 1)
        told = {line.split()[1]: line for line in change(work, 2)}
        assert "offline for" in told["charlie"]
        assert " ok " in told["bravo"]
        assert not workers(trio["bravo"])
    trio.wait_until_equal(RETURN * 2)


def test_a_repository_where_mirroring_is_switched_off_is_left_alone(pair: Cluster, pusher: Pusher) -> None:
    work = begin(pair, pusher)
    alpha, bravo = pair["alpha"], pair["bravo"]
    before = bravo.refs(pair.repository)
    with faults.stopped(bravo):
        change(work, 1)
        alpha.git(pair.repository, "config", "hookkit.mirror.enabled", "false")
        folder = str(alpha.repositories)
        assert (
            f"0 repositories below {folder}"
            in alpha.run(str(BIN / "hookkit"), "mirror", "sync", "--all", folder).stdout
        )
    until(lambda: not workers(alpha), "the worker stays for a repository that is not mirrored")
    assert bravo.refs(pair.repository) == before


def test_an_account_without_workers_is_told_what_to_type(pair: Cluster, pusher: Pusher) -> None:
    alpha = pair["alpha"]
    alpha.git(pair.repository, "config", "hookkit.mirror.worker", "false")
    alpha.git(pair.repository, "config", "hookkit.mirror.wait", "0")
    work = pusher(pair)
    assert change(work, 1) == ["hookkit: bravo  1 ref queued; deliver: hookkit mirror sync"]
    alpha.git(pair.repository, "config", "hookkit.mirror.wait", "5")
    with faults.stopped(pair["bravo"]):
        told = change(work, 2)[0]
        assert "offline, 2 refs queued" not in told, "it is the same ref"
        assert "offline, 1 ref queued" in told
        assert told.endswith("; deliver: hookkit mirror sync")
    doctor = alpha.hookkit(pair.repository, "doctor", check=False).stdout
    assert "all is well" not in doctor
    assert "workers are off here and no timer runs" in doctor
    assert not workers(alpha)


def test_doctor_finds_what_a_hook_that_was_killed_has_left(pair: Cluster, pusher: Pusher) -> None:
    """Nobody is at it, and no worker knows of it."""
    work = begin(pair, pusher)
    alpha = pair["alpha"]
    alpha.git(pair.repository, "config", "hookkit.mirror.wait", "50")

    def hooks() -> list[int]:
        return [pid for pid in leaks.processes(str(alpha.home)) if "post-receive" in leaks.command(pid)]

    def is_delivering() -> bool:
        return bool(held(Repository.discover(alpha.path(pair.repository)), ["bravo"]))

    with faults.frozen(pair["bravo"]), ThreadPoolExecutor(1) as pool:  # type: ignore[arg-type]
        push = pool.submit(change, work, 1)
        until(is_delivering, "it does not deliver")
        leaks.signal_all(hooks(), signal.SIGKILL)
        push.result(timeout=30)
    until(
        lambda: "1 ref behind since" in alpha.hookkit(pair.repository, "doctor", check=False).stdout,
        "doctor does not find it",
    )
    alpha.hookkit(pair.repository, "doctor", "--fix", check=False)
    pair.wait_until_equal(RETURN * 2)


def test_sync_of_everything_below_a_folder(pair: Cluster, pusher: Pusher) -> None:
    alpha, bravo = pair["alpha"], pair["bravo"]
    work = begin(pair, pusher)
    alpha.git(pair.repository, "config", "--global", "hookkit.mirror.worker", "false")
    for name in ("other", "sub/deep"):
        for node in pair:
            node.create_repository(name)
        alpha.git(name, "remote", "add", "bravo", bravo.url(name))
        alpha.hookkit(name, "install")
    with faults.stopped(bravo):
        for name in ("other", "sub/deep"):
            work.git("push", alpha.url(name), "HEAD:refs/heads/main")
        folder = str(alpha.repositories)
        down = alpha.hookkit(pair.repository, "mirror", "sync", "--all", folder, check=False)
        assert down.status == 1
        assert "3 with something left" in down.stdout
    done = alpha.run(str(BIN / "hookkit"), "mirror", "sync", "--all", folder)
    assert "2 refs" not in done.stdout
    assert done.stdout.count("main new") == 2, done.stdout
    assert done.stdout.endswith(f"3 repositories below {folder}: all in sync\n")
    for name in ("other", "sub/deep"):
        assert bravo.refs(name) == alpha.refs(name)


def test_doctor_starts_a_worker_that_is_missing(pair: Cluster, pusher: Pusher) -> None:
    work = begin(pair, pusher)
    alpha = pair["alpha"]
    with faults.stopped(pair["bravo"]):
        change(work, 1)
        until(lambda: workers(alpha), "no worker was started")
        assert "is at it, 1 waiting" in alpha.hookkit(pair.repository, "doctor", check=False).stdout
        kill_workers(alpha)
        assert "none is running, 1 waiting" in alpha.hookkit(pair.repository, "doctor", check=False).stdout
        alpha.hookkit(pair.repository, "doctor", "--fix", check=False)
        assert workers(alpha)
    pair.wait_until_equal(RETURN * 2)


def test_no_place_for_the_index_is_no_reason_not_to_push(pair: Cluster, pusher: Pusher) -> None:
    work = begin(pair, pusher)
    alpha = pair["alpha"]
    place = state(alpha)
    place.rmdir()
    place.write_text("in the way")
    with faults.stopped(pair["bravo"]):
        told = change(work, 1)
        assert "offline" in told[0]
        assert "no worker could be called" in told[1]
        assert "mirror sync" in told[1]
        assert not workers(alpha)
    assert " ok " in change(work, 2)[0]
    assert pair.is_equal()
