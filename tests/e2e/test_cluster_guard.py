"""Who may write what below ``refs/hookkit/``: a node its own journal, nobody else anything. Real git, real sshd."""

from collections.abc import Callable

import pytest
from support.client import WorkingCopy
from support.cluster import Cluster

JOURNAL = "refs/hookkit/journal"


@pytest.fixture
def nodes(peers: Callable[..., Cluster]) -> Cluster:
    return peers(2)


@pytest.fixture
def work(nodes: Cluster, pusher: Callable[[Cluster], WorkingCopy]) -> WorkingCopy:
    work = pusher(nodes)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    work.commit("second")
    work.git("push", "bravo", "HEAD:refs/heads/main")
    work.git("fetch", "--quiet", "alpha", f"{JOURNAL}/*:refs/journals/*")
    return work


@pytest.mark.parametrize(
    ("refspec", "reason"),
    [
        (f"+HEAD:{JOURNAL}/alpha", "not the journal of alpha that is known here"),
        (f"+refs/journals/alpha^:{JOURNAL}/alpha", "not the journal of alpha that is known here"),
        (f":{JOURNAL}/alpha", "never deleted"),
        (f"refs/journals/alpha:{JOURNAL}/mallory", "it is signed by alpha, which signs for no other node"),
        (f"HEAD:{JOURNAL}/mallory", "it is not signed"),
        (f"+refs/journals/alpha:{JOURNAL}/bravo", "not the journal of bravo"),
        (f"HEAD:{JOURNAL}/-x", "hookkit's own"),
        (f"HEAD:{JOURNAL}/a/b", "hookkit's own"),
        ("HEAD:refs/hookkit/anything", "hookkit's own"),
        ("HEAD:refs/conflicts/alpha.1/heads/main", "made by hookkit"),
    ],
)
def test_nobody_writes_it(nodes: Cluster, work: WorkingCopy, refspec: str, reason: str) -> None:
    before = nodes.refs("refs/")
    done = work.git("push", "bravo", "-o", "hookkit-trail=1;push=00;seen=;nodes=alpha;urls=", refspec, check=False)
    assert done.status == 1
    assert reason in done.stderr
    assert nodes.refs("refs/") == before


def forged(work: WorkingCopy, key: str, *, message: str, parent: str) -> str:
    """An entry that somebody made by hand and signed with ``key``."""
    tree = work.git("rev-parse", f"{parent}^{{tree}}").stdout.strip()
    flags = ("-c", "gpg.format=ssh", "-c", f"user.signingKey={key}")
    return work.git(*flags, "commit-tree", "-S", "-p", parent, tree, stdin=message).stdout.strip()


def entry(node: str, seq: int, *lines: str) -> str:
    return "\n".join((f"{node} {seq}: forged", "", f"node {node}", f"seq {seq}", "time 1764000000000", *lines, ""))


def test_a_nodes_key_signs_for_its_own_name_only(nodes: Cluster, work: WorkingCopy) -> None:
    key = str(nodes["alpha"].key)
    tip = work.git("rev-parse", "refs/journals/bravo").stdout.strip()
    oid = forged(work, key, message=entry("bravo", 99), parent=tip)
    done = work.git("push", "bravo", f"{oid}:{JOURNAL}/bravo", check=False)
    assert done.status == 1
    assert "it is signed by alpha" in done.stderr
    stranger = str(work.client.key)
    oid = forged(work, stranger, message=entry("alpha", 99), parent="refs/journals/alpha")
    done = work.git("push", "bravo", f"{oid}:{JOURNAL}/alpha", check=False)
    assert "not signed with a key of alpha" in done.stderr


@pytest.mark.parametrize(
    "message",
    [
        "nothing of an entry",
        entry("alpha", 77),
        entry("bravo", 3),
        entry("alpha", 3, f"update - {'0' * 39}x refs/heads/x"),
        entry("alpha", 3, f"update - {'1' * 40} refs/hookkit/journal/bravo"),
        entry("alpha", 3, f"update - {'1' * 40} refs/heads/a..b"),
        entry("alpha", 3, "past bravo one 1234"),
    ],
)
def test_a_broken_entry_is_refused_even_if_signed(nodes: Cluster, work: WorkingCopy, message: str) -> None:
    oid = forged(work, str(nodes["alpha"].key), message=message, parent="refs/journals/alpha")
    done = work.git("push", "bravo", f"{oid}:{JOURNAL}/alpha", check=False)
    assert done.status == 1, done.stderr
    assert "refused by cluster" in done.stderr
    work.commit("third")
    work.git("push", "bravo", "HEAD:refs/heads/main")
    nodes.verify()


def test_an_ordinary_clone_does_not_get_it(nodes: Cluster, work: WorkingCopy) -> None:
    clone = work.client.clone(nodes["alpha"].url(nodes.repository), "ordinary")
    assert "hookkit" not in clone.git("for-each-ref").stdout


def test_a_node_whose_key_is_not_known_is_named(nodes: Cluster, work: WorkingCopy) -> None:
    (nodes["bravo"].home / ".config/hookkit/signers").unlink()
    work.commit("third")
    done = work.git("push", "alpha", "HEAD:refs/heads/main")
    assert "hookkit setup trust alpha FILE.pub" in done.stderr
    assert "refused" in nodes["alpha"].hookkit(nodes.repository, "status").stdout
    assert "cluster signers" in nodes["bravo"].hookkit(nodes.repository, "doctor", check=False).stdout
    nodes.trust(nodes["bravo"])
    nodes.sync()
    nodes.verify()


def test_without_a_key_nothing_is_sent_and_nothing_is_lost(nodes: Cluster, work: WorkingCopy) -> None:
    alpha = nodes["alpha"]
    away = alpha.key.with_name("away")
    alpha.git(nodes.repository, "config", "hookkit.cluster.key", str(away))
    work.commit("third")
    done = work.git("push", "alpha", "HEAD:refs/heads/main")
    assert "no key to sign its journal with" in done.stderr
    alpha.git(nodes.repository, "config", "--unset", "hookkit.cluster.key")
    work.git("push", "alpha", "HEAD:refs/heads/other")
    nodes.verify()
    assert nodes["bravo"].refs(nodes.repository)["refs/heads/main"] == work.oid()
