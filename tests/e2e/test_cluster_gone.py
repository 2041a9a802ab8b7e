"""Whoever pushes has gone before git could answer: git ends without post-receive, and everything is as if it had not."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from support.client import WorkingCopy
from support.cluster import Cluster
from support.node import Node
from support.poll import until

Pushed = Callable[[int], tuple[Cluster, WorkingCopy]]

# Runs before hookkit does.
_HELD = """\
#!/bin/sh
cat >/dev/null
touch {folder}/held
while test -e {folder}/hold; do sleep 0.05; done
"""


def hold(node: Node, repository: str) -> Path:
    """Have pushes to ``node`` wait in pre-receive as long as the file is there that is returned."""
    folder = node.path(repository)
    kept = folder / "hooks" / "hookkit-kept-pre-receive"
    kept.write_text(_HELD.format(folder=folder))
    kept.chmod(0o755)
    (folder / "hold").touch()
    return folder / "hold"


def marks(node: Node, repository: str) -> list[Path]:
    """What is written down of pushes that are under way."""
    folder = node.path(repository) / "hookkit" / "cluster"
    return [*folder.glob("pushes/*"), *folder.glob("coming/*")]


def test_a_journal_is_taken_in_although_its_node_did_not_wait(pushed: Pushed) -> None:
    nodes, work = pushed(2)
    held = hold(nodes["bravo"], nodes.repository)
    nodes["alpha"].git(nodes.repository, "config", "hookkit.mirror.wait", "1")
    work.commit("second")
    said = work.push("alpha", "HEAD:refs/heads/main").stderr
    assert "takes long" in said
    assert not nodes.is_equal(*Cluster.EVERYTHING)
    held.unlink()
    nodes.wait_until_equal()
    until(lambda: not marks(nodes["bravo"], nodes.repository), "what was written down of the push is gone")
    nodes.verify()


def test_a_push_is_written_down_although_its_client_has_gone(pushed: Pushed) -> None:
    nodes, work = pushed(2)
    alpha = nodes["alpha"]
    told = alpha.path(nodes.repository) / "told"
    other = alpha.path(nodes.repository) / "hooks" / "hookkit-kept-post-receive"
    other.write_text(f"#!/bin/sh\ncat >>{told}\n")
    other.chmod(0o755)
    held = hold(alpha, nodes.repository)
    old, new = work.oid(), work.commit("second")
    client = subprocess.Popen(
        ("git", "push", "-q", "alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/more"),
        cwd=work.path,
        env=work.client.environment,
        stderr=subprocess.DEVNULL,
    )
    until((alpha.path(nodes.repository) / "held").exists, "the push waits in pre-receive")
    # With its ssh, as the end of a notebook's connection does it.
    subprocess.run(("pkill", "-KILL", "-P", str(client.pid)), check=False)
    client.kill()
    client.wait()
    held.unlink()
    until(lambda: nodes.refs("refs/heads/") == dict.fromkeys(("alpha", "bravo"), _two(new)), "both nodes have it")
    until(lambda: not marks(alpha, nodes.repository), "what was written down of the push is gone")
    assert told.read_text() == f"{old} {new} refs/heads/main\n{'0' * 40} {new} refs/heads/more\n"
    nodes.verify()


def test_a_push_that_was_refused_leaves_nothing(pushed: Pushed) -> None:
    """Git refuses it after pre-receive, so nobody is told."""
    nodes, work = pushed(2)
    alpha = nodes["alpha"]
    alpha.git(nodes.repository, "config", "receive.denyDeletes", "true")
    assert work.push("alpha", ":refs/heads/main", check=False).status != 0
    until(lambda: not marks(alpha, nodes.repository), "what was written down of the push is gone")
    assert nodes.is_equal(*Cluster.EVERYTHING)


def _two(value: str) -> dict[str, str]:
    return {f"refs/heads/{name}": value for name in ("main", "more")}
