"""The trail that a push carries through the cluster, so that it visits every node once. Pure.

It travels as a push option. It only ever saves work: whoever forges one can delay a delivery until the next
``hookkit mirror sync``, which does not read it.
"""

import os
import zlib
from collections.abc import Iterable, Sequence

from hookkit_plugins.mirror.urls import parts

OPTION = "hookkit-trail"
_VERSION = "1"
# A word that comes from elsewhere goes on to others: nothing that could break what it is written into.
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
_WORD_LIMIT = 255
_LIMIT = 32_000  # a pkt-line holds 65,516 bytes; gitprotocol-common(5)


class Trail:
    """Where a push has been, and who is taken care of.

    :param push: identifies the client's push.
    :param seen: identities of the repositories that it has visited, in order.
    :param nodes: names of the nodes that it has visited, in order; the last one is the sender.
    :param urls: fingerprints of the URLs that the visited ones deliver to.
    """

    # No NamedTuple: the module typing takes as long to import as all that a covered push does here.
    __slots__ = ("nodes", "push", "seen", "urls")

    def __init__(
        self,
        push: str,
        seen: tuple[str, ...] = (),
        nodes: tuple[str, ...] = (),
        urls: frozenset[str] = frozenset(),
    ) -> None:
        self.push = push
        self.seen = seen
        self.nodes = nodes
        self.urls = urls

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trail) and all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Trail({self.push!r}, {self.seen!r}, {self.nodes!r}, {self.urls!r})"

    @property
    def sender(self) -> str | None:
        """The node that this push came from; None if a person pushed."""
        return self.nodes[-1] if self.nodes else None

    def ends_at(self, identity: str, hops: int) -> bool:
        """Whether a repository passes the push on no further: it has been here, or too far."""
        return identity in self.seen or len(self.seen) >= hops

    def covers(self, remote: str, urls: Iterable[str]) -> bool:
        """Whether the remote of that name, or with those URLs, has the push already or gets it from a visited node.

        :param urls: the remote's URLs, as :func:`fingerprint` calls them.
        """
        return remote in self.nodes or not self.urls.isdisjoint(urls)

    def onward(self, identity: str, node: str, urls: Iterable[str]) -> "Trail":
        """The trail that this repository sends on to remotes with those URLs, as :func:`fingerprint` calls them."""
        return Trail(self.push, (*self.seen, identity), (*self.nodes, node), self.urls.union(urls))

    def option(self) -> str:
        """The push option."""
        fields = {"push": self.push, "seen": self.seen, "nodes": self.nodes, "urls": sorted(self.urls)}
        text = ";".join(
            f"{name}={value if isinstance(value, str) else ','.join(value)}" for name, value in fields.items()
        )
        return f"{OPTION}={_VERSION};{text}"[:_LIMIT]


def read(options: Sequence[str]) -> Trail:
    """The trail among the push options; a new one if there is none or it cannot be read."""
    for option in options:
        if option.startswith(f"{OPTION}={_VERSION};") and len(option) < _LIMIT:
            fields = dict(field.partition("=")[::2] for field in option.split(";")[1:])
            words = {
                name: tuple(
                    word for word in value.split(",") if _WORD.issuperset(word) and 0 < len(word) <= _WORD_LIMIT
                )
                for name, value in fields.items()
            }
            if words.get("push"):
                return Trail(
                    words["push"][0], words.get("seen", ()), words.get("nodes", ()), frozenset(words.get("urls", ()))
                )
    return Trail(os.urandom(8).hex())


def identity(host: str, node: str, git_dir: str) -> str:
    """What a repository calls itself in trails: copies of a machine differ in the node's name at least."""
    return _digest(f"{host}\n{node}\n{git_dir}")


def fingerprint(url: str, host: str) -> str:
    """What a URL is called in trails: the same for two spellings of one place, and not readable.

    :param host: this machine; paths and loopback addresses mean something else on every machine.
    """
    # What is in doubt counts as different: that costs a push of nothing, the opposite could cost a delivery. So the
    # account stays (paths may be relative to its home), and so does the case of the path.
    found = parts(url)
    scheme, user, there, path = found or ("", "", "", url)
    path = path.rstrip("/").removesuffix(".git")
    if found is None:
        return _digest(f"{host}\n{path}")
    if not scheme and not path.startswith("/"):
        path = f"/~/{path}"
    there = there.lower()
    text = f"{(scheme or 'ssh://').lower()}{user.partition(':')[0]}@{there}{path}"
    # Loopback, or a host that is not named at all.
    here = there.startswith(("localhost", "127.", "::1", "[::1")) or not there.strip("\n")
    return _digest(f"{host}\n{text}" if here else text)


def _digest(text: str) -> str:
    # Two checksums, for they are at hand: hashlib would be among the dearest imports of the hook of a covered push. Whoever
    # makes two texts clash on purpose gets what a forged trail gets.
    data = text.encode("utf-8", "surrogateescape")
    return f"{zlib.crc32(data):08x}{zlib.adler32(data):08x}"
