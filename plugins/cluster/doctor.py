"""What ``hookkit doctor`` looks at in a node of a cluster."""

import os
import time
from collections.abc import Iterator, Sequence

from hookkit.api import Check, HookkitError, Repository, ago
from hookkit_plugins.cluster import clocks, journal, settings, signing
from hookkit_plugins.cluster.entry import node_of
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.status import Standing, conflicts, forgotten, standings


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
    found, bad = standings(repo)
    if chosen.verify:
        yield _key(repo, chosen)
        yield _signers(repo, chosen.signers, {node for node, _ in found})
    else:
        cause = "hookkit.cluster.verify is false: whoever may push here can write any node's journal"
        yield Check("cluster signatures", "warning", cause, "hookkit config unset hookkit.cluster.verify")
    for each in bad:
        cause = f"{each}; somebody wrote it while the hooks were off, or a disk has lost something"
        yield Check("cluster journals", "problem", cause, each.cure)
    kept = len(conflicts(repo))
    if kept:
        cause = f"{kept} {'value' if kept == 1 else 'values'} that lost, kept below refs/conflicts/"
        yield Check("cluster conflicts", "warning", cause, "hookkit cluster conflicts")
    else:
        yield Check("cluster conflicts", "ok", "none")
    yield _clocks(repo, found, int(time.time() * 1000))


def _key(repo: Repository, chosen: ClusterSettings) -> Check:
    key = chosen.key
    if not os.access(key, os.R_OK):
        cause = f"{key} is not there or cannot be read: nothing can be written into the journal"
        return Check("cluster key", "problem", cause, "hookkit setup key")
    if not os.access(f"{key}.pub", os.R_OK):
        cause = f"{key}.pub is not there: this node cannot recognise its own journal"
        return Check("cluster key", "problem", cause, f"ssh-keygen -y -f {key} > {key}.pub")
    own = journal.heads(repo).get(repo.node)
    wrong = signing.problem(repo, chosen, own, repo.node) if own else None
    if wrong:
        return Check("cluster key", "warning", f"this node's journal: {wrong}", "hookkit mirror sync")
    return Check("cluster key", "ok", key)


def _signers(repo: Repository, signers: str, nodes: set[str]) -> Check:
    name = "cluster signers"
    try:
        known = signing.trusted(signers)
    except OSError as error:
        cause = f"{signers} cannot be read ({error.strerror}): no other node's journal is taken"
        return Check(name, "problem", cause, "hookkit setup trust NODE FILE.pub")
    unknown = sorted(nodes - known - forgotten(repo) - {repo.node})
    if unknown:
        cause = f"no key of {', '.join(unknown)}, whose journal is here: what it writes from now on is refused"
        return Check(name, "problem", cause, f"hookkit setup trust {unknown[0]} FILE.pub")
    return Check(name, "ok", f"{len(known)} in {signers}")


def _clocks(repo: Repository, tips: Sequence[Standing], now: int) -> Check:
    name = "cluster clocks"
    late = clocks.ahead([last.entry for _, last in tips], now)
    if not late:
        return Check(name, "ok", "no node has written anything that lies in the future")
    try:
        heads = journal.heads(repo)
        found = [each for node in map(node_of, late) for each in journal.read(repo, node, heads[node])]
    except HookkitError as error:
        return Check(name, "problem", str(error), "hookkit cluster verify")
    first = clocks.first_ahead((record.entry for record in found), now)
    whose = ", ".join(f"{each.node}, {ago((each.time - now) / 1000)} ahead" for each in first)
    cause = (
        f"the clock of a node is or was ahead ({whose}), or this one is behind: "
        f"until {clocks.shown(max(last.entry.time for _, last in tips))} no entry is newer than another"
    )
    return Check(name, "warning", cause, "timedatectl set-ntp true, there or here; timedatectl shows both")
