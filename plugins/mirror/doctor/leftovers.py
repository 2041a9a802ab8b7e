"""Refs below ``refs/remotes/`` in a bare repository: copies that a fetch refspec has left, which nobody looks at.

One may be the last name of what somebody's server has lost, so that only copies of what other refs hold are removed.
"""

from collections.abc import Iterator

from hookkit.api import Check, Repository
from hookkit_plugins.mirror.doctor.subject import Subject

_BELOW = "refs/remotes/"
# What does not count as a place where something stays: these refs are meant to be deleted one day.
_PASSING = (_BELOW, "refs/hookkit/", "refs/conflicts/")
_NAMED = 3


def checks(subject: Subject) -> Iterator[Check]:
    """Two kinds: those that can go, and those that somebody has to look at."""
    repo = subject.repo
    there = {} if repo.work_tree is not None else repo.refs(_BELOW)
    alone = only_here(repo, there)
    copies = {ref: oid for ref, oid in there.items() if ref not in alone}
    if copies:
        yield Check(
            "leftover copies",
            "warning",
            f"{_count(copies)} below {_BELOW}, all of which other refs here contain: {_names(copies)}",
            "hookkit doctor --fix deletes them",
            lambda: delete(repo, copies),
        )
    if alone:
        yield Check(
            "leftovers",
            "warning",
            f"{_count(alone)} below {_BELOW} with something that no other ref here contains: {_names(alone)}",
            f"{subject.git} log {next(iter(alone))} --not --branches --tags; "
            f"to keep one: {subject.git} branch NAME REF; to drop it: {subject.git} update-ref -d REF",
        )


def only_here(repo: Repository, refs: dict[str, str]) -> dict[str, str]:
    """Those of ``refs`` with something that no ref that stays contains."""
    if not refs:
        return {}
    staying = {oid for ref, oid in repo.refs().items() if not ref.startswith(_PASSING)}
    types = repo.object_types(sorted(set(refs.values())))
    return {
        ref: oid
        for ref, oid in refs.items()
        if oid not in staying and not (types.get(oid) == "commit" and _is_contained(repo, oid))
    }


def _is_contained(repo: Repository, commit: str) -> bool:
    passing = [f"--exclude={prefix}*" for prefix in _PASSING]
    missing = repo.git("rev-list", "--max-count=1", commit, "--not", *passing, "--all")
    return not missing.stdout.strip()


def delete(repo: Repository, refs: dict[str, str]) -> None:
    """Delete ``refs``, all or none: whoever changes one meanwhile, or what contains it, keeps them all."""
    for ref in only_here(repo, refs):
        refs = {other: oid for other, oid in refs.items() if other != ref}
    commands = "".join(f"option no-deref\ndelete {ref} {oid}\n" for ref, oid in refs.items())
    repo.git("update-ref", "--stdin", stdin=commands.encode("utf-8", "surrogateescape"))


def _count(refs: dict[str, str]) -> str:
    return f"{len(refs)} ref{'' if len(refs) == 1 else 's'}"


def _names(refs: dict[str, str]) -> str:
    return ", ".join(list(refs)[:_NAMED]) + (", ..." if len(refs) > _NAMED else "")
