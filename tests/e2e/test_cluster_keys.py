"""A node without a key, and one whose key others do not know: nothing is lost, and somebody is told. Real git, real sshd."""

from collections.abc import Callable

from support.client import WorkingCopy
from support.cluster import Cluster

Clusters = Callable[..., Cluster]
Pusher = Callable[[Cluster], WorkingCopy]


def beginning(peers: Clusters, pusher: Pusher) -> tuple[Cluster, WorkingCopy]:
    """Two nodes that have met."""
    nodes = peers(2)
    work = pusher(nodes)
    work.commit("first")
    for node in nodes:
        work.git("push", node.name, f"HEAD:refs/heads/of-{node.name}")
    return nodes, work


def test_a_node_whose_key_is_not_known_is_named(peers: Clusters, pusher: Pusher) -> None:
    nodes, work = beginning(peers, pusher)
    (nodes["bravo"].home / ".config/hookkit/signers").unlink()
    work.commit("second")
    done = work.git("push", "alpha", "HEAD:refs/heads/main")
    assert "hookkit setup trust alpha FILE.pub" in done.stderr
    assert "refused" in nodes["alpha"].hookkit(nodes.repository, "status").stdout
    assert "cluster signers" in nodes["bravo"].hookkit(nodes.repository, "doctor", check=False).stdout
    nodes.trust(nodes["bravo"])
    nodes.sync()
    nodes.verify()


def test_without_a_key_nothing_is_sent_and_nothing_is_lost(peers: Clusters, pusher: Pusher) -> None:
    nodes, work = beginning(peers, pusher)
    alpha = nodes["alpha"]
    away = alpha.key.with_name("away")
    alpha.git(nodes.repository, "config", "hookkit.cluster.key", str(away))
    work.commit("second")
    done = work.git("push", "alpha", "HEAD:refs/heads/main")
    assert "no key to sign its journal with" in done.stderr
    alpha.git(nodes.repository, "config", "--unset", "hookkit.cluster.key")
    work.git("push", "alpha", "HEAD:refs/heads/other")
    nodes.verify()
    assert nodes["bravo"].refs(nodes.repository)["refs/heads/main"] == work.oid()
