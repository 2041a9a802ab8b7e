"""The plugin trigger, with a real HTTP server that fails, hangs, goes away and comes back."""

import hashlib
import hmac
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support.client import WorkingCopy
from support.cluster import Cluster
from support.node import Node
from support.poll import until

SECRET = b"very secret"


class Receiver(ThreadingHTTPServer):
    """A server that takes events. Its port is its own from the beginning; until :meth:`answer` it refuses connections."""

    daemon_threads = True

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.status = 200
        self.released = threading.Event()
        self.released.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((self.path, dict(self.headers), body))
                receiver.released.wait(30)
                status = 404 if b"refs/heads/unwanted" in body else receiver.status
                if status == 200:
                    receiver.taken.append(json.loads(body))
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", f"http://127.0.0.1:{receiver.server_port}/elsewhere")
                self.end_headers()

            def do_GET(self) -> None:
                receiver.requests.append((self.path, {}, b""))

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.server_bind()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hooks/TOKEN"

    def answer(self) -> None:
        self.server_activate()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def end(self) -> None:
        self.released.set()
        if self._thread:
            self.shutdown()
            self._thread.join()
        self.server_close()


@pytest.fixture
def receivers() -> Iterator[Callable[[], Receiver]]:
    made: list[Receiver] = []

    def make() -> Receiver:
        made.append(Receiver())
        return made[-1]

    yield make
    for each in made:
        each.end()


@pytest.fixture
def receiver(receivers: Callable[[], Receiver]) -> Receiver:
    return receivers()


@pytest.fixture
def alpha(cluster: Callable[..., Cluster], receiver: Receiver) -> Node:
    """A node that tells ``receiver``."""
    (alpha,) = cluster(1)
    alpha.hookkit("project", "plugins", "enable", "trigger")
    secret = alpha.home / "secret"
    secret.write_bytes(SECRET + b"\n")
    secret.chmod(0o600)
    alpha.git("project", "config", "hookkit.trigger.url", receiver.url)
    alpha.git("project", "config", "hookkit.trigger.secret-file", str(secret))
    return alpha


@pytest.fixture
def work(alpha: Node, pusher: Callable[..., WorkingCopy]) -> WorkingCopy:
    return pusher(Cluster((alpha,), "project"))


def push(work: WorkingCopy, message: str, ref: str = "refs/heads/main") -> tuple[str, list[str], float]:
    """Push a commit; it, what the hooks say, and how long that took."""
    oid = work.commit(message)
    done = work.git("push", "alpha", f"HEAD:{ref}")
    return oid, [line for line in done.remote if "127.0.0.1" in line], done.seconds


def log(node: Node) -> str:
    file = node.home / ".local" / "state" / "hookkit" / "trigger" / "trigger.log"
    return file.read_text() if file.exists() else ""


def test_it_is_told_at_once_and_can_check_who_speaks(alpha: Node, work: WorkingCopy, receiver: Receiver) -> None:
    receiver.answer()
    oid, said, _ = push(work, "first")
    assert said == [f"hookkit: 127.0.0.1:{receiver.server_port}  {said[0].split('  ')[1]}"]
    assert " told 0." in said[0]
    ((path, headers, body),) = receiver.requests
    assert path == "/hooks/TOKEN"
    assert headers["X-Hub-Signature-256"] == "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    event = json.loads(body)
    assert headers["X-Hookkit-Delivery"] == event["id"]
    assert (event["event"], event["repository"], event["node"]) == ("push", "project", "alpha")
    assert event["updates"] == [{"ref": "refs/heads/main", "old": "0" * 40, "new": oid, "change": "created"}]
    work.git("push", "alpha", "HEAD:refs/notes/x")
    alpha.git("project", "config", "hookkit.output", "failures")
    assert push(work, "second")[1] == []
    assert len(receiver.taken) == 2
    assert "  told " in f"  {alpha.hookkit('project', 'trigger', 'test').stdout}"
    assert receiver.taken[-1]["event"] == "test"
    assert "1 told of every push" in alpha.hookkit("project", "doctor", check=False).stdout


def test_nothing_is_lost_while_it_is_down(alpha: Node, work: WorkingCopy, receiver: Receiver) -> None:
    pushed = []
    for number in range(3):
        oid, said, seconds = push(work, f"number {number}")
        pushed.append(oid)
        assert "not told yet, it is tried again: Connection refused" in said[0]
        assert seconds < 4
    waiting = json.loads(alpha.hookkit("project", "trigger", "waiting", "--json").stdout)
    assert len(waiting) == 3
    assert waiting[0]["problem"] == "Connection refused"
    assert " events not taken, the first " in alpha.hookkit("project", "doctor", check=False).stdout
    receiver.answer()
    until(lambda: len(receiver.taken) == 3, "not everything arrives")
    assert [event["updates"][0]["new"] for event in receiver.taken] == pushed
    until(lambda: alpha.hookkit("project", "trigger", "waiting").stdout == "nothing waits\n", "something is left")
    assert "Connection refused" in log(alpha)


