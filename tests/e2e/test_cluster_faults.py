"""Interruptions at every step, pushes that race, servers that come and go: nothing is lost, and all end equal."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.client import WorkingCopy
from support.cluster import Cluster
from support.faults import disk_full, stalling
from support.node import SshNode
from support.poll import until

Pusher = Callable[[Cluster], WorkingCopy]
Pushed = Callable[[int], tuple[Cluster, WorkingCopy]]
ROUNDS = int(os.environ.get("HOOKKIT_ROUNDS", "4"))


def everywhere(nodes: Cluster, oid: str) -> bool:
    """Whether each node has ``oid`` in a branch or in a conflict ref."""
    return all(
        node.git(nodes.repository, "for-each-ref", "--contains", oid, "refs/heads/", "refs/conflicts/").stdout
        for node in nodes
    )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("victim", ["alpha", "bravo"])
def test_killed_before_any_step(pushed: Pushed, victim: str) -> None:
    """The node that is pushed to (append, push) and the one that is told (receive, replay), before each git command."""
    nodes, work = pushed(2)
    node = nodes[victim]
    assert isinstance(node, SshNode)
    steps: list[str] = []
    with stalling(node) as stall, ThreadPoolExecutor(1) as pool:
        for number in range(1, 60):
            oid = work.commit(f"change {number}")
            stall.at(number)
            branch = f"refs/heads/of-{number}"
            push = pool.submit(work.git, "push", "alpha", "HEAD:refs/heads/main", f"+HEAD:{branch}", check=False)
            until(lambda push=push: stall.reached or push.done(), "neither stalled nor pushed")
            step = stall.reached
            if step:
                steps.append(step)
                node.stop()
            done = push.result()
            node.start()
            stall.at(0)
            nodes.sync()
            nodes.verify()
            if done.status == 0:
                assert everywhere(nodes, oid), step
            if not step:
                break
            work.git("fetch", "--quiet", "bravo", "refs/heads/main")
            work.git("reset", "--quiet", "--hard", "FETCH_HEAD")
    print("\n".join(f"{number}: {step[:100]}" for number, step in enumerate(steps, 1)))
    assert any("commit-tree" in step for step in steps) == (victim == "alpha")
    assert sum("update-ref" in step for step in steps) >= 1
    assert len(steps) > 5


@pytest.mark.timeout(200 + 20 * ROUNDS)
def test_two_pushes_at_the_same_time_to_one_branch(pushed: Pushed) -> None:
    nodes, work = pushed(2)
    copies = {node.name: work.client.clone(str(work.path), f"of-{node.name}") for node in nodes}
    for node in nodes:
        copies[node.name].git("remote", "set-url", "origin", node.url(nodes.repository))
    lost = named = 0
    for number in range(ROUNDS):
        pushed: dict[str, str] = {}
        for name, copy in copies.items():
            copy.git("fetch", "--quiet", "origin", "refs/heads/main")
            copy.git("reset", "--quiet", "--hard", "FETCH_HEAD")
            pushed[name] = copy.commit(f"{number} on {name}")
        with ThreadPoolExecutor(2) as pool:
            results = dict(
                zip(
                    copies,
                    pool.map(
                        lambda copy: copy.git("push", "origin", "+HEAD:refs/heads/main", check=False), copies.values()
                    ),
                    strict=True,
                )
            )
        nodes.sync()
        nodes.verify()
        said = "".join(each.stderr for each in results.values())
        acknowledged = [pushed[name] for name, each in results.items() if each.status == 0]
        lost += sum(not everywhere(nodes, oid) for oid in acknowledged)
        conflicts = nodes["alpha"].refs(nodes.repository, "refs/conflicts/")
        named += "hookkit: note: " in said
        status = nodes["alpha"].hookkit(nodes.repository, "status").stdout
        assert all(ref in status for ref in conflicts)
        if conflicts:
            work.git("push", "alpha", *(f":{ref}" for ref in conflicts))
    print(f"{ROUNDS} rounds: {lost} lost, {named} named to a pusher at once")
    assert lost == 0


@pytest.mark.timeout(600 + 20 * ROUNDS)
@pytest.mark.parametrize("count", [3, 5])
def test_concurrent_clients_and_nodes_that_go_and_come(pushed: Pushed, count: int) -> None:
    nodes, work = pushed(count)
    nodes.sync()
    acknowledged: list[str] = []

    def client(number: int) -> None:
        node = nodes.nodes[number % count]
        copy = work.client.clone(str(work.path), f"client-{number}")
        for change in range(ROUNDS // 2):
            oid = copy.commit(f"{number} {change}")
            refs = (f"HEAD:refs/heads/client-{number}", "+HEAD:refs/heads/shared")
            done = copy.git("push", node.url(nodes.repository), *refs, check=False)
            if done.status == 0:
                acknowledged.append(oid)

    with ThreadPoolExecutor(count) as pool:
        clients = [pool.submit(client, number) for number in range(count)]
        for node in nodes.nodes[1:]:
            node.stop()
            until(lambda: len(acknowledged) > 0 or all(each.done() for each in clients), "nothing is acknowledged")
            node.start()
        for each in clients:
            each.result()
    nodes.sync()
    nodes.sync()
    nodes.verify()
    assert all(everywhere(nodes, oid) for oid in acknowledged)


def test_a_full_disk(pushed: Pushed) -> None:
    nodes, work = pushed(2)
    work.commit("second")
    with disk_full(nodes["bravo"], nodes.repository):
        done = work.git("push", "alpha", "HEAD:refs/heads/main")
        assert "bravo" in done.stderr
        said = nodes["bravo"].hookkit(nodes.repository, "mirror", "sync", check=False)
        assert said.status != 0
        assert "alpha  its journals cannot be fetched: " in said.stderr
    nodes["alpha"].hookkit(nodes.repository, "mirror", "sync")
    nodes.verify()


def test_a_stale_lock_file(pushed: Pushed) -> None:
    nodes, work = pushed(2)
    bravo = nodes["bravo"]
    lock = bravo.path(nodes.repository) / "refs/heads/main.lock"
    lock.touch()
    os.utime(lock, (0, 0))
    work.commit("second")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/other")
    assert bravo.refs(nodes.repository)["refs/heads/other"] == work.oid()
    said = bravo.hookkit(nodes.repository, "mirror", "sync", check=False)
    assert said.status == 1
    assert "main cannot be made what it is on the other nodes" in said.stderr
    assert "main.lock': File exists" in said.stderr
    assert "main.lock" in bravo.hookkit(nodes.repository, "doctor", check=False).stdout
    bravo.hookkit(nodes.repository, "doctor", "--fix", check=False)
    bravo.hookkit(nodes.repository, "mirror", "sync")
    nodes.verify()


@pytest.fixture
def shaped(nodes: Callable[..., list[SshNode]]) -> Callable[..., Cluster]:
    """``shaped([("alpha", "bravo")])``: nodes, each the peer of those that it is paired with."""

    def make(links: list[tuple[str, str]]) -> Cluster:
        names = sorted({name for link in links for name in link})
        made = Cluster(tuple(nodes(*names)), "project")
        for node in made:
            node.create_repository("project")
        for one, other in links:
            for here, there in ((one, other), (other, one)):
                made[here].git("project", "remote", "add", there, made[there].url("project"))
        made.pair_up()
        return made

    return make


SHAPES = {
    "chain": [("alpha", "bravo"), ("bravo", "charlie"), ("charlie", "delta"), ("delta", "echo")],
    "star": [("alpha", "bravo"), ("alpha", "charlie"), ("alpha", "delta"), ("alpha", "echo")],
    "ring": [("alpha", "bravo"), ("bravo", "charlie"), ("charlie", "delta"), ("delta", "echo"), ("echo", "alpha")],
    "mesh": [
        (a, b)
        for a in ("alpha", "bravo", "charlie", "delta", "echo")
        for b in ("alpha", "bravo", "charlie", "delta", "echo")
        if a < b
    ],
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_converges(shaped: Callable[..., Cluster], pusher: Pusher, shape: str) -> None:
    nodes = shaped(SHAPES[shape])
    work = pusher(nodes)
    work.commit("first")
    for node in nodes:
        work.git("push", node.name, f"HEAD:refs/heads/of-{node.name}")
    nodes.sync()
    nodes.sync()
    nodes.verify()
    for name in ("alpha", "charlie"):
        work.commit(f"more on {name}")
        before = nodes.sessions()
        work.git("push", name, f"HEAD:refs/heads/of-{name}", "+HEAD:refs/heads/main")
        nodes.verify()
        pushes = sum(nodes.sessions().values()) - sum(before.values()) - 1
        print(f"{shape}: {pushes} pushes for a push to {name}")
        if shape == "mesh":
            assert pushes == 4
        assert pushes <= 8
