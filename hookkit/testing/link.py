"""Two servers, and the link between them."""

import socket
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from hookkit.testing.bare import BareRepository
from hookkit.testing.node import SshNode


class TwoNodes:
    """Two servers with the same repository, empty, each with hookkit installed and the other as its remote.

    :param repository: its name.
    """

    def __init__(self, one: SshNode, other: SshNode, repository: str = "project") -> None:
        self.nodes = (one, other)
        self.alpha, self.bravo = (node.bare(repository) for node in self.nodes)
        for here, there in ((self.alpha, self.bravo), (self.bravo, self.alpha)):
            here.git("remote", "add", there.owner.name, there.url)
            here.install("--node", here.owner.name)
        # Bound, never listening: whoever connects to it is refused.
        self._nobody = socket.socket()
        self._nobody.bind(("127.0.0.1", 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._nobody.close()

    def __iter__(self) -> Iterator[BareRepository]:
        return iter((self.alpha, self.bravo))

    def cut(self) -> None:
        """Neither reaches the other any more: connections are refused, those that are open end. People still reach both."""
        port = self._nobody.getsockname()[1]
        for here, there in (self.nodes, self.nodes[::-1]):
            here.own_hosts.write_text(f"Host {there.name}\n Port {port}\n")
        for node in self.nodes:
            node.sshd.end_sessions()

    def heal(self) -> None:
        """They reach each other again."""
        for node in self.nodes:
            node.own_hosts.write_text("")
