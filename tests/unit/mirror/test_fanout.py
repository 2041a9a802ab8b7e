"""Several remotes at once: none has to suffer from another one."""

import sqlite3
from pathlib import Path

import pytest

from hookkit.api import Failure, Kind, Repository
from hookkit_plugins.mirror import fanout, settings
from hookkit_plugins.mirror.delivery import Delivery
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.report import Report
from hookkit_plugins.mirror.retry import Deadline
from hookkit_plugins.mirror.store import Outbox


def remote(name: str, url: str) -> Remote:
    return Remote(name, "mirror", url, (), name)


def test_one_of_each_host_comes_first() -> None:
    frozen = [remote(str(number), f"git@bravo:{number}.git") for number in range(9)]
    other, last = remote("other", "git@zulu:x.git"), remote("last", "/srv/git/x.git")
    assert fanout.in_turn([*frozen, other, last]) == [frozen[0], other, last, *frozen[1:]]


@pytest.mark.parametrize(
    ("error", "said", "hint"),
    [
        (ZeroDivisionError("oh"), "ZeroDivisionError: oh", "the details are in"),
        (sqlite3.OperationalError("disk is full"), "refused: on this side: disk is full", "hookkit doctor"),
    ],
)
def test_what_fails_on_this_side_for_one_is_its_failure(
    repo: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: Exception, said: str, hint: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    def run(self: Delivery, **_: object) -> Report:
        if self._name == "bad":
            raise error
        return Report(remote("good", "/good"))

    monkeypatch.setattr(Delivery, "run", run)
    reports: list[Report] = []
    both = [remote("bad", "/bad"), remote("good", "/good")]
    chosen = settings.read(repo)
    late = fanout.deliver(repo, chosen, both, Outbox(None), None, Deadline(30), reports.append, by="push")
    assert late == []
    good, bad = sorted(reports, key=lambda each: each.remote.name, reverse=True)
    assert good.ok
    assert bad.failure
    assert said in str(bad.failure)
    assert hint in str(bad.failure.hint)


def test_a_host_that_does_not_answer_is_not_asked_for_each_of_its_remotes(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def run(self: Delivery, **_: object) -> Report:
        asked.append(self._name)
        return Report(self._remote, failure=Failure(Kind.OFFLINE, "Connection refused"))

    monkeypatch.setattr(Delivery, "run", run)
    many = [remote(str(number), f"git@bravo:{number}.git") for number in range(5)]
    reports: list[Report] = []
    outbox = Outbox(None)
    fanout.deliver(
        repo, settings.read(repo)._replace(jobs=1), many, outbox, None, Deadline(30), reports.append, by="sync"
    )
    assert asked == ["0", "1"]
    assert [str(report.failure) for report in reports] == ["offline: Connection refused"] * 5
    assert outbox.known("4", many[4].shown_url).kind == "offline"
