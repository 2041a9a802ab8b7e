"""The lab: one temporary folder, the nodes and people in it, and an end at which nothing of them is left."""

import atexit
import fcntl
import os
import signal
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from hookkit.testing import leaks
from hookkit.testing.account import Account
from hookkit.testing.client import Client
from hookkit.testing.node import Node, PathNode, SshNode

QUICK_LOGIN = "KexAlgorithms ^curve25519-sha256"
"""A login takes a third of the time that it takes with the key exchange that OpenSSH prefers, which is to outlast quantum
computers; nothing of what happens after it is another."""


class Lab:
    """Nodes and clients that know each other: every key is accepted everywhere, every host key is pinned.

    Use it as a context manager. It also ends with the process, and a lab whose process was killed is removed by the next.

    :param configuration: git configuration that all its accounts have, as a file of git has it.
    :param ssh_option: a line of ssh_config(5) that all its accounts have; empty for none.
    """

    kinds: ClassVar[Mapping[str, type[Node]]] = {"ssh": SshNode, "path": PathNode}

    def __init__(self, configuration: str = "", *, ssh_option: str = QUICK_LOGIN) -> None:
        leaks.remove_orphans()
        self.root = Path(tempfile.mkdtemp(prefix=f"{leaks.PREFIX}{os.getpid()}-", dir=leaks.PLACE))
        # It gets its name when it is locked: another process that looks for orphans never sees it free.
        unnamed = self.root / "unlocked"
        self._lock = os.open(unnamed, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unnamed.rename(self.root / leaks.LOCK)
        self._hosts = self.root / "hosts"
        self._hosts.write_text(f"Host *\n\t{ssh_option}\n")
        self._hosts.with_name("known_hosts").touch()
        self._hosts.with_name("gitconfig").write_text(configuration)
        self.nodes: dict[str, Node] = {}
        self.clients: dict[str, Client] = {}
        atexit.register(self.close)

    def __enter__(self) -> Self:
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

        :param kind: ``ssh``, or ``path``, which needs no sshd.
        """
        (node,) = self.several((name,), kind)
        return node

    def several(self, names: Sequence[str], kind: str = "ssh") -> tuple[Node, ...]:
        """As many new nodes, running; where letting in is slow, this is quicker than one after the other."""
        before = [*self.nodes.values()]
        for name in names:
            self.nodes[name] = self.kinds[kind](self.root, name, self._hosts)
        made = tuple(self.nodes[name] for name in names)
        for node in made:
            node.admit(*self.nodes.values(), *self.clients.values())
        for node in before:
            node.admit(*made)
        return made

    def client(self, name: str = "dana") -> Client:
        """Somebody who may push to every node, made when first asked for."""
        if name not in self.clients:
            self.clients[name] = Client(self.root, name, self._hosts)
            self._admit_everywhere(self.clients[name])
        return self.clients[name]

    def account(self, name: str) -> Account:
        """An account that nobody logs in to, such as the owner of repositories that are reached by path."""
        return Account(self.root, name, self._hosts)

    def _admit_everywhere(self, account: Account) -> None:
        for node in self.nodes.values():
            node.admit(account)
