"""Whether what hookkit keeps, in the repository and in the account, can be written, by everybody who has to."""

import os
import shlex
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hookkit.doctor import account, mounts
from hookkit.repository import Repository
from hookkit.state import state_dir
from hookkit.values import Check

_OF_REPOSITORY = "the repository's folder"
_OF_ACCOUNT = "the account's folder"


def checks(repo: Repository) -> Iterator[Check]:
    """Both folders."""
    if repo.state_dir.is_dir():
        yield _writable(_OF_REPOSITORY, repo.state_dir, "what is owed to remotes cannot be written down")
        yield from _foreign(repo)
        yield from _on_network(repo.state_dir)
    try:
        own = state_dir()
    except (OSError, RuntimeError) as error:
        yield Check(_OF_ACCOUNT, "problem", f"it cannot be made: {error}", "correct HOME or XDG_STATE_HOME")
    else:
        yield _writable(_OF_ACCOUNT, own, "nothing about this account can be written down")


def _writable(name: str, folder: Path, otherwise: str) -> Check:
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Check(name, "ok", str(folder))
    except OSError as error:
        cause = f"{folder} cannot be written to ({error.strerror}): {otherwise}"
        return Check(name, "problem", cause, f"ls -ld {shlex.quote(str(folder))}; df {shlex.quote(str(folder))}")


def _foreign(repo: Repository) -> Iterator[Check]:
    """What another account has left in it, usually root, who typed a command there."""
    if account.is_shared(repo):
        return
    owner = repo.common_dir.stat().st_uid
    foreign = [path for path in sorted(repo.state_dir.rglob("*")) if path.lstat().st_uid != owner]
    if not foreign:
        return

    def give_back() -> None:
        for path in foreign:
            os.chown(path, owner, -1, follow_symlinks=False)

    others = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
    yield Check(
        "owners",
        "problem",
        f"{foreign[0]}{others} belongs to {account.name(foreign[0].lstat().st_uid)}: hooks, which run as "
        f"{account.name(owner)}, cannot write it",
        f"chown -R {shlex.quote(account.name(owner))} {shlex.quote(str(repo.state_dir))}",
        give_back if os.geteuid() == 0 else None,
    )


def _on_network(folder: Path) -> Iterator[Check]:
    kind = mounts.kind(folder)
    if kind in mounts.NETWORK:
        yield Check(
            "file system",
            "warning",
            f"{folder} is on {kind}: locks taken on one machine do not keep another one out",
            "have one machine only run hookkit for this repository, or keep it on a local disk",
        )
    else:
        yield Check("file system", "ok", kind or "unknown")
