"""lfs: the large files of Git LFS are at a remote before the refs that need them.

Only declarations here; the plugin mirror asks, and the work is imported when it does.
"""

from collections.abc import Iterator, Sequence

from hookkit.api import Check, Failure, Option, RefUpdate, Repository, hookimpl


@hookimpl
def hookkit_options() -> Sequence[Option[object]]:
    """The options of this plugin."""
    from hookkit_plugins.lfs.settings import OPTIONS

    return OPTIONS


@hookimpl
def hookkit_mirror_before_push(
    repo: Repository, remote: str, url: str, updates: Sequence[RefUpdate], seconds: float
) -> Failure | None:
    """Bring the large files."""
    from hookkit_plugins.lfs.bringing import bring

    return bring(repo, remote, url, updates, seconds)


@hookimpl
def hookkit_doctor(repo: Repository) -> Iterator[Check]:
    """Whether git-lfs is there."""
    from hookkit_plugins.lfs.doctor import checks

    return checks(repo)
