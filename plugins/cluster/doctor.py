"""What ``hookkit doctor`` looks at in a node of a cluster."""

import os
from collections.abc import Iterator

from hookkit.api import Check, HookkitError, Repository
from hookkit_plugins.cluster import journal, settings, signing
from hookkit_plugins.cluster.status import conflicts, forgotten


def checks(repo: Repository) -> Iterator[Check]:
    """The checks of one repository."""
    try:
        chosen = settings.read(repo)
    except HookkitError:
        return  # the core's check of the configuration says so
    if repo.work_tree is not None:
        yield Check(
            "cluster repository", "problem", "it has a work tree: a node's repository is bare", "git clone --bare"
        )
    if chosen.verify:
        yield _key(chosen.key)
        yield _signers(repo, chosen.signers)
    else:
        cause = "hookkit.cluster.verify is false: whoever may push here can write any node's journal"
        yield Check("cluster signatures", "warning", cause, "hookkit config unset hookkit.cluster.verify")
    kept = len(conflicts(repo))
    if kept:
        cause = f"{kept} {'value' if kept == 1 else 'values'} that lost, kept below refs/conflicts/"
        yield Check("cluster conflicts", "warning", cause, "hookkit cluster conflicts")
    else:
        yield Check("cluster conflicts", "ok", "none")


def _key(key: str) -> Check:
    if not os.access(key, os.R_OK):
        cause = f"{key} is not there or cannot be read: nothing can be written into the journal"
        return Check("cluster key", "problem", cause, "hookkit setup key")
    if not os.access(f"{key}.pub", os.R_OK):
        cause = f"{key}.pub is not there: this node cannot recognise its own journal"
        return Check("cluster key", "problem", cause, f"ssh-keygen -y -f {key} > {key}.pub")
    return Check("cluster key", "ok", key)


def _signers(repo: Repository, signers: str) -> Check:
    name = "cluster signers"
    try:
        known = signing.trusted(signers)
    except OSError as error:
        cause = f"{signers} cannot be read ({error.strerror}): no other node's journal is taken"
        return Check(name, "problem", cause, "hookkit setup trust NODE FILE.pub")
    unknown = sorted({*journal.heads(repo)} - known - forgotten(repo) - {repo.node})
    if unknown:
        cause = f"no key of {', '.join(unknown)}, whose journal is here: what it writes from now on is refused"
        return Check(name, "problem", cause, f"hookkit setup trust {unknown[0]} FILE.pub")
    return Check(name, "ok", f"{len(known)} in {signers}")
