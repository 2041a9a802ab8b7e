"""The lab of :mod:`hookkit.testing`, with what only hookkit's own tests need: gitolite, clusters, and no workers."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from hookkit.testing.lab import QUICK_LOGIN
from hookkit.testing.lab import Lab as GeneralLab
from support.account import Account
from support.cluster import Cluster
from support.gitolite import GitoliteNode
from support.gitosis import GitosisNode
from support.node import Node

# Most tests look at what is left behind; the worker, which would deliver it, has tests of its own.
_CONFIGURATION = '[hookkit "mirror"]\n\tworker = false\n'


class Lab(GeneralLab):
    """Nodes and clients that know each other; nodes are ``ssh``, ``gitolite``, ``gitosis`` (a double of it) or ``path``."""

    kinds: ClassVar[Mapping[str, type[Node]]] = {**GeneralLab.kinds, "gitolite": GitoliteNode, "gitosis": GitosisNode}

    def __init__(self, *, ssh_option: str = QUICK_LOGIN) -> None:
        super().__init__(_CONFIGURATION, ssh_option=ssh_option)

    def stranger(self, name: str, kind: str = "ssh") -> Node:
        """A new node that has no key, knows no other, and lets only clients in; made after those that know each other."""
        node = self.kinds[kind](self.root, name, self._hosts)
        forget(node)
        self.nodes[name] = node
        node.admit(*self.clients.values())
        return node

    def cluster(
        self, names: Sequence[str], repository: str = "project", *, kind: str = "ssh", install: bool = True
    ) -> Cluster:
        """New nodes, each with ``repository``, the others as its remotes, and, if ``install``, hookkit."""
        cluster = Cluster(self.several(names, kind), repository)
        cluster.connect()
        if install:
            cluster.install()
        return cluster


def forget(account: Account) -> None:
    """From now on it has no key, and knows where the nodes are, but not which host key is whose."""
    for file in (account.key, account.key.with_suffix(".pub")):
        file.unlink()
    known = account.ssh_dir / "known_hosts"
    lines = (f"Include {account.root / 'hosts'}", f"UserKnownHostsFile {known}", "GlobalKnownHostsFile /dev/null", "")
    account.ssh_config.write_text("\n".join(lines))
