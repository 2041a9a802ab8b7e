"""What is pushed to any node arrives at all others, exactly, in one push each. Real git, real sshd."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from support.client import Client, WorkingCopy
from support.cluster import Cluster
from support.commands import Done

Clusters = Callable[..., Cluster]
Pusher = Callable[[Cluster], WorkingCopy]

ODD_NAMES = ("--upload-pack=x", "it's", 'say-"hi"', "größe-日本", "100%25", "$(id)", "a;b&c|d", "-", "e\u2028f")


@contextmanager
def pushes_counted(cluster: Cluster, target: str) -> Iterator[None]:
    """One command over ssh on every node: the client's push on ``target``, a mirror push on the others."""
    before = cluster.sessions()
    yield
    seen = {name: count - before[name] for name, count in cluster.sessions().items()}
    assert seen == dict.fromkeys(seen, 1), f"pushed to {target}"


def check(cluster: Cluster, target: str, push: Done) -> None:
    """All nodes are equal, and the pusher saw one line for each of the others."""
    assert cluster.is_equal(), cluster.refs()
    others = {node.name for node in cluster if node.name != target}
    said = [line for line in push.remote if line.startswith("hookkit: ")]
    assert {line.split()[1] for line in said} == others
    assert len(said) == len(others), said
    assert all(" ok " in line for line in said), said


def meet(cluster: Cluster, work: WorkingCopy) -> None:
    """The first contact: every node compares once with each of the others."""
    work.commit("first")
    for node in cluster:
        work.git("push", node.name, f"HEAD:refs/heads/met-{node.name}")
    assert cluster.is_equal(), cluster.refs()


@pytest.mark.parametrize("count", [2, 3])
def test_each_kind_of_change_from_each_node(cluster: Clusters, pusher: Pusher, count: int) -> None:
    nodes = cluster(count)
    work = pusher(nodes)
    meet(nodes, work)

    def push(target: str, *args: str) -> None:
        with pushes_counted(nodes, target):
            done = work.git("push", target, *args)
        check(nodes, target, done)

    for node in nodes:
        name, branch = node.name, f"refs/heads/of-{node.name}"
        push(name, f"HEAD:{branch}")
        work.commit(f"more for {name}")
        push(name, f"HEAD:{branch}")
        work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "another history")
        push(name, f"+HEAD:{branch}")
        work.git("tag", "-f", "light")
        work.git("tag", "-f", "-a", "-m", "annotated", "heavy")
        push(name, "+refs/tags/light", "+refs/tags/heavy")
        work.commit(f"still more for {name}")
        work.git("tag", "-f", "light")
        work.git("tag", "-f", "-a", "-m", "moved", "heavy")
        push(name, "+refs/tags/light", "+refs/tags/heavy", f"HEAD:{branch}")
        push(name, ":refs/tags/light", ":refs/tags/heavy")
        work.git("notes", "add", "-f", "-m", f"a note from {name}")
        push(name, "refs/notes/commits")
        push(name, f":{branch}", f"HEAD:refs/heads/next-{name}")
    # Nobody fetched anything into a bare repository.
    assert all(not refs for refs in nodes.refs("refs/remotes/").values())


@pytest.mark.parametrize("count", [2, 3])
def test_two_thousand_refs_at_once(cluster: Clusters, pusher: Pusher, count: int) -> None:
    nodes = cluster(count)
    work = pusher(nodes)
    meet(nodes, work)
    oid = work.oid()
    work.git("update-ref", "--stdin", stdin="".join(f"create refs/heads/many/{n} {oid}\n" for n in range(2000)))
    for node in nodes:
        node.git(nodes.repository, "config", "hookkit.mirror.wait", "60")
    with pushes_counted(nodes, "alpha"):
        done = work.git("push", "alpha", "refs/heads/many/*:refs/heads/many/*")
    check(nodes, "alpha", done)
    with pushes_counted(nodes, "bravo"):
        done = work.git("push", "bravo", "--delete", *(f"refs/heads/many/{n}" for n in range(1000)))
    check(nodes, "bravo", done)


def test_the_first_push_into_empty_repositories(trio: Cluster, pusher: Pusher) -> None:
    work = pusher(trio)
    work.commit("the very first")
    check(trio, "bravo", work.git("push", "bravo", "HEAD:refs/heads/main"))
    assert trio.refs()["charlie"] == {"refs/heads/main": work.oid()}


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names(pair: Cluster, pusher: Pusher, name: str) -> None:
    work = pusher(pair)
    meet(pair, work)
    ref = f"refs/heads/{name}"
    check(pair, "alpha", work.git("push", "alpha", f"HEAD:{ref}"))
    assert pair.refs(ref)["bravo"] == {ref: work.oid()}
    work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "changed")
    check(pair, "bravo", work.git("push", "bravo", f"+HEAD:{ref}"))
    check(pair, "alpha", work.git("push", "alpha", f":{ref}"))
    assert pair.refs(ref)["bravo"] == {}


