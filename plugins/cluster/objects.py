"""How what refs point at travels with an entry: commits as its parents, everything else in its tree.

A tree cannot hold a tag object: it travels as a blob with its content, from which the same object is made again.
"""

import re
from collections.abc import Mapping

from hookkit.api import Repository
from hookkit_plugins.cluster.entry import JournalError

_TAG = ".tag"
STATE, FORMER, PATHS = "state", "former", "paths"
"""What a checkpoint says, in its tree: what stands, what once stood, and by which entries it came so far."""
_MODES = {"blob": "100644", "tree": "040000"}


def pack(repo: Repository, values: list[str], said: Mapping[str, bytes] | None = None) -> tuple[list[str], str]:
    """The parents and the tree of an entry that brings ``values`` with it, and of a checkpoint what it says."""
    parents: list[str] = []
    lines: list[str] = []
    for name, content in (said or {}).items():
        blob = repo.git("hash-object", "-w", "-t", "blob", "--stdin", stdin=content).text()
        lines.append(f"{_MODES['blob']} blob {blob}\t{name}")
    waiting = list(dict.fromkeys(values))
    seen = set(waiting)
    while waiting:
        types = repo.object_types(waiting)
        tags = [oid for oid in waiting if types.get(oid) == "tag"]
        parents += [oid for oid in waiting if types.get(oid) == "commit"]
        lines += [f"{_MODES[kind]} {kind} {oid}\t{oid}" for oid in waiting if (kind := types.get(oid, "")) in _MODES]
        waiting = []
        for oid in tags:
            content = repo.git("cat-file", "tag", oid).stdout
            blob = repo.git("hash-object", "-w", "-t", "blob", "--stdin", stdin=content).text()
            lines.append(f"{_MODES['blob']} blob {blob}\t{oid}{_TAG}")
            target = re.match(rb"object ([0-9a-f]+)\n", content)
            if target and (inner := target[1].decode()) not in seen:
                seen.add(inner)
                waiting.append(inner)
    return parents, _tree(repo, lines)


def _tree(repo: Repository, lines: list[str]) -> str:
    return repo.git("mktree", stdin="".join(f"{line}\n" for line in lines).encode()).text()


def unpack(repo: Repository, entry: str, values: list[str]) -> None:
    """Make those of ``values`` here that the entry ``entry`` brought as blobs.

    :raises JournalError: it did not bring them.
    """
    here = repo.object_types(values)
    lacking = {oid for oid in values if oid not in here}
    if not lacking:
        return
    for line in repo.git("ls-tree", entry).text().split("\n"):
        described, _, name = line.partition("\t")
        if name.endswith(_TAG):
            content = repo.git("cat-file", "blob", described.split(" ")[2]).stdout
            made = repo.git("hash-object", "-w", "-t", "tag", "--stdin", stdin=content, check=False).text()
            if made == name.removesuffix(_TAG):
                lacking.discard(made)
    if lacking:
        raise JournalError(f"the entry {entry[:12]} has not brought {min(lacking)[:12]}")