def senders(node: Node) -> list[int]:
    """The processes that send for this node."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if (
                entry.name.isdigit()
                and b"trigger.sender" in (entry / "cmdline").read_bytes()
                and f"HOME={node.home}\0".encode() in (entry / "environ").read_bytes()
            ):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def test_a_sender_that_is_killed_loses_nothing(alpha: Node, work: WorkingCopy, receiver: Receiver) -> None:
    push(work, "first")
    until(lambda: senders(alpha), "there is no sender")
    for pid in senders(alpha):
        os.kill(pid, signal.SIGKILL)
    receiver.answer()
    assert "  told " in alpha.hookkit("project", "trigger", "send").stdout
    assert len(receiver.taken) == 1


def test_doctor_sees_that_nobody_sends(alpha: Node, work: WorkingCopy, receiver: Receiver) -> None:
    push(work, "first")
    assert "nobody sends them" not in alpha.hookkit("project", "doctor", check=False).stdout
    until(lambda: senders(alpha), "there is no sender")
    for pid in senders(alpha):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not senders(alpha), "the sender is not gone")
    receiver.answer()
    assert "nobody sends them" in alpha.hookkit("project", "doctor", check=False).stdout
    alpha.hookkit("project", "doctor", "--fix", check=False)
    until(lambda: receiver.taken, "the event is not sent")


def test_no_push_waits_for_one_that_hangs_and_no_other_server_does(
    alpha: Node, work: WorkingCopy, receiver: Receiver, receivers: Callable[[], Receiver]
) -> None:
    other = receivers()
    for each in (receiver, other):
        each.answer()
    receiver.released.clear()
    alpha.git("project", "config", "--add", "hookkit.trigger.url", other.url)
    alpha.git("project", "config", "hookkit.trigger.wait", "0.5")
    alpha.git("project", "config", "hookkit.mirror.enabled", "false")
    for number in range(3):
        _, said, seconds = push(work, f"number {number}")
        assert seconds < 3
        assert sum("  told " in line for line in said) == 1
        assert sum("no answer so far" in line for line in said) == 1
    assert len(other.taken) == 3
    alpha.git("project", "config", "hookkit.trigger.wait", "0")
    assert push(work, "without a wait")[1] == []
    until(lambda: len(other.taken) == 4, "the other server waits")
    receiver.released.set()
    until(lambda: len(receiver.taken) >= 4, "what it has missed does not come")
    started = time.monotonic()
    until(lambda: alpha.hookkit("project", "trigger", "waiting").stdout == "nothing waits\n", "something is left")
    assert time.monotonic() - started < 30
    assert len({event["id"] for event in receiver.taken}) == 4


def test_what_it_does_not_want_is_tried_again_without_holding_up_others(
    alpha: Node, work: WorkingCopy, receiver: Receiver
) -> None:
    receiver.answer()
    _, said, _ = push(work, "first", "refs/heads/unwanted")
    assert "not told yet, it is tried again: HTTP 404 Not Found" in said[0]
    assert "  told " in push(work, "second")[1][0]
    receiver.status = 503
    assert "HTTP 503" in push(work, "third")[1][0]
    receiver.status = 200
    until(lambda: len(receiver.taken) == 2, "it is not tried again")
    refused = alpha.hookkit("project", "trigger", "send", check=False)
    assert refused.status == 1
    assert "error: 1 of 1 events were not taken" in refused.stderr
    assert alpha.hookkit("project", "trigger", "drop").stdout == "1 event dropped\n"


def test_secrets_are_never_shown_and_never_go_elsewhere(alpha: Node, work: WorkingCopy, receiver: Receiver) -> None:
    receiver.answer()
    receiver.status = 302
    url = receiver.url.replace("127", "dana:PASSWORD@127")
    alpha.git("project", "config", "hookkit.trigger.url", url)
    _, said, _ = push(work, "first")
    assert "HTTP 302 Found, which leads elsewhere: that is not followed" in said[0]
    assert {path for path, _, _ in receiver.requests} == {"/hooks/TOKEN"}
    assert receiver.requests[0][1]["Authorization"].startswith("Basic ")
    (alpha.home / "secret").unlink()
    shown = "".join(
        [*said, *push(work, "second")[1], log(alpha)]
        + [
            done.stdout + done.stderr
            for command in (("trigger", "waiting"), ("trigger", "test"), ("doctor",), ("trigger", "waiting", "--json"))
            for done in [alpha.hookkit("project", *command, check=False)]
        ]
    )
    assert "the secret cannot be read" in shown
    for secret in ("TOKEN", "PASSWORD", SECRET.decode()):
        assert secret not in shown
    alpha.git("project", "config", "--replace-all", "hookkit.trigger.url", "file:///etc/passwd")
    assert alpha.hookkit("project", "config", "check", check=False).status == 2


def test_in_a_cluster_every_node_tells_or_only_one(
    peers: Callable[..., Cluster], pusher: Callable[..., WorkingCopy], receiver: Receiver
) -> None:
    nodes = peers(2)
    receiver.answer()
    for node in nodes:
        node.hookkit("project", "plugins", "enable", "trigger")
        node.git("project", "config", "hookkit.trigger.url", receiver.url)
    work = pusher(nodes)
    push(work, "first")
    until(lambda: len(receiver.taken) == 2, "not both have told")
    assert {(event["node"], event["origin"]) for event in receiver.taken} == {("alpha", None), ("bravo", "alpha")}
    assert len({event["push"] for event in receiver.taken}) == 1
    for node in nodes:
        node.git("project", "config", "hookkit.trigger.once", "true")
    push(work, "second")
    nodes.verify()
    assert [event["node"] for event in receiver.taken[2:]] == ["alpha"]
