"""What another repository says when a push to it begins; nothing is changed there.

A dry run of a push opens the same connection as a push: host key, login, repository and the access layer's permission to
write are all needed for it. It ends where the first change would be sent. What the other side tells about itself on the way
is read from git's own trace; gitprotocol-capabilities(5). Its clock is not among that.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from hookkit import failures
from hookkit.failures import Failure
from hookkit.network import git_over_network
from hookkit.repository import Repository
from hookkit.text import plain

# In the first line that it sends, after its first ref.
_CAPABILITIES = re.compile(r"push< \S+ [^\n]*?\\0(?P<words>[^\n]*)")
_FIXED = ("--dry-run", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed", "--no-force-if-includes")


class Probed(NamedTuple):
    """What it said.

    :param failure: why nothing can be pushed to it, None if something can.
    :param software: what it calls itself, such as ``git/2.39.5``.
    :param push_options: it takes push options.
    """

    failure: Failure | None
    software: str = ""
    push_options: bool = False

    @property
    def version(self) -> tuple[int, int] | None:
        """The version of its git: the first two numbers; None if it does not say."""
        found = re.match(r"git/(\d+)\.(\d+)", self.software)
        return (int(found[1]), int(found[2])) if found else None


def probe(
    repo: Repository,
    place: str,
    *,
    timeout: float,
    connect_timeout: float = 10,
    config: Iterable[tuple[str, str]] = (),
    ssh_options: Iterable[tuple[str, str]] = (),
) -> Probed:
    """Begin a push from ``repo`` to ``place`` and end it before anything is sent.

    :param place: a URL or a remote.
    :param timeout: seconds that all of it may take.
    :param config: configuration for this command only.
    """
    # Only commands probe; this module is on the way to every hook.
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder, "trace")
        result = git_over_network(
            repo,
            *("push", *_FIXED, "--recurse-submodules=no", "--", place, ":refs/hookkit/probe"),
            timeout=timeout,
            config=(*config, ("push.pushOption", "")),
            connect_timeout=connect_timeout,
            environ={"GIT_TRACE_PACKET": str(trace)},
            ssh_options=ssh_options,
        )
        said = read(trace.read_bytes() if trace.exists() else b"")
    return said or Probed(failures.classify(result.status, result.stderr, result.seconds))


def read(trace: bytes) -> Probed | None:
    """What the other side told about itself; None if it told nothing. Pure."""
    found = _CAPABILITIES.search(trace.decode("utf-8", "replace"))
    if found is None:
        return None
    words = plain(found["words"]).split()
    agent = next((word.removeprefix("agent=") for word in words if word.startswith("agent=")), "")
    return Probed(None, agent[:60], "push-options" in words)
