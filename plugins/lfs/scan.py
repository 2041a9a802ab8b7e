"""Which large files some commits need, and which of them are here."""

from collections.abc import Iterable
from pathlib import Path

from hookkit.api import Repository
from hookkit_plugins.lfs.pointer import LONGEST, large_file


def needed(repo: Repository, new: Iterable[str], known: Iterable[str]) -> list[str]:
    """The large files of everything that ``new`` contains and ``known`` does not: their names, each once.

    :param new: object ids; :param known: object ids, also of what is not here any more.
    """
    asked = "".join([*(f"{oid}\n" for oid in new), *(f"^{oid}\n" for oid in known)])
    # Only blobs that are small enough to be pointers are listed; git-rev-list(1).
    wanted = f"--filter=combine:blob:limit={LONGEST}+object:type=blob"
    walk = ("rev-list", "--objects", "--no-object-names", "--ignore-missing", wanted, "--filter-provided-objects")
    small = repo.git(*walk, "--stdin", stdin=asked.encode()).text().split()
    found: dict[str, None] = {}
    for blob in repo.contents(small):
        if name := large_file(blob):
            found[name] = None
    return list(found)


def store(repo: Repository) -> Path:
    """Where git-lfs keeps the large files of ``repo``; git-lfs-config(5), ``lfs.storage``."""
    configured = repo.config.last("lfs.storage")
    return repo.locate((configured.value if configured else None) or "lfs") / "objects"


def is_here(folder: Path, name: str) -> bool:
    """Whether a large file is in the store ``folder``."""
    return (folder / name[:2] / name[2:4] / name).is_file()
