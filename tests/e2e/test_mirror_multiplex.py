"""Deliveries share an ssh connection; whatever becomes of it, no push waits longer and none is lost. Real sshd."""

import os
import re
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from support import faults, leaks
from support.client import WorkingCopy
from support.cluster import Cluster
from support.commands import Done
from support.lab import Lab
from support.node import Node, SshNode

from hookkit import masters

Pusher = Callable[[Cluster], WorkingCopy]
Fault = Callable[[SshNode], AbstractContextManager[None]]

WAIT = 4
# Beside the wait itself: the client's own connection and the start of the hook, on a busy machine.
OVERHEAD = 4


def change(work: WorkingCopy, name: str, target: str = "alpha") -> Done:
    """Push a new commit."""
    work.commit(name)
    return work.git("push", target, "HEAD:refs/heads/main")


def sockets(node: Node) -> list[Path]:
    return sorted((node.runtime_dir / "hookkit").glob("*"))


def master(node: Node) -> int:
    """The process that holds the connection which ``node`` opened."""
    (socket,) = sockets(node)
    (pid,) = leaks.processes(f"{socket} [mux]")
    return pid


def bravo(cluster: Cluster) -> SshNode:
    node = cluster["bravo"]
    assert isinstance(node, SshNode)
    return node


def test_one_login_for_all_pushes_of_an_account(pair: Cluster, pusher: Pusher) -> None:
    other = Cluster(pair.nodes, "another")
    other.connect()
    other.install()
    work = pusher(pair)
    work.git("remote", "add", "another", pair["alpha"].url("another"))
    change(work, "first")
    before = pair.logins()["bravo"]
    for number in range(3):
        change(work, f"change {number}")
    change(work, "elsewhere", "another")
    pair["alpha"].hookkit("project", "mirror", "sync")
    assert pair.logins()["bravo"] == before
    assert pair.is_equal()
    assert other.is_equal()
    # And the connection ends by itself: nothing uses it, nobody waits for it.
    assert len(sockets(pair["alpha"])) == 1


def test_switched_off(pair: Cluster, pusher: Pusher) -> None:
    pair["alpha"].git(pair.repository, "config", "hookkit.mirror.multiplex", "false")
    work = pusher(pair)
    change(work, "first")
    before = pair.logins()["bravo"]
    change(work, "second")
    assert pair.logins()["bravo"] - before == 1
    assert not sockets(pair["alpha"])


