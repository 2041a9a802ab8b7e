"""What refs are here is looked up once for all remotes, and anew after every change."""

import threading

import pytest

from hookkit.errors import HookkitError
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


def test_looked_up_while_the_caller_does_something_else(
    repo: Repository, oids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    go_on = threading.Event()

    def resolve(refs: list[str]) -> dict[str, str]:
        asked.append(refs)
        assert go_on.wait(20)
        return dict.fromkeys(refs, oids[0])

    monkeypatch.setattr(repo, "resolve", resolve)
    values = Values(repo)
    values.look_up([debt(1)])
    threading.Timer(0.1, go_on.set).start()
    assert values.of([debt(1)]) == {"refs/heads/main": oids[0]}
    assert len(asked) == 1


def test_whoever_asks_is_told_what_went_wrong(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(_refs: list[str]) -> dict[str, str]:
        raise HookkitError("cannot run git")

    monkeypatch.setattr(repo, "resolve", resolve)
    values = Values(repo)
    values.look_up([debt(1)])
    with pytest.raises(HookkitError, match="cannot run git"):
        values.of([debt(1)])
