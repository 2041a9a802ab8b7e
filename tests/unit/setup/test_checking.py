"""What is said about the other end of a remote, and about servers that somebody names."""

import pytest

from hookkit.errors import UsageError
from hookkit.failures import Failure, Kind
from hookkit.probing import Probed
from hookkit_plugins.setup import checking, servers


def verdicts(said: Probed, kind: str = "mirror") -> list[tuple[str, str]]:
    return [(each.name, each.verdict) for each in checking.checks(said, kind, "bravo")]


@pytest.mark.parametrize("kind", list(Kind))
def test_every_failure_is_a_problem_after_what_went_well(kind: Kind) -> None:
    *before, last = checking.checks(Probed(Failure(kind, "why")), "peer", "bravo")
    assert all(each.verdict == "ok" for each in before)
    assert last.verdict == "problem"
    assert last.cause == f"{kind.value}: why"
    assert last.hint


@pytest.mark.parametrize(
    ("kind", "count"), [(Kind.HOST_KEY, 0), (Kind.AUTH, 1), (Kind.MISSING, 2), (Kind.DENIED, 2), (Kind.DISK_FULL, 3)]
)
def test_how_far_it_went(kind: Kind, count: int) -> None:
    found = verdicts(Probed(Failure(kind, "")))
    assert len(found) == count + 1
    # Whoever is denied something does not know whether it is there.
    assert ("repository", "ok") not in found or kind is Kind.DISK_FULL


def test_what_a_peer_needs_and_a_mirror_need_not() -> None:
    assert all(verdict == "ok" for _, verdict in verdicts(Probed(None, "git/2.1.0")))
    assert verdicts(Probed(None, "git/2.30.2"), "peer")[-2:] == [("git", "problem"), ("push options", "warning")]
    assert all(verdict == "ok" for _, verdict in verdicts(Probed(None, "git/2.39.5", push_options=True), "peer"))


def test_servers() -> None:
    mark = "SHA256:" + "A" * 43
    found = servers.read(["a=h:{}", "b=ssh://h/{}?x=y"], [f"b={mark}="], ["a=x=y.pub"])
    assert [(each.name, each.pattern, each.fingerprint) for each in found] == [
        ("a", "h:{}", None),
        ("b", "ssh://h/{}?x=y", mark),
    ]
    assert str(found[0].signer) == "x=y.pub"


@pytest.mark.parametrize("wrong", ["a", "=x", "a=", "c=x", "a=SHA256:short"])
def test_what_is_said_about_nobody_or_wrong(wrong: str) -> None:
    with pytest.raises(UsageError):
        servers.read(["a=h:{}"], [wrong], [])
