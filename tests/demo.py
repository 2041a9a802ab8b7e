"""Three git servers, each a mirror of the others: what people who push see, and that every ref ends up equal everywhere."""

import os
import signal
import sys
import time
from types import FrameType

from support import requirements
from support.account import Account
from support.client import WorkingCopy
from support.cluster import Cluster
from support.commands import CommandFailedError, Done
from support.lab import Lab
from support.node import Node

NAMES = ("alpha", "bravo", "charlie")
REPOSITORY = "demo"


def main() -> int:
    """Run the demo; 0 if every node has the same refs at its end."""
    signal.signal(signal.SIGTERM, _interrupt)
    reason = requirements.missing("sshd")
    if reason and os.environ.get(requirements.REQUIRE_REAL) == "1":
        print(f"error: {reason}")
        return 1
    started = time.monotonic()
    try:
        with Lab() as lab:
            equal = demo(lab, reason)
    except KeyboardInterrupt:
        print("\ninterrupted")
        return 130
    except CommandFailedError as error:
        print(f"error: {error}")
        return 1
    print(
        f"\n{'every ref is equal on every node' if equal else 'THE NODES DIFFER'} ({time.monotonic() - started:.0f} s)"
    )
    return 0 if equal else 1


def demo(lab: Lab, no_ssh: str | None) -> bool:
    """What is shown; returns whether the nodes are equal afterwards."""
    step("three servers, each with the others as remotes and hookkit installed")
    if no_ssh:
        print(f"  {no_ssh}: local paths instead of ssh")
    cluster = lab.cluster(NAMES, REPOSITORY, kind="path" if no_ssh else "ssh", install=False)
    alpha, bravo, charlie = cluster
    for node in cluster:
        for line in node.git(REPOSITORY, "remote", "-v").stdout.splitlines():
            if line.endswith("(push)"):
                print(f"  {node.name}: remote {line.removesuffix(' (push)').replace(chr(9), ' ')}")
    for node in cluster:
        hookkit(node, "install", "--node", node.name)
        # The tests' accounts do without.
        node.git(REPOSITORY, "config", "--global", "hookkit.mirror.worker", "true")

    dana, erin = (clone(lab, name, cluster) for name in ("dana", "erin"))
    step("a new branch and an annotated tag, to alpha")
    dana.commit("the first commit")
    dana.git("tag", "-a", "-m", "the first release", "v1.0")
    push(dana, "alpha", "main", "v1.0")
    step("somebody else goes on, at bravo")
    erin.git("pull", "--quiet", "bravo", "main")
    erin.commit("a second commit")
    erin.git("branch", "topic")
    push(erin, "bravo", "main", "topic")
    step("a forced push, to charlie")
    erin.git("commit", "--quiet", "--amend", "-m", "a second commit, said better")
    push(erin, "charlie", "--force", "main")
    step("a branch is deleted, at alpha")
    push(dana, "alpha", "--delete", "topic")

    step("charlie goes down; pushes go on, to alpha and bravo")
    charlie.stop()
    erin.commit("while charlie was away")
    push(erin, "alpha", "main")
    erin.git("checkout", "--quiet", "-b", "feature")
    erin.commit("a feature")
    erin.git("tag", "v1.1")
    push(erin, "bravo", "feature", "v1.1")
    push(erin, "bravo", "--delete", "v1.0")
    hookkit(alpha, "status")

    step("charlie is back; what it missed is delivered, with nobody doing anything")
    charlie.start()
    cluster.wait_until_equal(60)
    hookkit(bravo, "mirror", "verify")

    step("every ref on every node")
    return show(cluster)


def clone(lab: Lab, name: str, cluster: Cluster) -> WorkingCopy:
    """A work tree of ``name`` with every node as a remote."""
    work = lab.client(name).init(REPOSITORY)
    for node in cluster:
        work.git("remote", "add", node.name, node.url(cluster.repository))
    return work


def step(what: str) -> None:
    """Say what comes next."""
    print(f"\n== {what}", flush=True)


def push(work: WorkingCopy, *args: str) -> None:
    """Push, and show what the pusher sees."""
    print(f"  {work.client.name}$ git push {' '.join(args)}")
    output(work.client, work.push(*args))


def hookkit(node: Node, *args: str) -> None:
    """Run hookkit in the node's repository, and show what it says."""
    print(f"  {node.name}$ hookkit {' '.join(args)}")
    output(node, node.hookkit(REPOSITORY, *args))


def output(account: Account, done: Done) -> None:
    """Show what a command of ``account`` printed, its home as people write it."""
    for line in (done.stdout + done.stderr).splitlines():
        print(f"    {line.rstrip().replace(str(account.home), '~')}")
    sys.stdout.flush()


def show(cluster: Cluster) -> bool:
    """The table of all refs; returns whether all nodes have the same."""
    refs = cluster.refs("refs/")
    names = sorted({ref for known in refs.values() for ref in known})
    width = max(map(len, names))
    print(f"  {'ref':{width}}  " + "  ".join(f"{name:8}" for name in refs))
    for ref in names:
        values = [known.get(ref) for known in refs.values()]
        verdict = "equal" if len(set(values)) == 1 else "DIFFERENT"
        print(f"  {ref:{width}}  " + "  ".join(f"{value[:8] if value else '-':8}" for value in values) + f"  {verdict}")
    return bool(names) and cluster.is_equal("refs/")


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
