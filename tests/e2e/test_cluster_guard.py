"""Who may write what below ``refs/hookkit/``: a node its own journal, nobody else anything. Real git, real sshd."""

from collections.abc import Iterator

import pytest
from support.client import WorkingCopy
from support.cluster import Cluster
from support.lab import Lab
from support.requirements import require

JOURNAL = "refs/hookkit/journal"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:  # one for all: what is pushed here is refused, or nobody else's business
    with Lab() as lab:
        yield lab


@pytest.fixture(scope="module")
def nodes(lab: Lab) -> Cluster:
    require("sshd")
    nodes = lab.cluster(("alpha", "bravo"), install=False)
    nodes.pair_up()
    return nodes


@pytest.fixture(scope="module")
def copy(nodes: Cluster, lab: Lab) -> WorkingCopy:
    copy = lab.client("dana").init("work")
    for node in nodes:
        copy.git("remote", "add", node.name, node.url(nodes.repository))
    copy.commit("first")
    copy.git("push", "alpha", "HEAD:refs/heads/main")
    copy.commit("second")
    copy.git("push", "bravo", "HEAD:refs/heads/main")
    return copy


@pytest.fixture
def work(copy: WorkingCopy) -> WorkingCopy:
    """Somebody's, with the journals as they are now."""
    copy.git("fetch", "--quiet", "alpha", f"+{JOURNAL}/*:refs/journals/*")
    return copy


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
    # What does not say so is in its place: the entry after this one is the third.
    assert work.git("log", "-1", "--format=%s", "refs/journals/alpha").stdout.startswith("alpha 2: ")
    oid = forged(work, str(nodes["alpha"].key), message=message, parent="refs/journals/alpha")
    done = work.git("push", "bravo", f"{oid}:{JOURNAL}/alpha", check=False)
    assert done.status == 1, done.stderr
    assert "refused by cluster" in done.stderr
    work.commit("another")
    work.git("push", "bravo", "HEAD:refs/heads/main")
    nodes.verify()


def test_an_ordinary_clone_does_not_get_it(nodes: Cluster, work: WorkingCopy) -> None:
    clone = work.client.clone(nodes["alpha"].url(nodes.repository), "ordinary")
    assert "hookkit" not in clone.git("for-each-ref").stdout
