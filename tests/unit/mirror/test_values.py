"""What refs are here is looked up once for all remotes, and anew after every change."""

import pytest

from hookkit.repository import Repository
from hookkit_plugins.mirror.plan import Debt
from hookkit_plugins.mirror.values import Values


@pytest.fixture
def oids(repo: Repository) -> list[str]:
    tree = repo.git("mktree").text()
    return [repo.git("commit-tree", "-m", str(number), tree).text() for number in range(2)]


def debt(serial: int, ref: str = "refs/heads/main") -> Debt:
    return Debt(ref, "0" * 40, serial, 0)


def test_once_for_each_change(repo: Repository, oids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    resolve = repo.resolve
    monkeypatch.setattr(repo, "resolve", lambda refs: asked.append(refs) or resolve(refs))
    values = Values(repo)
    repo.git("update-ref", "refs/heads/main", oids[0])
    gone = debt(1, "refs/heads/gone")
    assert values.of([debt(1), gone]) == {"refs/heads/main": oids[0]}
    repo.git("update-ref", "refs/heads/main", oids[1])
    assert values.of([debt(1)]) == {"refs/heads/main": oids[0]}, "for whoever it was written down for"
    assert values.of([debt(2), gone]) == {"refs/heads/main": oids[1]}, "what has changed since is owed anew"
    assert asked == [["refs/heads/main", "refs/heads/gone"], ["refs/heads/main"]]
