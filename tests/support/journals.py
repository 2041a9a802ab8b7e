"""Nodes of a cluster without servers: repositories side by side, which fetch each other's journals."""

import shutil
from pathlib import Path

from hookkit.api import RefUpdate, Repository
from hookkit_plugins.cluster import anew, checking, hooks, journal, marks, settings


def named(repo: Repository, name: str) -> Repository:
    (repo.git_dir / "hookkit").mkdir(exist_ok=True)
    for key, value in (("hookkit.node", name), ("hookkit.cluster.verify", "false")):
        repo.git("config", key, value)
    repo.reload()
    return repo


def commit(repo: Repository, message: str, *parents: str) -> str:
    tree = repo.git("mktree").text()
    flags = [flag for parent in parents for flag in ("-p", parent)]
    who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    return repo.git(*who, "commit-tree", *flags, tree, stdin=message.encode()).text()


def push(repo: Repository, **values: str | None) -> None:
    now = repo.refs()
    updates = []
    for name, new in values.items():
        ref = f"refs/heads/{name}"
        old = now.get(ref)
        zero = "0" * len(old or new or "")
        updates.append(RefUpdate(ref, old or zero, new or zero))
        repo.git("update-ref", *(("-d", ref) if new is None else (ref, new)))
    marks.leave(repo, updates, "dana")
    hooks.together(repo, settings.read(repo), [each.ref for each in updates], pusher="dana")


def carry(*nodes: Repository) -> None:
    """Everybody gets what everybody else has, twice."""
    for here in [*nodes, *nodes]:
        fetch(here, *(there for there in nodes if there is not here))


def fetch(here: Repository, *others: Repository) -> None:
    """What ``mirror sync`` does with its peers."""
    fetched: dict[str, dict[str, str]] = {}
    for there in others:
        incoming = f"refs/hookkit/incoming/{there.node}/"
        here.git("fetch", "-q", "--no-tags", str(there.git_dir), f"+{journal.JOURNALS}*:{incoming}*")
        fetched[there.node] = {ref.removeprefix(incoming): ref for ref in here.refs(incoming)}
    hooks.received(here, fetched)
    for refs in fetched.values():
        for ref in refs.values():
            here.git("update-ref", "-d", ref)


def compact(repo: Repository) -> None:
    anew.compact(repo, settings.read(repo))


def branches(*nodes: Repository) -> set[str]:
    """Those that all nodes have."""
    (found,) = {tuple(sorted(node.refs("refs/heads/", "refs/conflicts/").items())) for node in nodes}
    for node in nodes:
        assert checking.verify(node, settings.read(node)).problems == []
    return {ref for ref, _ in found}


def mirror(repo: Repository, name: str) -> Repository:
    """A copy of the branches as they are, without journals."""
    copy = repo.git_dir.with_name(f"{name}.git")
    repo.git("clone", "-q", "--bare", "--no-hardlinks", str(repo.git_dir), str(copy))
    return named(Repository.discover(copy), name)


def no_cache(repo: Repository) -> None:
    for file in (repo.git_dir / "hookkit/cluster").glob("state.sqlite*"):
        file.unlink()


def restore(node: Repository, backup: Path) -> None:
    shutil.rmtree(node.git_dir)
    shutil.copytree(backup, node.git_dir)


def drop(node: Repository, ref: str) -> None:
    """Delete a conflict ref, as a push does it."""
    oid = node.refs(ref)[ref]
    marks.leave(node, [RefUpdate(ref, oid, "0" * len(oid))], "dana")
    node.git("update-ref", "-d", ref, oid)
    hooks.together(node, settings.read(node), [ref], pusher="dana")


def problems(*nodes: Repository) -> list[str]:
    """Where the nodes differ from each other, and from what their journals come to."""
    first, *others = (node.refs("refs/heads/", "refs/conflicts/") for node in nodes)
    found = [
        f"{node.node} differs: {sorted({*theirs.items()} ^ {*first.items()})}"
        for node, theirs in zip(nodes[1:], others, strict=True)
        if theirs != first
    ]
    for node in nodes:
        found += [f"verify on {node.node}: {each}" for each in checking.verify(node, settings.read(node)).problems]
    return found
