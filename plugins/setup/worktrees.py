"""Which branches of a repository are in use in its work trees: those that only git itself should move."""

import os
from collections.abc import Iterator
from pathlib import Path

from hookkit.api import Repository


def checked_out(repo: Repository) -> dict[str, Path]:
    """The branches that are checked out, those without a commit included, and where; git-worktree(1)."""
    found: dict[str, Path] = {}
    for record in repo.git("worktree", "list", "--porcelain", "-z").stdout.split(b"\0\0"):
        fields = dict(line.partition(b" ")[::2] for line in record.split(b"\0") if line)
        if b"branch" in fields:
            found[os.fsdecode(fields[b"branch"])] = Path(os.fsdecode(fields[b"worktree"]))
    return found


def busy(repo: Repository) -> dict[str, str]:
    """The branches that a rebase or a bisect will come back to, and which of them it is."""
    found = {}
    for folder in (repo.common_dir, *_linked(repo)):
        for file, what in (
            ("rebase-merge/head-name", "rebase"),
            ("rebase-apply/head-name", "rebase"),
            ("BISECT_START", "bisect"),
        ):
            path = folder / file
            if path.is_file():
                name = path.read_text(errors="surrogateescape").strip()
                found[name if name.startswith("refs/") else f"refs/heads/{name}"] = what
    return found


def _linked(repo: Repository) -> Iterator[Path]:
    folder = repo.common_dir / "worktrees"
    return folder.iterdir() if folder.is_dir() else iter(())
