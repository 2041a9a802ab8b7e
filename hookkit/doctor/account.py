"""Whether this is the account whose keys, configuration and permissions the hooks use."""

import os
import pwd
import shlex
from collections.abc import Iterator

from hookkit.repository import Repository
from hookkit.values import Check

_NOT_SHARED = ("", "false", "umask", "no", "off", "0")


def checks(repo: Repository) -> Iterator[Check]:
    """Who asks, and who owns the repository."""
    owner, asking = repo.common_dir.stat().st_uid, os.geteuid()
    if owner == asking or is_shared(repo):
        yield Check("account", "ok", name(asking))
        return
    yield Check(
        "account",
        "warning",
        f"the repository belongs to {name(owner)}, this is {name(asking)}: whose keys, known hosts and configuration are "
        f"looked at here, not those that the hooks of {name(owner)} use",
        f"sudo -u {shlex.quote(name(owner))} hookkit -C {shlex.quote(str(repo.path))} doctor",
    )


def is_shared(repo: Repository) -> bool:
    """Whether several accounts write to the repository: ``core.sharedRepository``, git-config(1)."""
    entry = repo.config.last("core.sharedRepository")
    return entry is not None and (entry.value or "true").lower() not in _NOT_SHARED


def name(user: int) -> str:
    """The name of an account."""
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
