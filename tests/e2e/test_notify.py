"""The plugin notify, with a real receiver: people hear of a remote that is behind, and of its return, once."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from support import faults
from support.account import BIN
from support.client import WorkingCopy
from support.cluster import Cluster
from support.poll import until

pytest.importorskip("apprise")


class Receiver(ThreadingHTTPServer):
    """Takes what apprise posts to ``json://``."""

    def __init__(self) -> None:
        received: list[dict[str, str]] = []
        self.received = received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_people_hear_of_it_once_and_of_the_return(
    pair: Cluster, pusher: Callable[[Cluster], WorkingCopy], receiver: Receiver
) -> None:
    alpha, bravo, repository = pair["alpha"], pair["bravo"], pair.repository
    file = alpha.home / "apprise.conf"
    file.write_text(f"json://127.0.0.1:{receiver.server_port}/\n")
    file.chmod(0o600)
    alpha.hookkit(repository, "plugins", "enable", "notify")
    for key, value in {
        "notify.file": str(file),
        "notify.every": "0",
        "mirror.worker": "true",
        "mirror.stale-after": "0",
    }.items():
        alpha.git(repository, "config", f"hookkit.{key}", value)
    work = pusher(pair)
    work.commit("first")
    work.git("push", "alpha", "HEAD:refs/heads/main")
    assert pair.is_equal()

    tested = alpha.hookkit(repository, "notify", "test")
    assert f"sent to everybody in {file}" in tested.stdout
    assert "this is a test" in receiver.received.pop()["message"]
    doctor = alpha.hookkit(repository, "doctor", check=False).stdout
    assert f"1 address in {file}" in doctor

    with faults.stopped(bravo):
        for number in range(2):
            work.commit(f"while it is down {number}")
            pushed = work.git("push", "alpha", "HEAD:refs/heads/main")
            assert "not told" not in pushed.stderr
        until(lambda: len(receiver.received) == 1, "nobody hears of it")
        assert receiver.received[0]["title"] == f"hookkit on alpha: {repository}"
        assert "bravo is behind: 1 ref since" in receiver.received[0]["message"]
    until(lambda: len(receiver.received) == 2, "nobody hears of the return")
    assert "bravo is in sync again" in receiver.received[1]["message"]
    assert pair.is_equal()


def test_a_test_for_the_whole_account(pair: Cluster, receiver: Receiver) -> None:
    """As the page has it: on with --global, which needs no repository."""
    alpha = pair["alpha"]
    file = alpha.home / "apprise.conf"
    file.write_text(f"json://127.0.0.1:{receiver.server_port}/\n")
    for args in (
        ("git", "config", "--global", "hookkit.notify.file", "~/apprise.conf"),
        ("git", "config", "--global", "hookkit.node", "alpha"),
        (str(BIN / "hookkit"), "plugins", "enable", "notify", "--global"),
    ):
        alpha.run(*args)
    assert f"sent to everybody in {file}" in alpha.run(str(BIN / "hookkit"), "notify", "test").stdout
    assert receiver.received.pop()["title"] == "hookkit on alpha: the account"


def test_what_is_wrong_with_the_addresses_is_said(pair: Cluster) -> None:
    alpha, repository = pair["alpha"], pair.repository
    alpha.hookkit(repository, "plugins", "enable", "notify")
    file = alpha.home / "apprise.conf"
    alpha.git(repository, "config", "hookkit.notify.file", str(file))
    missing = alpha.hookkit(repository, "notify", "test", check=False)
    assert missing.status == 1
    assert f"error: nobody to tell: {file} cannot be read" in missing.stderr
    file.write_text("# nobody\n")
    assert f"there is no address in {file}" in alpha.hookkit(repository, "notify", "test", check=False).stderr
    file.write_text("json://user:secret@127.0.0.1:9/\n")
    refused = alpha.hookkit(repository, "notify", "test", check=False)
    assert refused.status == 1
    assert "somebody could not be told" in refused.stderr
    assert "secret" not in refused.stderr
    assert "others may read the passwords" in alpha.hookkit(repository, "doctor", check=False).stdout
    file.write_text("json://127.0.0.1:9/\njsom://user:secret@127.0.0.1:9/\n")
    doubtful = alpha.hookkit(repository, "doctor", check=False).stdout
    assert f"problem  notify: not every address in {file} is understood (Unparseable URL jsom://" in doubtful
    assert "secret" not in doubtful
    alpha.git(repository, "config", "hookkit.notify.events", "stalle")
    assert "stalle" in alpha.hookkit(repository, "config", "check", check=False).stderr