FAULTS: dict[str, Fault] = {
    "stopped": faults.stopped,
    "frozen": faults.frozen,
    "packets dropped": faults.packets_dropped,
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_next_push_after_a_fault_is_delivered(pair: Cluster, pusher: Pusher, name: str) -> None:
    pair["alpha"].git(pair.repository, "config", "hookkit.mirror.wait", str(WAIT))
    pair["alpha"].git(pair.repository, "config", "hookkit.mirror.attempts", "1")
    work = pusher(pair)
    change(work, "first")
    assert master(pair["alpha"])
    with FAULTS[name](bravo(pair)):
        push = change(work, "while it is away")
        assert push.seconds < WAIT + OVERHEAD
        assert "queued" in push.stderr
    push = change(work, "it is back")
    assert " ok " in push.stderr
    assert pair.is_equal()
    assert master(pair["alpha"])


def test_connections_that_were_cut_are_not_noticed(pair: Cluster, pusher: Pusher) -> None:
    pair["alpha"].git(pair.repository, "config", "hookkit.mirror.attempts", "1")
    work = pusher(pair)
    change(work, "first")
    bravo(pair).sshd.end_sessions()
    assert " ok " in change(work, "second").stderr
    os.kill(master(pair["alpha"]), signal.SIGKILL)
    assert " ok " in change(work, "third").stderr


def test_a_master_that_hangs_costs_one_push_its_wait(pair: Cluster, pusher: Pusher) -> None:
    pair["alpha"].git(pair.repository, "config", "hookkit.mirror.wait", str(WAIT))
    work = pusher(pair)
    change(work, "first")
    os.kill(master(pair["alpha"]), signal.SIGSTOP)
    push = change(work, "second")
    assert push.seconds < WAIT + OVERHEAD
    assert "no answer" in push.stderr
    assert " ok " in change(work, "third").stderr
    assert pair.is_equal()


def test_a_connection_that_is_dropped_ends_when_what_runs_over_it_has_ended(pair: Cluster, pusher: Pusher) -> None:
    work = pusher(pair)
    change(work, "first")
    pid = master(pair["alpha"])
    hook = bravo(pair).path(pair.repository) / "hooks" / "pre-receive"
    started = hook.with_name("started")
    hook.write_text(f"#!/bin/sh\ntouch '{started}'\nsleep 2\n")
    hook.chmod(0o755)
    with ThreadPoolExecutor() as pool:
        push = pool.submit(change, work, "second")
        wait_until(started.exists)
        (socket,) = sockets(pair["alpha"])
        masters.retire(socket)
        assert not socket.exists()
        assert Path(f"/proc/{pid}").exists()
        assert " ok " in push.result().stderr
    # At once, not after a minute.
    wait_until(lambda: not Path(f"/proc/{pid}").exists())


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_connection_whose_other_end_is_gone_ends_by_itself(pair: Cluster, pusher: Pusher) -> None:
    work = pusher(pair)
    change(work, "first")
    with faults.packets_dropped(bravo(pair)):
        wait_until(lambda: not sockets(pair["alpha"]), 30)
    assert " ok " in change(work, "second").stderr


def key_refused(node: SshNode) -> None:
    node.authorized_keys.write_text("")


def other_host_key(node: SshNode) -> None:
    node.sshd.make_host_key()


@pytest.mark.parametrize(("withdraw", "word"), [(key_refused, "not let in"), (other_host_key, "host key")])
def test_who_is_in_stays_in_for_ten_minutes(
    pair: Cluster, pusher: Pusher, withdraw: Callable[[SshNode], None], word: str
) -> None:
    work = pusher(pair)
    change(work, "first")
    withdraw(bravo(pair))
    assert " ok " in change(work, "second").stderr
    (socket,) = sockets(pair["alpha"])
    before = time.time() - 601
    os.utime(socket, (before, before))
    assert word in change(work, "third").stderr
    assert not sockets(pair["alpha"])


def test_more_deliveries_at_once_than_one_connection_takes(pair: Cluster, pusher: Pusher) -> None:
    alpha, there = pair["alpha"], bravo(pair)
    names = [f"copy-{number}" for number in range(13)]
    for name in names:
        there.create_repository(name)
        alpha.git(pair.repository, "remote", "add", name, there.url(name))
        # As long as all of them need to be on the way.
        hook = there.path(name) / "hooks" / "pre-receive"
        hook.write_text("#!/bin/sh\nsleep 2\n")
        hook.chmod(0o755)
    alpha.git(pair.repository, "config", "hookkit.mirror.jobs", "20")
    alpha.git(pair.repository, "config", "hookkit.mirror.wait", "60")
    work = pusher(pair)
    change(work, "first")
    before = there.logins()
    push = change(work, "second")
    assert push.stderr.count(" ok ") == len(names) + 1, push.stderr
    assert 1 <= there.logins() - before <= len(names) - 8
    # The master is still there, for all of them.
    before = there.logins()
    alpha.hookkit(pair.repository, "mirror", "sync", "bravo")
    assert there.logins() == before


def test_repositories_with_keys_of_their_own_do_not_share(pair: Cluster, pusher: Pusher) -> None:
    other = Cluster(pair.nodes, "another")
    other.connect()
    other.install()
    alpha = pair["alpha"]
    alpha.git("another", "config", "core.sshCommand", f"ssh -F {alpha.ssh_config} -i {alpha.key}")
    work = pusher(pair)
    work.git("remote", "add", "another", alpha.url("another"))
    change(work, "first")
    before = pair.logins()["bravo"]
    change(work, "elsewhere", "another")
    assert pair.logins()["bravo"] - before == 1
    assert len(sockets(alpha)) == 2


def test_how_the_account_shares_connections_stays_in_force(pair: Cluster, pusher: Pusher) -> None:
    alpha = pair["alpha"]
    own = alpha.runtime_dir / "own"
    with alpha.ssh_config.open("a") as file:
        file.write(f"Host *\n  ControlMaster auto\n  ControlPath {own}\n  ControlPersist 30\n")
    work = pusher(pair)
    change(work, "first")
    before = pair.logins()["bravo"]
    change(work, "second")
    assert pair.logins()["bravo"] == before
    assert own.is_socket()
    assert not sockets(alpha)


def made_elsewhere(node: Node) -> Path:
    """The socket of the master of ``node``, which is where they go if there is no folder for them; it is removed."""
    found = (re.match(r"ssh: (\S+) \[mux\]", leaks.command(pid)) for pid in leaks.processes(str(node.home)))
    (path,) = (Path(match[1]) for match in found if match)
    path.unlink()
    return path


def test_a_long_home(lab: Lab, pusher: Pusher) -> None:
    name = "alpha-" + "x" * 40
    cluster = lab.cluster((name, "bravo"))
    work = pusher(cluster)
    change(work, "first", name)
    before = cluster.logins()["bravo"]
    assert " ok " in change(work, "second", name).stderr
    assert cluster.logins()["bravo"] == before
    assert made_elsewhere(cluster[name]).parent == Path(f"/tmp/hookkit-{os.geteuid()}")


def test_a_folder_that_is_not_ours_alone_is_not_used(pair: Cluster, pusher: Pusher, tmp_path: Path) -> None:
    (pair["alpha"].runtime_dir / "hookkit").symlink_to(tmp_path)
    assert " ok " in change(pusher(pair), "first").stderr
    assert not list(tmp_path.iterdir())
    assert made_elsewhere(pair["alpha"]).parent == Path(f"/tmp/hookkit-{os.geteuid()}")
