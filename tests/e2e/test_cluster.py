"""The same refs on every node, whatever happens. Real git, real sshd."""

import json
from collections.abc import Callable

import pytest
from support.client import WorkingCopy
from support.cluster import Cluster
from support.poll import until

Clusters = Callable[..., Cluster]
Pusher = Callable[[Cluster], WorkingCopy]
Pushed = Callable[[int], tuple[Cluster, WorkingCopy]]


@pytest.mark.parametrize("count", [2, 3])
def test_each_kind_of_change_arrives(peers: Clusters, pusher: Pusher, count: int) -> None:
    nodes = peers(count)
    work = pusher(nodes)
    work.commit("first")
    for node in nodes:
        name = node.name
        work.git("push", name, f"HEAD:refs/heads/of-{name}", "+HEAD:refs/heads/main")
        assert nodes.is_equal(*Cluster.EVERYTHING), nodes.refs(*Cluster.EVERYTHING)
        work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", f"another history {name}")
        work.git("tag", "-a", "-f", "-m", "annotated", "heavy")
        work.git("tag", "-f", "light")
        work.git("tag", "-f", "of-a-tree", "HEAD^{tree}")
        work.git("push", name, f"+HEAD:refs/heads/of-{name}", "+refs/tags/*:refs/tags/*")
        assert nodes.is_equal(*Cluster.EVERYTHING), nodes.refs(*Cluster.EVERYTHING)
        work.git("push", name, f":refs/heads/of-{name}", ":refs/tags/heavy")
        assert nodes.is_equal(*Cluster.EVERYTHING), nodes.refs(*Cluster.EVERYTHING)
        work.commit(f"more from {name}")
    nodes.verify()


def clash(nodes: Cluster, work: WorkingCopy, first: str, second: str) -> tuple[str, str]:
    """Two commits on one branch, one pushed to each of two nodes that do not reach each other; what was pushed."""
    work.commit("base")
    work.git("push", first, "+HEAD:refs/heads/main")
    base = work.oid()
    nodes[second].stop()
    ours = work.commit(f"on {first}")
    work.git("push", first, "HEAD:refs/heads/main")
    nodes[second].start()
    nodes[first].stop()
    work.git("reset", "--quiet", "--hard", base)
    theirs = work.commit(f"on {second}")
    work.git("push", second, "HEAD:refs/heads/main")
    nodes[first].start()
    return ours, theirs


