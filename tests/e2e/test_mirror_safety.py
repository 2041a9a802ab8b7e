"""Nothing that was acknowledged is destroyed: not what only a remote has, not what two people pushed at once."""

import json
import os
import threading
from collections.abc import Callable

import pytest
from support.client import Client, WorkingCopy
from support.cluster import Cluster

Pusher = Callable[[Cluster], WorkingCopy]

ROUNDS = int(os.environ.get("HOOKKIT_ROUNDS", "15"))


def states(cluster: Cluster, node: str) -> dict[str, str]:
    status = json.loads(cluster[node].hookkit(cluster.repository, "status", "--json").stdout)
    return {remote["name"]: remote["state"] for remote in status["remotes"]}


def test_what_only_the_remote_has_survives_every_push(pair: Cluster, pusher: Pusher) -> None:
    work = pusher(pair)
    only = work.commit("only on bravo")
    # Put there past all hooks: alpha has never heard of it.
    pair["bravo"].git(pair.repository, "config", "remote.alpha.hookkit", "off")
    work.git("push", "bravo", "HEAD:refs/heads/only", "HEAD:refs/tags/only")
    work.git("checkout", "--quiet", "--orphan", "other")
    work.commit("on alpha")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    work.commit("more")
    work.git("tag", "v1")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/side", "v1")
    work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "forced")
    work.git("push", "alpha", "+HEAD:refs/heads/main", ":refs/heads/side", ":refs/tags/v1")
    pair["alpha"].hookkit(pair.repository, "mirror", "sync")
    bravo = pair.refs()["bravo"]
    assert bravo["refs/heads/only"] == bravo["refs/tags/only"] == only
    assert bravo["refs/heads/main"] == work.oid()
    assert set(bravo) == {"refs/heads/main", "refs/heads/only", "refs/tags/only"}


def test_a_branch_that_moved_there_is_reported_and_the_rest_arrives(pair: Cluster, pusher: Pusher) -> None:
    work = pusher(pair)
    first = work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/dev", "HEAD:refs/tags/t")
    pair["bravo"].git(pair.repository, "config", "remote.alpha.hookkit", "off")
    theirs = work.commit("theirs")
    work.git("push", "bravo", "+HEAD:refs/heads/dev", "+HEAD:refs/tags/t")
    work.git("reset", "--quiet", "--hard", first)
    ours = work.commit("ours")
    push = work.git("push", "alpha", "+HEAD:refs/heads/dev", "+HEAD:refs/tags/t", "HEAD:refs/heads/new")
    assert push.status == 0
    (line,) = push.remote
    assert "diverged" in line
    assert "ok" in line
    bravo = pair.refs()["bravo"]
    assert bravo == {"refs/heads/dev": theirs, "refs/tags/t": theirs, "refs/heads/new": ours}
    assert states(pair, "alpha") == {"bravo": "diverged"}
    # A deletion of what moved there is no better.
    push = work.git("push", "alpha", ":refs/heads/dev")
    assert "diverged" in push.remote[0]
    assert pair.refs()["bravo"]["refs/heads/dev"] == theirs
    # It is not forgotten, and not repeated with every push either; a sync looks again.
    done = pair["alpha"].hookkit(pair.repository, "mirror", "sync", check=False)
    assert done.status == 1
    assert "2 refs diverged" in done.stdout
    # Once somebody here has seen it and merges it, it is over.
    work.git("merge", "--quiet", "-m", "both", theirs)
    work.git("push", "alpha", "HEAD:refs/heads/dev", ":refs/tags/t")
    pair["bravo"].git(pair.repository, "update-ref", "-d", "refs/tags/t")
    pair["alpha"].hookkit(pair.repository, "mirror", "sync")
    assert states(pair, "alpha") == {"bravo": "in-sync"}
    assert pair.is_equal()


def test_overwrite_on_explicit_wish_keeps_the_old_value(pair: Cluster, pusher: Pusher) -> None:
    alpha = pair["alpha"]
    alpha.git(pair.repository, "config", "hookkit.mirror.diverged", "overwrite")
    work = pusher(pair)
    first = work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    pair["bravo"].git(pair.repository, "config", "remote.alpha.hookkit", "off")
    theirs = work.commit("theirs")
    work.git("push", "bravo", "+HEAD:refs/heads/main")
    work.git("reset", "--quiet", "--hard", first)
    work.commit("ours")
    work.git("push", "alpha", "+HEAD:refs/heads/main")
    assert pair.is_equal()
    assert list(alpha.refs(pair.repository, "refs/hookkit/keep/").values()) == [theirs]


@pytest.mark.timeout(100 + 10 * ROUNDS)
def test_two_people_at_once(pair: Cluster, client: Client) -> None:
    """Each round, two commits race for one branch on two servers. Both may be acknowledged; both must then exist."""
    copies = {}
    seed = client.clone(pair["alpha"].url(pair.repository), "seed")
    base = seed.commit("base")
    seed.push("origin", "HEAD:refs/heads/main")
    for node in pair:
        copies[node.name] = client.clone(node.url(pair.repository), f"at-{node.name}")
    destroyed, unseen, both = [], [], 0
    for number in range(ROUNDS):
        branch = f"refs/heads/round-{number}"
        commits, acknowledged = {}, {}
        for name, copy in copies.items():
            copy.git("reset", "--quiet", "--hard", base)
            commits[name] = copy.commit(f"{name} {number}")

        def push(name: str, branch: str = branch, acknowledged: dict[str, bool] = acknowledged) -> None:
            acknowledged[name] = copies[name].push("origin", f"HEAD:{branch}", check=False).status == 0

        threads = [threading.Thread(target=push, args=(name,)) for name in copies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refs = pair.refs()
        there = {refs[name].get(branch) for name in copies}
        destroyed += [commits[name] for name, ok in acknowledged.items() if ok and commits[name] not in there]
        both += all(acknowledged.values())
        if len(there) > 1:
            held = [name for name in copies if "diverged" in states(pair, name).values()]
            if not held:
                unseen.append(number)
    assert not destroyed
    assert not unseen
    assert both, "no round was a race"
