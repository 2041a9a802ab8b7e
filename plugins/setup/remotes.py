"""The remotes of a working clone that a command is about."""

from collections.abc import Sequence

from hookkit.api import Repository, UsageError, nearest


def chosen(repo: Repository, wanted: Sequence[str]) -> list[str]:
    """The remotes called ``wanted``, or all, in the configuration's order.

    :raises UsageError: there is none, or none of that name.
    """
    there = [name for name in repo.config.subsections("remote") if urls(repo, name)]
    for name in wanted:
        if name not in there:
            meant = nearest(name, there)
            hint = f"did you mean {meant}? " if meant else ""
            raise UsageError(f"there is no remote {name}", hint=f"{hint}remotes here: {', '.join(there) or 'none'}")
    if not there:
        raise UsageError("this repository has no remote", hint="git remote add NAME URL")
    return [name for name in there if not wanted or name in wanted]


def urls(repo: Repository, name: str) -> list[str]:
    """Where a remote is, in the configuration's words; an empty value clears what was set before it, as in git."""
    found: list[str] = []
    for entry in (*repo.config.every(f"remote.{name}.url"), *repo.config.every(f"remote.{name}.pushurl")):
        found = [*found, entry.value] if entry.value else []
    return found


def short(ref: str) -> str:
    """A ref as people call it: a branch by its name, ``tags/v1``."""
    return ref.removeprefix("refs/heads/").removeprefix("refs/")
