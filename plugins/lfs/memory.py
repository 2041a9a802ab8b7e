"""What a remote has the large files of: so that only what is new is looked at. Losing it costs a look at everything."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from hookkit.api import RefUpdate, Repository

# More refs than this are compared with those that there still are.
_MANY = 1000


def read(repo: Repository, remote: str, where: str) -> dict[str, str]:
    """The refs whose large files are at ``where``, and what they named then."""
    try:
        data = json.loads(_path(repo, remote, where).read_bytes())
        return {str(ref): str(oid) for ref, oid in data.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def is_outdated(known: Mapping[str, str], updates: Iterable[RefUpdate]) -> bool:
    """Whether the remote lacks a ref that it had: somebody has made it anew, and its large files may be gone too. Pure."""
    return any(update.creates and update.ref in known for update in updates)


def write(repo: Repository, remote: str, where: str, known: dict[str, str]) -> None:
    """Remember ``known``."""
    if len(known) > _MANY:
        there = repo.refs()
        known = {ref: oid for ref, oid in known.items() if ref in there}
    path = _path(repo, remote, where)
    temporary = path.with_suffix(".new")
    temporary.write_text(json.dumps(known), encoding="utf-8")
    # Who may write to the repository may write here too.
    temporary.chmod(path.parent.stat().st_mode & 0o666)
    temporary.replace(path)


def _path(repo: Repository, remote: str, where: str) -> Path:
    name = hashlib.sha256(f"{remote}\n{where}".encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return repo.plugin_dir("lfs") / f"{name}.json"
