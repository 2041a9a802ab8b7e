"""The plugin protect, with pushes: what is refused, by which words, and what other servers may send all the same."""

from collections.abc import Callable

import pytest
from support.client import WorkingCopy
from support.cluster import Cluster
from support.node import Node
from support.requirements import require


@pytest.fixture
def alpha(pair: Cluster, pusher: Callable[[Cluster], WorkingCopy]) -> Node:
    alpha = pair["alpha"]
    alpha.hookkit(pair.repository, "plugins", "enable", "protect")
    return alpha


def refused(work: WorkingCopy, *args: str) -> list[str]:
    done = work.git("push", *args, check=False)
    assert done.status == 1
    return [line for line in done.remote if (line.startswith("hookkit: ") and "protect" in line) or line.endswith(")")]


def test_the_default_branch_is_safe_at_once(
    pair: Cluster, pusher: Callable[[Cluster], WorkingCopy], alpha: Node
) -> None:
    work = pusher(pair)
    first = work.commit("first")
    work.push("alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/topic")
    assert refused(work, "alpha", ":main") == ["hookkit: refused by protect: main may not be deleted (no-delete)"]
    work.git("commit", "--quiet", "--amend", "-m", "another first")
    second = work.oid()
    line = f"main may not be rewritten: {second[:7]} does not contain {first[:7]} (no-rewrite)"
    assert refused(work, "alpha", "+HEAD:main") == [f"hookkit: refused by protect: {line}"]
    done = work.git("push", "alpha", ":main", "+HEAD:topic", check=False)
    assert any("push the other refs by themselves" in said for said in done.remote)
    work.push("alpha", "+HEAD:topic")
    work.push("alpha", ":topic")
    work.git("reset", "--quiet", "--hard", first)
    work.commit("second")
    work.push("alpha", "HEAD:main")
    assert pair.is_equal()


def test_tags_may_have_to_be_signed_and_stay(
    pair: Cluster, pusher: Callable[[Cluster], WorkingCopy], alpha: Node
) -> None:
    work = pusher(pair)
    work.commit("first")
    work.push("alpha", "HEAD:refs/heads/main")
    signers = alpha.home / "signers"
    signers.write_text(f"dana@example.org {work.client.public_key}\n")
    for key, value in {
        "hookkit.protect.signed": "refs/tags/v*",
        "hookkit.protect.no-rewrite": "refs/tags/*",
        "gpg.format": "ssh",
        "gpg.ssh.allowedSignersFile": str(signers),
    }.items():
        alpha.git(pair.repository, "config", key, value)
    work.git("tag", "v1")
    assert "make a signed tag with: git tag -s" in refused(work, "alpha", "v1")[0]
    work.git("tag", "-a", "-m", "unsigned", "v2")
    assert "v2 must be signed: no signature found (signed)" in refused(work, "alpha", "v2")[0]
    signing = ("-c", "gpg.format=ssh", "-c", f"user.signingKey={work.client.key}", "tag", "-s", "-m", "signed")
    work.git(*signing, "v3")
    work.push("alpha", "v3")
    work.git(*signing, "--force", "v3", "HEAD")
    work.git("tag", "--force", "x", "v3^{}")
    work.push("alpha", "x")
    work.commit("second")
    work.git(*signing, "--force", "v3", "HEAD")
    assert "the tag v3 may not be moved (no-rewrite)" in refused(work, "alpha", "+v3")[0]
    stranger = pair["bravo"]
    work.git(*signing[:2], "-c", f"user.signingKey={stranger.key}", *signing[4:], "v4")
    assert "v4 must be signed" in refused(work, "alpha", "v4")[0]


def test_a_rule_that_is_none_refuses_and_says_which(
    pair: Cluster, pusher: Callable[[Cluster], WorkingCopy], alpha: Node
) -> None:
    alpha.git(pair.repository, "config", "hookkit.protect.only", "refs/heads/main")
    work = pusher(pair)
    work.commit("first")
    done = work.git("push", "alpha", "HEAD:refs/heads/main", check=False)
    assert done.status == 1
    assert any("hookkit.protect.only" in line for line in done.remote)


def test_people_are_told_apart_and_other_servers_are_let_in(
    cluster: Callable[..., Cluster], pusher: Callable[[Cluster], WorkingCopy]
) -> None:
    require("gitolite")
    servers = cluster(2, kind="gitolite")
    alpha, bravo = servers
    work = pusher(servers)
    work.commit("first")
    for node in servers:
        node.hookkit(servers.repository, "plugins", "enable", "protect")
        node.git(servers.repository, "config", "hookkit.protect.only", "refs/heads/* dana")
    # What alpha sends comes from alpha's key, not from Dana's.
    done = work.push("alpha", "HEAD:refs/heads/main")
    assert any("bravo" in line and "main is for dana; you are alpha" in line for line in done.remote)
    assert bravo.refs(servers.repository) == {}
    assert "refused" in alpha.hookkit(servers.repository, "status").stdout
    bravo.git(servers.repository, "config", "hookkit.protect.exempt", "alpha")
    alpha.hookkit(servers.repository, "mirror", "sync")
    assert servers.is_equal()
    alpha.git(servers.repository, "config", "--replace-all", "hookkit.protect.only", "HEAD carol")
    assert "main is for carol; you are dana (only)" in refused(work, "alpha", ":main")[0]
