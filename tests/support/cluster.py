"""Nodes that have the same repository, each with the others as remotes."""

import time
from collections.abc import Iterator

from support.node import Node


class Cluster:
    """The nodes, and the name of the repository that they share."""

    def __init__(self, nodes: tuple[Node, ...], repository: str) -> None:
        self.nodes = nodes
        self.repository = repository

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def __getitem__(self, name: str) -> Node:
        """The node of that name."""
        return next(node for node in self.nodes if node.name == name)

    def connect(self) -> None:
        """Make the repository on every node and add the others as its remotes, as their owner would type it."""
        for node in self.nodes:
            node.create_repository(self.repository)
        for node, other in self._pairs():
            node.git(self.repository, "remote", "add", other.name, other.url(self.repository))

    def install(self) -> None:
        """``hookkit install`` on every node."""
        for node in self.nodes:
            node.hookkit(self.repository, "install", "--node", node.name)

    def pair_up(self) -> None:
        """Make every remote a peer, switch the cluster plugin on, and have every node trust the others' keys."""
        for node in self.nodes:
            self.trust(node)
            node.git(self.repository, "config", "hookkit.cluster.enabled", "true")
            for other in self.nodes:
                if other is not node:
                    node.git(self.repository, "config", f"remote.{other.name}.hookkit", "peer")
            node.hookkit(self.repository, "install", "--node", node.name)

    EVERYTHING = ("refs/heads/", "refs/tags/", "refs/notes/", "refs/conflicts/")

    def verify(self) -> None:
        """Every node is equal, and its refs are what the journals say.

        :raises CommandFailedError: those of one are not.
        """
        assert self.is_equal(*self.EVERYTHING), self.refs(*self.EVERYTHING)
        for node in self.nodes:
            node.hookkit(self.repository, "cluster", "verify")

    def sync(self) -> None:
        """``hookkit mirror sync`` on every node, once, whatever it says."""
        for node in self.nodes:
            node.hookkit(self.repository, "mirror", "sync", check=False)

    def trust(self, node: Node) -> None:
        """Write the keys of all nodes into the signers file of ``node``."""
        signers = node.home / ".config" / "hookkit" / "signers"
        signers.parent.mkdir(parents=True, exist_ok=True)
        keys = (f"{each.name} {' '.join(each.public_key.split()[:2])}\n" for each in self.nodes)
        signers.write_text("".join(keys))

    def refs(self, *patterns: str) -> dict[str, dict[str, str]]:
        """The refs of each node, by its name: branches, tags and notes, or those below ``patterns``."""
        patterns = patterns or ("refs/heads/", "refs/tags/", "refs/notes/")
        return {node.name: node.refs(self.repository, *patterns) for node in self.nodes}

    def is_equal(self, *patterns: str) -> bool:
        """Whether all nodes have the same refs with the same values."""
        first, *others = self.refs(*patterns).values()
        return all(other == first for other in others)

    def wait_until_equal(self, timeout: float = 20) -> None:
        """Wait for that.

        :raises AssertionError: it does not become so in time.
        """
        deadline = time.monotonic() + timeout
        while not self.is_equal():
            assert time.monotonic() < deadline, f"still different after {timeout} s: {self.refs()}"
            time.sleep(0.1)

    def logins(self) -> dict[str, int]:
        """How many ssh logins each node has seen."""
        return {node.name: node.logins() for node in self.nodes}

    def sessions(self) -> dict[str, int]:
        """How many commands others have run on each node over ssh: one for each push, fetch or look at its refs."""
        return {node.name: node.sessions() for node in self.nodes}

    def _pairs(self) -> Iterator[tuple[Node, Node]]:
        return ((node, other) for node in self.nodes for other in self.nodes if other is not node)