def test_a_remote_that_takes_no_push_options(trio: Cluster, pusher: Pusher) -> None:
    work = pusher(trio)
    trio["bravo"].git(trio.repository, "config", "receive.advertisePushOptions", "false")
    work.commit("first")
    check(trio, "alpha", work.git("push", "alpha", "HEAD:refs/heads/main"))
    work.commit("second")
    before = trio["bravo"].sessions()
    check(trio, "alpha", work.git("push", "alpha", "HEAD:refs/heads/main"))
    # Learned: no push is wasted on asking again. (charlie passes nothing on: its trail says that bravo is served.)
    assert trio["bravo"].sessions() - before == 1
    # bravo does not know where the push came from. It passes it on, and that ends, since all is there already.
    assert trio.is_equal()


def test_remotes_with_other_names_end_too(cluster: Clusters, pusher: Pusher) -> None:
    nodes = cluster(3, install=False)
    for node in nodes:
        for index, remote in enumerate(node.git(nodes.repository, "remote").stdout.split()):
            node.git(nodes.repository, "remote", "rename", remote, f"backup{index}")
        node.hookkit(nodes.repository, "install")
    work = pusher(nodes)
    for number in range(3):
        work.commit(f"change {number}")
        for node in nodes:
            work.git("push", node.name, f"HEAD:refs/heads/main-{node.name}")
            assert nodes.is_equal()


def test_a_forged_trail_delays_and_does_not_prevent(pair: Cluster, pusher: Pusher) -> None:
    work = pusher(pair)
    meet(pair, work)
    forged = ("push", "-o", "hookkit-trail=1;push=x;seen=;nodes=bravo;urls=", "alpha")
    work.commit("forged")
    work.git(*forged, "HEAD:refs/heads/main")
    assert not pair.is_equal()
    pair["alpha"].hookkit(pair.repository, "mirror", "sync")
    assert pair.is_equal()
    # Neither does it make anybody forget what was replaced and deleted.
    work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "another history")
    work.git(*forged, "+HEAD:refs/heads/main", ":refs/heads/met-bravo")
    work.commit("more")
    work.git(*forged, "HEAD:refs/heads/main")
    assert not pair.is_equal()
    pair["alpha"].hookkit(pair.repository, "mirror", "sync")
    assert pair.is_equal()


def test_a_chain_passes_it_on(cluster: Clusters, pusher: Pusher) -> None:
    nodes = cluster(4)
    chain = [node.name for node in nodes]
    for position, node in enumerate(nodes):
        for name in chain:
            if abs(chain.index(name) - position) > 1:
                node.git(nodes.repository, "remote", "remove", name)
    work = pusher(nodes)
    for name in chain:
        work.commit(f"to {name}")
        work.git("push", name, "HEAD:refs/heads/main")
        assert nodes.is_equal(), nodes.refs()


def test_gitolite(cluster: Clusters, pusher: Pusher) -> None:
    nodes = cluster(2, kind="gitolite")
    work = pusher(nodes)
    meet(nodes, work)
    work.git("tag", "-a", "-m", "one", "v1")
    with pushes_counted(nodes, "alpha"):
        done = work.git("push", "alpha", "HEAD:refs/heads/main", "v1")
    check(nodes, "alpha", done)
    work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "rewritten")
    check(nodes, "bravo", work.git("push", "bravo", "+HEAD:refs/heads/main", ":refs/tags/v1"))


def test_plain_mirror_without_hookkit(cluster: Clusters, pusher: Pusher) -> None:
    nodes = cluster(2, install=False)
    nodes["alpha"].hookkit(nodes.repository, "install", "--node", "alpha")
    work = pusher(nodes)
    work.commit("one way")
    check(nodes, "alpha", work.git("push", "alpha", "HEAD:refs/heads/main"))
    work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "forced")
    check(nodes, "alpha", work.git("push", "alpha", "+HEAD:refs/heads/main", "HEAD:refs/heads/other"))


def test_only_what_is_asked_for(pair: Cluster, pusher: Pusher) -> None:
    alpha = pair["alpha"]
    alpha.git(pair.repository, "config", "--add", "hookkit.mirror.refs", "refs/heads/*")
    alpha.git(pair.repository, "config", "--add", "hookkit.mirror.refs", "!refs/heads/private/*")
    work = pusher(pair)
    work.commit("first")
    work.git("tag", "v1")
    work.git("push", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/private/x", "v1")
    assert pair.refs()["bravo"] == {"refs/heads/main": work.oid()}


def test_a_remote_that_is_off(pair: Cluster, pusher: Pusher) -> None:
    pair["alpha"].git(pair.repository, "config", "remote.bravo.hookkit", "off")
    work = pusher(pair)
    work.commit("first")
    done = work.git("push", "alpha", "HEAD:refs/heads/main")
    assert pair.refs()["bravo"] == {}
    assert not done.remote


def test_clone_of_each_node_is_complete(trio: Cluster, pusher: Pusher, client: Client) -> None:
    work = pusher(trio)
    meet(trio, work)
    for node in trio:
        clone = client.clone(node.url(trio.repository), f"clone-of-{node.name}")
        clone.git("fsck", "--full", "--strict")
