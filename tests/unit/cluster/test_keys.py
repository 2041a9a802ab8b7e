"""A node that gets a new key: its journal ends with an entry that is signed with it, after the next sync."""

from pathlib import Path

import pytest
from support.journals import branches, carry, commit, compact, named, push

from hookkit.api import Repository
from hookkit.testing.sshd import make_key
from hookkit_plugins.cluster import checking, doctor, hooks, journal, settings

Nodes = tuple[Repository, Repository]


def key_of(repo: Repository) -> Path:
    return repo.git_dir.with_suffix(".key")


def trust(*nodes: Repository) -> None:
    """Every node's key that it has now, and no other, is trusted by all."""
    lines = "".join(f"{node.node} {Path(f'{key_of(node)}.pub').read_text().strip()}\n" for node in nodes)
    for node in nodes:
        key_of(node).with_suffix(".signers").write_text(lines)


@pytest.fixture
def nodes(tmp_path: Path) -> Nodes:
    """alpha and bravo, which sign their journals and have followed each other."""
    alpha, bravo = both = tuple(named(Repository.create(tmp_path / f"{n}.git"), n) for n in ("alpha", "bravo"))
    for node in both:
        make_key(key_of(node))
        for name, value in {
            "verify": "true",
            "key": str(key_of(node)),
            "signers": str(key_of(node).with_suffix(".signers")),
        }.items():
            node.git("config", f"hookkit.cluster.{name}", value)
        node.reload()
    trust(*both)
    push(alpha, main=commit(alpha, "one"))
    carry(*both)
    return alpha, bravo


def new_key(node: Repository) -> None:
    for file in (key_of(node), Path(f"{key_of(node)}.pub")):
        file.unlink()
    make_key(key_of(node))


def wrong(node: Repository) -> list[str]:
    return checking.verify(node, settings.read(node)).problems


def verdict(node: Repository) -> tuple[str, str]:
    (found,) = (check for check in doctor.checks(node) if check.name == "cluster key")
    return found.verdict, found.hint


def test_the_next_sync_signs_with_it(nodes: Nodes) -> None:
    alpha, bravo = nodes
    assert verdict(alpha) == ("ok", "")
    new_key(alpha)
    trust(*nodes)
    assert wrong(alpha) == [
        "the journal of alpha: not signed with the key that this node has now: "
        "if that is new, hookkit mirror sync signs with it"
    ]
    assert verdict(alpha) == ("warning", "hookkit mirror sync")
    assert "if that was done, hookkit mirror sync on alpha" in wrong(bravo)[0]
    carry(*nodes)
    assert branches(*nodes) == {"refs/heads/main"}
    assert verdict(alpha) == ("ok", "")
    before = journal.heads(alpha)
    carry(*nodes)
    assert journal.heads(alpha) == before
    compact(alpha)
    carry(*nodes)
    assert wrong(bravo) == []


def test_what_is_wrong_otherwise_is_signed_once(nodes: Nodes) -> None:
    alpha, _bravo = nodes
    alpha.git("config", "gpg.ssh.revocationFile", f"{key_of(alpha)}.pub")
    before = journal.head(alpha, journal.heads(alpha)["alpha"])
    hooks.received(alpha, {})
    hooks.received(alpha, {})
    assert journal.head(alpha, journal.heads(alpha)["alpha"]).seq == before.seq + 1


@pytest.mark.parametrize("public", ["another's", "none"])
def test_where_it_cannot_be_signed_sync_goes_on(nodes: Nodes, public: str) -> None:
    alpha, bravo = nodes
    file = Path(f"{key_of(alpha)}.pub")
    file.unlink()
    if public == "another's":
        file.write_text(Path(f"{key_of(bravo)}.pub").read_text())
    before = journal.heads(alpha)
    said = hooks.received(alpha, {})["notes"]
    assert ("cannot be signed with the key that this node has now" in str(said)) is (public == "another's")
    assert journal.heads(alpha) == before


def test_where_nothing_is_signed_nothing_is_signed_anew(nodes: Nodes) -> None:
    alpha, _bravo = nodes
    new_key(alpha)
    alpha.git("config", "hookkit.cluster.verify", "false")
    alpha.reload()
    before = journal.heads(alpha)
    hooks.received(alpha, {})
    assert journal.heads(alpha) == before
