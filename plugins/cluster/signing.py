"""A node signs its journal with its ssh key; git-config(1), gpg.ssh.*."""

import contextlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path

from hookkit.api import HookkitError, Repository
from hookkit_plugins.cluster.settings import ClusterSettings


def arguments(chosen: ClusterSettings) -> tuple[list[str], list[str]]:
    """What to give to ``git``, and what to ``git commit-tree``, to have an entry signed if it is to be.

    :raises HookkitError: there is no key.
    """
    if not chosen.verify:
        return [], ["--no-gpg-sign"]
    if not os.access(chosen.key, os.R_OK):
        raise HookkitError(
            f"this node has no key to sign its journal with: {chosen.key}",
            hint="hookkit setup key makes it (or name another with hookkit.cluster.key); nothing is lost until then",
        )
    return ["-c", "gpg.format=ssh", "-c", f"user.signingKey={chosen.key}"], ["-S"]


def digest(chosen: ClusterSettings) -> int:
    """What tells this node's key from one that it had before; 0: there is none that can be read."""
    try:
        return zlib.crc32(Path(f"{chosen.key}.pub").read_bytes())
    except OSError:
        return 0


def trusted(signers: str) -> set[str]:
    """The nodes that have a key in the file of signers.

    :raises OSError: it cannot be read.
    """
    lines = Path(signers).read_text(encoding="utf-8", errors="replace").splitlines()
    return {line.split()[0] for line in lines if line.strip() and not line.startswith("#")}


def problem(repo: Repository, chosen: ClusterSettings, oid: str, node: str) -> str | None:
    """Why the entry ``oid`` is not to be taken for one of ``node``; None: it is signed with its key, or need not be."""
    if not chosen.verify:
        return None
    try:
        keys = _keys_of(repo, chosen, node)
    except OSError as error:
        return f"this node's own public key cannot be read: {error}"
    if keys:
        with _file(repo, node, keys) as file:
            if _asked(repo, file, oid)[0] == "G":
                return None
    verdict, signer = _asked(repo, chosen.signers, oid)
    return refusal(verdict, signer, node, own=node == repo.node)


def _asked(repo: Repository, signers: str, oid: str) -> list[str]:
    """What git says about a signature, as ``%G?`` and ``%GS``; git-log(1)."""
    configured = ("-c", "gpg.format=ssh", "-c", f"gpg.ssh.allowedSignersFile={signers}")
    said = repo.git(*configured, "log", "-1", "--no-show-signature", "--format=%G?%x00%GS", oid, "--", check=False)
    return [*said.text().split("\0"), "", ""][:2]


def refusal(verdict: str, signer: str, node: str, *, own: bool = False) -> str:
    """Why a signature, as ``%G?`` and ``%GS`` of git-log(1) describe it, is not that of ``node``. Pure.

    :param own: that is this node, whose one key is the one that it has now.
    """
    if verdict == "N":
        return "it is not signed"
    if verdict == "G" and signer != node:
        return f"it is signed by {signer}, which signs for no other node"
    if own:
        return "not signed with the key that this node has now: if that is new, hookkit mirror sync signs with it"
    return (
        f"not signed with a key of {node} that is trusted: hookkit setup trust {node} FILE.pub; "
        f"if that was done, hookkit mirror sync on {node}"
    )


def _keys_of(repo: Repository, chosen: ClusterSettings, node: str) -> str:
    """The keys of ``node``, as allowed signers; empty: none is known.

    :raises OSError: that of this node cannot be read.
    """
    if node == repo.node:
        return f"{node} {' '.join(Path(f'{chosen.key}.pub').read_text(errors='replace').split()[:2])}\n"
    try:
        known = Path(chosen.signers).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "".join(f"{line}\n" for line in known if line.split(maxsplit=1)[:1] == [node])


@contextlib.contextmanager
def _file(repo: Repository, node: str, keys: str) -> Iterator[str]:
    """A file with nobody's keys but those of ``node``: where one key has several names, git tells the first only."""
    try:
        kept = _kept(repo, node, keys)
    except OSError:
        # There is no room, or it must not be written: whose signature it is can be told all the same.
        with os.fdopen(os.memfd_create(node), "w", encoding="utf-8") as file:
            file.write(keys)
            file.flush()
            yield f"/proc/{os.getpid()}/fd/{file.fileno()}"
    else:
        yield kept


def _kept(repo: Repository, node: str, keys: str) -> str:
    """The same file, which stays.

    :raises OSError: it cannot be written.
    """
    file = repo.plugin_dir("cluster") / "signers" / node
    try:
        same = file.read_text(encoding="utf-8") == keys
    except (OSError, ValueError):
        same = False
    if not same:
        file.parent.mkdir(exist_ok=True)
        temporary = file.with_name(f".{node}.{os.getpid()}")
        temporary.write_text(keys, encoding="utf-8")
        temporary.replace(file)
    return str(file)
