"""The lab: one temporary folder, the nodes and people in it, and an end at which nothing of them is left."""

import atexit
import fcntl
import os
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from support import leaks
from support.account import Account
from support.client import Client
from support.cluster import Cluster
from support.gitolite import GitoliteNode
from support.gitosis import GitosisNode
from support.node import Node, PathNode, SshNode

NODES: dict[str, type[Node]] = {
    "ssh": SshNode,
    "gitolite": GitoliteNode,
    "gitosis": GitosisNode,
    "path": PathNode,
}


class Lab:
    """Nodes and clients that know each other: every key is accepted everywhere, every host key is pinned.

    Use it as a context manager. It also ends with the process, and a lab whose process was killed is removed by the next.
    """

    def __init__(self) -> None:
        leaks.remove_orphans()
        self.root = Path(tempfile.mkdtemp(prefix=f"{leaks.PREFIX}{os.getpid()}-"))
        # It gets its name when it is locked: another process that looks for orphans never sees it free.
        unnamed = self.root / "unlocked"
        self._lock = os.open(unnamed, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unnamed.rename(self.root / leaks.LOCK)
        self._hosts = self.root / "hosts"
        for file in (self._hosts, self._hosts.with_name("known_hosts")):
            file.touch()
        self.nodes: dict[str, Node] = {}
        self.clients: dict[str, Client] = {}
        atexit.register(self.close)

    def __enter__(self) -> "Lab":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End everything, remove everything. Ctrl-C waits until that is done."""
        atexit.unregister(self.close)
        if not self.root.exists():
            return
        before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))
        try:
            for node in self.nodes.values():
                node.close()
            leaks.remove(self.root)
        finally:
            os.close(self._lock)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def node(self, name: str, kind: str = "ssh") -> Node:
        """A new node, running.

        :param kind: ``ssh``, ``gitolite``, ``gitosis`` (a double of it) or ``path``.
        """
        node = NODES[kind](self.root, name, self._hosts)
        self.nodes[name] = node
        for other in (*self.nodes.values(), *self.clients.values()):
            node.admit(other)
            if isinstance(other, Node) and other is not node:
                other.admit(node)
        return node

    def client(self, name: str = "dana") -> Client:
        """Somebody who may push to every node, made when first asked for."""
        if name not in self.clients:
            self.clients[name] = Client(self.root, name, self._hosts)
            self._admit_everywhere(self.clients[name])
        return self.clients[name]

    def cluster(
        self, names: Sequence[str], repository: str = "project", *, kind: str = "ssh", install: bool = True
    ) -> Cluster:
        """New nodes, each with ``repository``, the others as its remotes, and, if ``install``, hookkit."""
        cluster = Cluster(tuple(self.node(name, kind) for name in names), repository)
        cluster.connect()
        if install:
            cluster.install()
        return cluster

    def _admit_everywhere(self, account: Account) -> None:
        for node in self.nodes.values():
            node.admit(account)
