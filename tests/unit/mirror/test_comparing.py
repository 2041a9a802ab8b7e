"""Peers that have the journals and do not carry them out: of what is seen, what is said."""

import pytest

from hookkit_plugins.mirror import comparing

BEHIND, HERE = {"refs/heads/main": "a"}, {"refs/heads/main": "b"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "_PAUSE", 0.001)


def ask(there: comparing.Refs) -> dict[str, str]:
    return {peer: f"main is {refs['refs/heads/main']}" for peer, refs in there.items() if refs != HERE}


def lasting(*looks: comparing.Refs | None) -> dict[str, str]:
    """:param looks: what the peer has; the last one again and again."""
    first, *rest = looks
    return comparing.lasting(
        {"bravo": first}, ask, lambda _peer: rest.pop(0) if len(rest) > 1 else rest[0], patience=0.05
    )


def test_what_stays_is_said() -> None:
    assert lasting(BEHIND, BEHIND) == {"bravo": "main is a"}


@pytest.mark.parametrize("later", [HERE, {"refs/heads/main": "c"}, None])
def test_what_a_push_on_its_way_explains_is_not(later: comparing.Refs | None) -> None:
    assert lasting(BEHIND, BEHIND, later) == {}