def test_pushes_that_met_are_both_there(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(3)
    work = pusher(nodes)
    ours, theirs = clash(nodes, work, "alpha", "bravo")
    nodes.sync()
    nodes.verify()
    charlie = nodes["charlie"]
    refs = charlie.refs(nodes.repository, *Cluster.EVERYTHING)
    kept = {ref: oid for ref, oid in refs.items() if ref.startswith("refs/conflicts/")}
    assert {refs["refs/heads/main"], *kept.values()} == {ours, theirs}
    assert len(kept) == 1
    (ref,) = kept
    assert ref in charlie.hookkit(nodes.repository, "status").stdout
    assert ref.removeprefix("refs/conflicts/") in charlie.hookkit(nodes.repository, "cluster", "conflicts").stdout
    work.git("fetch", "--quiet", "bravo", "refs/heads/main")
    work.git("reset", "--quiet", "--hard", "FETCH_HEAD")
    work.commit("by somebody else")
    said = work.git("push", "bravo", "HEAD:refs/heads/main").stderr
    assert f"is still kept as {ref}" in said
    refs = charlie.refs(nodes.repository, *Cluster.EVERYTHING)
    # Merged and pushed anywhere, it is gone everywhere.
    work.git("fetch", "charlie", "refs/heads/main", ref)
    work.git("reset", "--quiet", "--hard", refs["refs/heads/main"])
    work.git("merge", "--quiet", "-s", "ours", "-m", "both", kept[ref])
    work.git("push", "charlie", "HEAD:refs/heads/main")
    assert nodes.is_equal(*Cluster.EVERYTHING), nodes.refs(*Cluster.EVERYTHING)
    assert not nodes["alpha"].refs(nodes.repository, "refs/conflicts/")
    nodes.verify()


def test_a_conflict_is_dropped_everywhere(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(2)
    work = pusher(nodes)
    clash(nodes, work, "alpha", "bravo")
    nodes["alpha"].hookkit(nodes.repository, "mirror", "sync", check=False)
    assert nodes.is_equal(*Cluster.EVERYTHING), nodes.refs(*Cluster.EVERYTHING)
    (ref,) = nodes["bravo"].refs(nodes.repository, "refs/conflicts/")
    work.git("push", "bravo", f":{ref}")
    assert nodes.is_equal(*Cluster.EVERYTHING), nodes.refs(*Cluster.EVERYTHING)
    assert not nodes["alpha"].refs(nodes.repository, "refs/conflicts/")
    nodes.verify()


def test_a_deleted_branch_does_not_come_back_from_a_node_that_was_away(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(3)
    work = pusher(nodes)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/gone")
    nodes["charlie"].stop()
    work.git("push", "bravo", ":refs/heads/gone")
    nodes["charlie"].start()
    nodes["charlie"].hookkit(nodes.repository, "mirror", "sync")
    nodes.verify()
    assert "refs/heads/gone" not in nodes["alpha"].refs(nodes.repository)


def test_nor_from_one_that_was_copied_before_the_deletion(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(2)
    work = pusher(nodes)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/gone")
    bravo = nodes["bravo"]
    # A mirror clone, without journals, that becomes a node after the deletion.
    for ref in bravo.refs(nodes.repository, "refs/hookkit/"):
        bravo.git(nodes.repository, "update-ref", "-d", ref)
    bravo.run("rm", "-rf", str(bravo.path(nodes.repository) / "hookkit" / "cluster"))
    bravo.git(nodes.repository, "config", "hookkit.node", "november")
    bravo.stop()
    work.git("push", "alpha", ":refs/heads/gone")
    bravo.start()
    alpha = nodes["alpha"]
    with (alpha.home / ".config/hookkit/signers").open("a") as file:
        file.write(f"november {' '.join(bravo.public_key.split()[:2])}\n")
    with (bravo.home / ".config/hookkit/signers").open("a") as file:
        file.write(f"bravo {' '.join(bravo.public_key.split()[:2])}\n")
    bravo.hookkit(nodes.repository, "mirror", "sync")
    assert nodes.is_equal(*Cluster.EVERYTHING), nodes.refs(*Cluster.EVERYTHING)
    assert "refs/heads/gone" not in alpha.refs(nodes.repository)


def test_a_sync_of_many_repositories_takes_what_peers_have(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(2)
    work = pusher(nodes)
    bravo = nodes["bravo"]
    work.commit("first")
    bravo.stop()
    work.git("push", "alpha", "HEAD:refs/heads/main")
    bravo.start()
    done = bravo.hookkit(nodes.repository, "mirror", "sync", "--all", str(bravo.path(nodes.repository).parent))
    assert done.stdout.splitlines()[-1].endswith(": all in sync")
    assert nodes.is_equal(*Cluster.EVERYTHING), nodes.refs(*Cluster.EVERYTHING)


def test_nor_from_one_that_was_restored_from_yesterdays_backup(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(2)
    work = pusher(nodes)
    work.commit("first")
    work.git("push", "bravo", "HEAD:refs/heads/main", "HEAD:refs/heads/gone")
    bravo = nodes["bravo"]
    path = bravo.path(nodes.repository)
    backup = path.with_name("backup")
    bravo.run("cp", "-a", str(path), str(backup))
    work.git("push", "bravo", ":refs/heads/gone", "HEAD:refs/heads/later")
    bravo.run("rm", "-rf", str(path))
    bravo.run("mv", str(backup), str(path))
    # Somebody pushes before anybody has noticed: its journal forks.
    work.commit("second")
    pushed = work.git("push", "bravo", "HEAD:refs/heads/main")
    assert "restored from a backup" in pushed.stderr
    said = bravo.hookkit(nodes.repository, "mirror", "sync")
    assert "restored from a backup" in said.stderr
    nodes.verify()
    assert {*nodes["alpha"].refs(nodes.repository, "refs/heads/")} == {"refs/heads/main", "refs/heads/later"}
    assert nodes["alpha"].refs(nodes.repository)["refs/heads/main"] == work.oid()


def test_names_that_cannot_coexist(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(2)
    work = pusher(nodes)
    work.commit("base")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    nodes["bravo"].stop()
    work.git("push", "alpha", "HEAD:refs/heads/a")
    nodes["bravo"].start()
    nodes["alpha"].stop()
    work.commit("below")
    work.git("push", "bravo", "HEAD:refs/heads/a/b")
    nodes["alpha"].start()
    nodes.sync()
    nodes.verify()
    refs = nodes["alpha"].refs(nodes.repository, *Cluster.EVERYTHING)
    assert refs["refs/heads/a/b"] == work.oid()
    assert any(ref.startswith("refs/conflicts/alpha.") for ref in refs)
    # A name gives way to what is below it, and back, in one push.
    work.git("push", "bravo", ":refs/heads/a/b")
    nodes.verify()
    assert "refs/heads/a" in nodes["bravo"].refs(nodes.repository)


def test_merging_is_done_by_one_node(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(2)
    for node in nodes:
        node.git(nodes.repository, "config", "hookkit.cluster.conflict", "merge")
    work = pusher(nodes)
    ours, theirs = clash(nodes, work, "alpha", "bravo")
    nodes.sync()
    nodes.verify()
    assert not nodes["bravo"].refs(nodes.repository, "refs/conflicts/")
    parents = nodes["bravo"].git(nodes.repository, "rev-parse", "main^@").stdout.split()
    assert {*parents} == {ours, theirs}


def test_the_cache_can_be_deleted(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(2)
    work = pusher(nodes)
    clash(nodes, work, "alpha", "bravo")
    nodes.sync()
    before = nodes.refs()
    for name, damage in (("alpha", b""), ("bravo", b"no database at all" * 1000)):
        state = nodes[name].path(nodes.repository) / "hookkit/cluster/state.sqlite"
        for suffix in ("", "-wal", "-shm"):
            state.with_name(state.name + suffix).unlink(missing_ok=True)
        if damage:
            state.write_bytes(damage)
        nodes.sync()
        nodes.verify()
        assert nodes.refs() == before
    work.commit("after")
    work.git("push", "alpha", "+HEAD:refs/heads/main")
    nodes.verify()


def test_a_plain_mirror_beside(peers: Clusters, pusher: Pusher, lab: object) -> None:
    nodes = peers(2)
    plain = lab.node("plain")  # type: ignore[attr-defined]
    plain.create_repository(nodes.repository)
    for node in nodes:
        node.git(nodes.repository, "remote", "add", "plain", plain.url(nodes.repository))
    work = pusher(nodes)
    work.commit("first")
    for node in nodes:
        work.git("push", node.name, f"HEAD:refs/heads/of-{node.name}")
    nodes.verify()
    assert plain.refs(nodes.repository) == nodes["alpha"].refs(nodes.repository, "refs/heads/")


def test_a_merge_by_command_goes_to_a_plain_mirror_too(peers: Clusters, pusher: Pusher, lab: object) -> None:
    nodes = peers(2)
    plain = lab.node("plain")  # type: ignore[attr-defined]
    plain.create_repository(nodes.repository)
    alpha = nodes["alpha"]
    alpha.git(nodes.repository, "remote", "add", "plain", plain.url(nodes.repository))
    work = pusher(nodes)
    pair = clash(nodes, work, "alpha", "bravo")
    nodes.sync()
    (kept,) = alpha.refs(nodes.repository, "refs/conflicts/")
    alpha.hookkit(nodes.repository, "cluster", "conflicts", "merge", kept)
    nodes.verify()
    assert plain.refs(nodes.repository) == alpha.refs(nodes.repository, "refs/heads/")
    assert {*plain.git(nodes.repository, "rev-parse", "main^@").stdout.split()} == {*pair}


def test_only_one_side_can_reach_the_other(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(2)
    nodes["alpha"].git(nodes.repository, "remote", "remove", "bravo")
    work = pusher(nodes)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    nodes["bravo"].hookkit(nodes.repository, "mirror", "sync")
    nodes.verify()
    assert nodes["bravo"].refs(nodes.repository)["refs/heads/main"] == work.oid()


def test_a_peer_that_carries_nothing_out_is_found(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(2)
    alpha, bravo = nodes
    work = pusher(nodes)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    bravo.git(nodes.repository, "config", "hookkit.cluster.enabled", "false")
    work.commit("second")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    for command in (("mirror", "sync"), ("mirror", "sync", "--all", str(alpha.home)), ("doctor",)):
        done = alpha.hookkit(nodes.repository, *command, check=False)
        assert done.status == 1, command
        assert "not carried out: main is" in done.stdout + done.stderr, command
    bravo.git(nodes.repository, "config", "hookkit.cluster.enabled", "true")
    bravo.hookkit(nodes.repository, "mirror", "sync")
    assert "not carried out" not in alpha.hookkit(nodes.repository, "mirror", "sync").stderr
    nodes.verify()


def test_the_default_branch_is_the_same(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(2)
    work = pusher(nodes)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/trunk")
    nodes["alpha"].git(nodes.repository, "symbolic-ref", "HEAD", "refs/heads/trunk")
    nodes["alpha"].hookkit(nodes.repository, "mirror", "sync")
    assert nodes["bravo"].git(nodes.repository, "symbolic-ref", "HEAD").stdout.strip() == "refs/heads/trunk"


def test_unrelated_repositories_are_refused(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(2)
    work = pusher(nodes)
    nodes["bravo"].stop()
    work.commit("one history")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    nodes["bravo"].start()
    nodes["alpha"].stop()
    work.git("checkout", "--quiet", "--orphan", "other")
    work.commit("another history")
    work.git("push", "bravo", "HEAD:refs/heads/main")
    nodes["alpha"].start()
    said = nodes["alpha"].hookkit(nodes.repository, "mirror", "sync", check=False)
    assert said.status == 1
    assert "not one commit in common" in said.stdout + said.stderr
    for node in nodes:
        node.git(nodes.repository, "config", "hookkit.cluster.allow-unrelated", "true")
    nodes.sync()
    nodes.verify()


def test_nodes_with_content_become_peers(cluster: Clusters, pusher: Pusher) -> None:
    nodes = cluster(2, install=False)
    work = pusher(nodes)
    work.commit("shared")
    for node in nodes:
        work.git("push", node.name, "HEAD:refs/heads/main", f"HEAD:refs/heads/of-{node.name}")
        work.commit(f"only on {node.name}")
        work.git("push", node.name, "HEAD:refs/heads/main")
        work.git("reset", "--quiet", "--hard", "HEAD^")
    nodes.pair_up()
    nodes.sync()
    nodes.verify()
    refs = nodes["alpha"].refs(nodes.repository, *Cluster.EVERYTHING)
    assert {"refs/heads/of-alpha", "refs/heads/of-bravo"} < {*refs}
    assert sum(ref.startswith("refs/conflicts/") for ref in refs) == 1


def test_a_journal_begins_anew_and_a_secret_is_gone(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(3)
    work = pusher(nodes)
    clash(nodes, work, "alpha", "bravo")
    nodes.sync()
    work.git("tag", "-a", "-m", "annotated", "v1")
    secret = work.commit("secret")
    work.git("push", "alpha", "HEAD:refs/heads/oops", "v1")
    work.git("push", "bravo", ":refs/heads/oops")
    work.git("reset", "--quiet", "--hard", "HEAD^")
    before = nodes.refs(*Cluster.EVERYTHING)
    for node in nodes:
        said = node.hookkit(nodes.repository, "cluster", "compact").stdout
        assert "begins anew" in said
        nodes.verify()
    assert "nothing to do" in nodes["alpha"].hookkit(nodes.repository, "cluster", "compact").stdout
    nodes.sync()
    nodes.verify()
    assert nodes.refs(*Cluster.EVERYTHING) == before
    for node in nodes:
        node.git(nodes.repository, "reflog", "expire", "--expire=now", "--all")
        node.git(nodes.repository, "gc", "--quiet", "--prune=now")
        assert node.git(nodes.repository, "cat-file", "-e", secret, check=False).status != 0, node.name
    # All goes on: pushes, a rebuilt cache, the conflict that is still there.
    for node in nodes:
        work.commit(f"after {node.name}")
        work.git("push", node.name, "+HEAD:refs/heads/next")
        nodes.verify()
    (nodes["bravo"].path(nodes.repository) / "hookkit/cluster/state.sqlite").unlink()
    nodes.sync()
    nodes.verify()
    (ref,) = nodes["charlie"].refs(nodes.repository, "refs/conflicts/")
    work.git("push", "charlie", f":{ref}")
    nodes.verify()


def test_a_node_that_was_away_is_brought_back_by_a_checkpoint(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(3)
    work = pusher(nodes)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/gone", "HEAD:refs/heads/stays")
    nodes["charlie"].stop()
    work.commit("second")
    work.git("push", "bravo", "HEAD:refs/heads/main", ":refs/heads/gone")
    for name in ("alpha", "bravo"):
        nodes[name].hookkit(nodes.repository, "cluster", "compact")
        nodes[name].git(nodes.repository, "gc", "--quiet", "--prune=now")
    work.commit("third")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    nodes["charlie"].start()
    for name in ("alpha", "bravo"):
        nodes[name].stop()
    work.git("push", "charlie", "HEAD:refs/heads/of-charlie")
    for name in ("alpha", "bravo"):
        nodes[name].start()
    nodes["charlie"].hookkit(nodes.repository, "mirror", "sync")
    nodes.sync()
    nodes.verify()
    refs = nodes["charlie"].refs(nodes.repository, "refs/heads/")
    assert {*refs} == {f"refs/heads/{name}" for name in ("main", "stays", "of-charlie")}
    assert refs["refs/heads/main"] == work.oid()


def test_a_node_that_will_not_come_back(pushed: Pushed) -> None:
    nodes, _ = pushed(3)
    bravo = nodes["bravo"]
    assert "is forgotten" in bravo.hookkit(nodes.repository, "cluster", "forget", "alpha").stdout
    nodes.verify()
    assert "alpha (forgotten)" in nodes["charlie"].hookkit(nodes.repository, "cluster", "status").stdout
    assert "already" in bravo.hookkit(nodes.repository, "cluster", "forget", "alpha").stdout
    assert bravo.hookkit(nodes.repository, "cluster", "forget", "nobody", check=False).status == 2
    # The rest of what the guide says: its remote and its key go, and nothing is said to be wrong then.
    bravo.git(nodes.repository, "remote", "remove", "alpha")
    signers = bravo.home / ".config/hookkit/signers"
    signers.write_text("".join(line for line in signers.read_text().splitlines(True) if not line.startswith("alpha ")))
    bravo.hookkit(nodes.repository, "cluster", "verify")
    found = json.loads(bravo.hookkit(nodes.repository, "doctor", "--json", check=False).stdout)
    assert [each["verdict"] for each in found if each["name"] == "cluster signers"] == ["ok"]


def test_a_worker_delivers_when_the_peer_is_back(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(3)
    work = pusher(nodes)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/gone")
    for node in nodes:
        node.git(nodes.repository, "config", "hookkit.mirror.worker", "true")
    nodes["bravo"].stop()
    for number in range(3):
        work.commit(f"change {number}")
        work.git("push", "alpha", "HEAD:refs/heads/main")
    work.git("push", "charlie", ":refs/heads/gone", "HEAD:refs/heads/of-charlie")
    nodes["bravo"].start()
    until(lambda: nodes.is_equal(*Cluster.EVERYTHING), f"not everything arrives: {nodes.refs(*Cluster.EVERYTHING)}")
    nodes.verify()


def test_with_gitolite(peers: Clusters, pusher: Pusher) -> None:
    nodes = peers(2, kind="gitolite")
    work = pusher(nodes)
    ours, theirs = clash(nodes, work, "alpha", "bravo")
    nodes.sync()
    nodes.verify()
    (ref,) = nodes["bravo"].refs(nodes.repository, "refs/conflicts/")
    entry = nodes["bravo"].hookkit(nodes.repository, "cluster", "log").stdout
    assert "dana" in entry
    work.git("push", "bravo", f":{ref}")
    nodes.verify()
    assert not nodes["alpha"].refs(nodes.repository, "refs/conflicts/")
    assert {ours, theirs} > {*nodes["alpha"].refs(nodes.repository, "refs/heads/main").values()}
