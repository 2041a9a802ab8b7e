"""What is sent, signed how, tried again when, and what may overtake what."""

import base64
import hashlib
import hmac
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from hookkit.api import RefUpdate, account_dir
from hookkit_plugins.trigger import event, sender, settings, spool
from hookkit_plugins.trigger.posting import Posted
from hookkit_plugins.trigger.spool import New, Spool

ONE, TWO, ZERO = "1" * 40, "2" * 40, "0" * 40
UPDATES = [
    RefUpdate("refs/heads/a", ZERO, ONE),
    RefUpdate("refs/heads/b", ONE, TWO),
    RefUpdate("refs/tags/c", TWO, ZERO),
]


def test_an_event() -> None:
    made = json.loads(event.event("push", "id-1", 0, event.Origin("project", "alpha", "dana"), UPDATES))
    assert made == {
        "event": "push",
        "id": "id-1",
        "push": event.fingerprint(UPDATES),
        "at": "1970-01-01T00:00:00Z",
        "repository": "project",
        "node": "alpha",
        "pusher": "dana",
        "origin": None,
        "updates": [
            {"ref": "refs/heads/a", "old": ZERO, "new": ONE, "change": "created"},
            {"ref": "refs/heads/b", "old": ONE, "new": TWO, "change": "moved"},
            {"ref": "refs/tags/c", "old": TWO, "new": ZERO, "change": "deleted"},
        ],
    }


def test_a_ref_name_that_is_no_text_makes_no_event_that_nobody_can_read() -> None:
    body = event.event("push", "1", 0, event.Origin("p", "n", None), [RefUpdate("refs/heads/\udcff", ONE, TWO)])
    assert json.loads(body)["updates"][0]["ref"] == "refs/heads/\ufffd"


def test_a_push_has_the_same_fingerprint_on_every_server() -> None:
    assert event.fingerprint(UPDATES) == event.fingerprint(UPDATES[::-1])
    assert event.fingerprint(UPDATES) != event.fingerprint(UPDATES[1:])


def test_the_signature_is_that_of_the_body() -> None:
    made = event.headers("push", "1", b"{}", b"secret")
    assert made["X-Hub-Signature-256"] == "sha256=" + hmac.new(b"secret", b"{}", hashlib.sha256).hexdigest()
    assert "X-Hub-Signature-256" not in event.headers("push", "1", b"{}", None)


def test_a_password_in_a_url_goes_into_a_header() -> None:
    url, more = event.address("https://dana:p%40ss@ci.example.org:8443/hook?x=1")
    assert url == "https://ci.example.org:8443/hook?x=1"
    assert base64.b64decode(more["Authorization"].removeprefix("Basic ")) == b"dana:p@ss"
    assert event.address("https://ci.example.org/hook") == ("https://ci.example.org/hook", {})
    assert event.shown("https://dana:p@ci.example.org:8443/hooks/TOKEN") == "ci.example.org:8443"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://ci.example.org/hook", True),
        ("http://[::1]:8080/", True),
        ("file:///etc/passwd", False),
        ("ftp://x/y", False),
        ("https://", False),
        ("https://host:port/", False),
        ("ci.example.org", False),
    ],
)
def test_only_http(url: str, allowed: bool) -> None:
    try:
        settings.URL.parse(url)
    except ValueError:
        assert not allowed
    else:
        assert allowed


@pytest.mark.parametrize(
    ("status", "expected"), [(None, True), (500, True), (503, True), (429, True), (404, False), (302, False)]
)
def test_whose_fault_it_is(status: int | None, expected: bool) -> None:
    assert event.passes(status) is expected


def test_pauses_grow_to_a_limit() -> None:
    assert [event.pause(tries) for tries in (1, 2, 3, 50, 5000)] == [1, 2, 4, 900, 900]


def new(url: str, number: int, keep: float = 100) -> New:
    return New(url, "", keep, 1000.0, "/p.git", "push", f"id-{number}", b"{}")


@pytest.fixture
def waiting(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool.sqlite")


def due(waiting: Spool, now: float) -> list[str]:
    return [each.event.identity for each in waiting.due(now)]


def test_nothing_overtakes_an_event_for_a_server_that_does_not_answer(waiting: Spool) -> None:
    said: list[str] = []
    first = waiting.add(new("http://a/secret", 1))
    waiting.add(new("http://b", 2))
    sender.settle(waiting, waiting.due(1000)[0], Posted(503, "HTTP 503"), 1000, said.append)
    waiting.add(new("http://a/secret", 3))
    assert due(waiting, 1000.5) == ["id-2"]
    assert waiting.blocked("http://a/secret", 1000.5) == "HTTP 503"
    assert waiting.blocked("http://b", 1000.5) is None
    assert due(waiting, 1001) == ["id-1", "id-2", "id-3"]
    waiting.taken(first)
    assert due(waiting, 1001) == ["id-2", "id-3"]
    assert said == ["a /p.git id-1: HTTP 503"]


def test_an_event_that_is_not_wanted_stands_in_nobodys_way(waiting: Spool) -> None:
    waiting.add(new("http://a", 1))
    waiting.add(new("http://a", 2))
    sender.settle(waiting, waiting.due(1000)[0], Posted(404, "HTTP 404"), 1000, lambda _: None)
    assert due(waiting, 1000.5) == ["id-2"]
    waiting.hurry()
    assert due(waiting, 1000.5) == ["id-1", "id-2"]


def test_what_nobody_takes_for_too_long_is_given_up_and_that_is_said(waiting: Spool) -> None:
    said: list[str] = []
    waiting.add(new("http://a", 1, keep=100))
    sender.settle(waiting, waiting.due(1100)[0], Posted(None, "no answer"), 1100, said.append)
    assert len(waiting.waiting()) == 1
    sender.settle(waiting, waiting.waiting()[0], Posted(None, "no answer"), 1101, said.append)
    assert waiting.waiting() == []
    assert said[-1].endswith("no answer; it is given up after 2 tries")


def torn(path: Path) -> None:
    """The first page is as it was, what follows is not."""
    with spool.opened(print) as waiting:
        for number in range(200):
            waiting.add(new("http://a", number))
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"garbage " * 512 + data[8192:])


@pytest.mark.parametrize("damage", [lambda path: path.write_text("garbage " * 100), torn])
def test_a_spool_that_is_damaged_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], object]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = account_dir("trigger") / "spool.sqlite"
    damage(path)
    damaged = path.read_bytes()
    said: list[str] = []
    with spool.opened(said.append) as waiting:
        waiting.add(new("http://a", 1))
    with spool.opened(said.append) as waiting:
        assert [each.event.identity for each in waiting.waiting()] == ["id-1"]
    (line,) = said
    (aside,) = path.parent.glob("spool.damaged-*.sqlite")
    assert str(aside) in line
    assert aside.read_bytes() == damaged


def test_only_the_account_can_read_the_urls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with spool.opened(print):
        assert stat.S_IMODE((tmp_path / "hookkit" / "trigger").stat().st_mode) == 0o700
