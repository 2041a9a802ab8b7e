"""The plugin lfs, with git-lfs over ssh: large files are at a remote before the refs that need them, or nothing is."""

import hashlib
import json
import shlex
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from support import faults, lfs_transfer
from support.client import WorkingCopy
from support.cluster import Cluster
from support.node import Node
from support.poll import until
from support.requirements import require


def transfer(node: Node) -> Path:
    """The program on a node that takes and gives large files."""
    return node.home / "bin" / "git-lfs-transfer"


def give_lfs(node: Node) -> None:
    transfer(node).parent.mkdir(exist_ok=True)
    shutil.copy(lfs_transfer.__file__, transfer(node))
    transfer(node).chmod(0o755)


def take_large_files(servers: Cluster) -> None:
    """Have the nodes take large files over ssh from all who may log in by now, and mirror them."""
    require("git-lfs")
    for node in servers:
        give_lfs(node)
        keys = node.ssh_dir / "authorized_keys"
        command = f'PATH={shlex.quote(str(node.home))}/bin:$PATH exec sh -c \\"$SSH_ORIGINAL_COMMAND\\"'
        keys.write_text("".join(f'command="{command}" {line}\n' for line in keys.read_text().splitlines()))
        node.hookkit(servers.repository, "plugins", "enable", "lfs")


def with_lfs(work: WorkingCopy) -> WorkingCopy:
    """Dana's clone, with git-lfs."""
    work.git("lfs", "install", "--local")
    work.git("lfs", "track", "*.bin")
    work.git("add", ".gitattributes")
    work.git("config", "lfs.locksverify", "false")
    # A path in the lab is too long for its socket.
    work.client.run("git", "config", "--global", "lfs.ssh.autoMultiplex", "false")
    return work


@pytest.fixture
def servers(pair: Cluster) -> Cluster:
    """Two nodes that mirror to each other, large files too."""
    return pair


@pytest.fixture
def work(servers: Cluster, pusher: Callable[[Cluster], WorkingCopy]) -> WorkingCopy:
    """Dana's clone, with git-lfs; the servers take large files."""
    work = pusher(servers)
    take_large_files(servers)
    return with_lfs(work)


def large(node: Node, repository: str) -> set[str]:
    """The large files that a node has."""
    return {path.name for path in (node.path(repository) / "lfs" / "objects").rglob("*") if path.is_file()}


def push(work: WorkingCopy, number: int, branch: str = "main", **env: str) -> list[str]:
    """Push one more large file to alpha; what its hooks say."""
    work.commit(f"file {number}", {f"{number}.bin": f"{number} is large\n" * 1000})
    return work.git("push", "alpha", f"HEAD:refs/heads/{branch}", env=env).remote


def assert_is_usable(work: WorkingCopy, node: Node, repository: str, *numbers: int) -> None:
    """A new clone of ``node`` has every large file of every commit."""
    folder = f"clone-{node.name}-{len(numbers)}"
    work.client.run("git", "lfs", "install")
    clone = work.client.clone(node.url(repository), folder)
    assert {path.name for path in clone.path.glob("*.bin")} == {f"{number}.bin" for number in numbers}
    for number in numbers:
        assert (clone.path / f"{number}.bin").read_text() == f"{number} is large\n" * 1000
    clone.git("lfs", "fetch", "--all")
    assert "Git LFS fsck OK" in clone.git("lfs", "fsck").stdout


def test_a_clone_of_another_server_has_all_large_files(servers: Cluster, work: WorkingCopy) -> None:
    alpha, bravo = servers
    assert any("main new  ok" in line for line in push(work, 1))
    assert len(large(bravo, servers.repository)) == 1
    push(work, 2)
    push(work, 3, "topic")
    assert servers.is_equal()
    assert large(alpha, servers.repository) == large(bravo, servers.repository)
    assert len(large(bravo, servers.repository)) == 3
    assert_is_usable(work, bravo, servers.repository, 1, 2)
    assert "git-lfs/" in alpha.hookkit(servers.repository, "doctor", check=False).stdout


def test_no_ref_is_sent_before_its_large_files(servers: Cluster, work: WorkingCopy) -> None:
    alpha, bravo = servers
    push(work, 1)
    before = bravo.refs(servers.repository)
    transfer(bravo).unlink()
    said = push(work, 2)
    assert any("not ready" in line and "1 large file could not be brought" in line for line in said)
    assert bravo.refs(servers.repository) == before
    shown = alpha.hookkit(servers.repository, "status").stdout
    assert "not ready" in shown
    synced = alpha.hookkit(servers.repository, "mirror", "sync", check=False)
    assert synced.status == 1
    assert "git-lfs-transfer" in synced.stdout
    assert bravo.refs(servers.repository) == before
    give_lfs(bravo)
    alpha.hookkit(servers.repository, "mirror", "sync")
    assert servers.is_equal()
    assert_is_usable(work, bravo, servers.repository, 1, 2)


def test_the_worker_brings_them_when_the_server_is_back(servers: Cluster, work: WorkingCopy) -> None:
    alpha, bravo = servers
    alpha.git(servers.repository, "config", "hookkit.mirror.worker", "true")
    push(work, 1)
    with faults.stopped(bravo):
        assert any("offline" in line for line in push(work, 2))
        push(work, 3)
    until(servers.is_equal, "the worker does not deliver")
    assert len(large(bravo, servers.repository)) == 3
    assert_is_usable(work, bravo, servers.repository, 1, 2, 3)


def test_no_push_waits_for_a_large_file_longer_than_for_a_ref(servers: Cluster, work: WorkingCopy) -> None:
    alpha, bravo = servers
    for key, value in (("mirror.worker", "true"), ("mirror.wait", "2")):
        alpha.git(servers.repository, "config", f"hookkit.{key}", value)
    push(work, 1)
    slow = transfer(bravo).with_name("slow")
    transfer(bravo).rename(slow)
    transfer(bravo).write_text(f'#!/bin/sh\nsleep 4\nexec "{slow}" "$@"\n')
    transfer(bravo).chmod(0o755)
    work.commit("file 2", {"2.bin": "2 is large\n" * 1000})
    done = work.git("push", "alpha", "HEAD:refs/heads/main")
    assert any("1 large file could not be brought in" in line or "queued" in line for line in done.remote)
    assert done.seconds < 5
    assert not servers.is_equal()
    until(servers.is_equal, "the worker does not deliver")
    assert_is_usable(work, bravo, servers.repository, 1, 2)
    until(lambda: "in-sync" in alpha.hookkit(servers.repository, "status").stdout, "it is not in sync")


def test_a_large_file_that_is_not_here_keeps_its_refs_back(servers: Cluster, work: WorkingCopy) -> None:
    alpha, bravo = servers
    said = push(work, 1, GIT_LFS_SKIP_PUSH="1")
    assert any("not ready" in line and "1 large file is not here" in line for line in said)
    assert bravo.refs(servers.repository) == {}
    alpha.git(servers.repository, "config", "hookkit.lfs.missing", "skip")
    alpha.hookkit(servers.repository, "mirror", "sync")
    assert servers.is_equal()
    assert large(bravo, servers.repository) == set()


def test_what_was_there_before_the_plugin_and_what_a_remote_lost_are_brought(
    servers: Cluster, work: WorkingCopy
) -> None:
    alpha, bravo = servers
    alpha.hookkit(servers.repository, "plugins", "disable", "lfs")
    push(work, 1)
    work.git("checkout", "--quiet", "--orphan", "other")
    push(work, 2, "other")
    assert large(bravo, servers.repository) == set()
    alpha.hookkit(servers.repository, "plugins", "enable", "lfs")
    push(work, 3, "other")
    assert large(bravo, servers.repository) == large(alpha, servers.repository)
    shutil.rmtree(bravo.path(servers.repository))
    bravo.create_repository(servers.repository)
    alpha.hookkit(servers.repository, "mirror", "sync")
    assert servers.is_equal()
    assert large(bravo, servers.repository) == large(alpha, servers.repository)


def test_what_is_pushed_does_not_choose_where_large_files_go(servers: Cluster, work: WorkingCopy) -> None:
    alpha, bravo = servers
    evil = alpha.create_repository("evil")
    (work.path / ".lfsconfig").write_text(f"[lfs]\n\turl = file://{evil}\n\tpushurl = file://{evil}\n")
    for key in ("lfs.url", "lfs.pushurl"):
        work.git("config", key, alpha.url(servers.repository))
    work.git("add", ".lfsconfig")
    push(work, 1)
    push(work, 2)
    assert large(alpha, "evil") == set()
    assert large(bravo, servers.repository) == large(alpha, servers.repository)
    assert len(large(bravo, servers.repository)) == 2


def test_peers_have_all_large_files(peers: Callable[[int], Cluster], pusher: Callable[[Cluster], WorkingCopy]) -> None:
    nodes = peers(2)
    alpha, bravo = nodes
    work = pusher(nodes)
    take_large_files(nodes)
    with_lfs(work)
    push(work, 1)
    nodes.wait_until_equal()
    assert_is_usable(work, bravo, nodes.repository, 1)
    work.commit("file 2", {"2.bin": "2 is large\n" * 1000})
    work.git("push", "bravo", "HEAD:refs/heads/main")
    nodes.wait_until_equal()
    assert_is_usable(work, alpha, nodes.repository, 1, 2)


class LfsServer(ThreadingHTTPServer):
    """An LFS server that takes files from those who have its password; docs/api/ of git-lfs."""

    daemon_threads = True

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.status = 200
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _content(self) -> bytes:
                return self.rfile.read(int(self.headers["Content-Length"]))

            def _answer(self, status: int, data: object = None) -> None:
                body = json.dumps(data or {}).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.git-lfs+json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                asked = json.loads(self._content())
                if self.path != "/project/objects/batch" or "Basic" not in self.headers.get("Authorization", ""):
                    self._answer(401, {"message": "who are you?"})
                elif server.status != 200:
                    self._answer(server.status, {"message": f"no room\x1b[31m for {server.url}"})
                else:
                    actions = {"upload": {"href": f"http://127.0.0.1:{server.server_port}/files"}}
                    objects = [
                        {**each, **({} if each["oid"] in server.files else {"actions": actions})}
                        for each in asked["objects"]
                    ]
                    self._answer(200, {"transfer": "basic", "objects": objects})

            def do_PUT(self) -> None:
                content = self._content()
                server.files[hashlib.sha256(content).hexdigest()] = content
                self._answer(200)

            def log_message(self, *_: object) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://dana:PASSWORD@127.0.0.1:{self.server_port}/project"


@pytest.fixture
def http() -> Iterator[LfsServer]:
    with LfsServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_large_files_may_go_to_a_server_of_their_own(servers: Cluster, work: WorkingCopy, http: LfsServer) -> None:
    alpha, bravo = servers
    alpha.git(servers.repository, "config", "remote.bravo.lfsurl", http.url)
    http.status = 507
    said = push(work, 1)
    synced = alpha.hookkit(servers.repository, "mirror", "sync", check=False)
    shown = "".join([*said, synced.stdout, synced.stderr, alpha.hookkit(servers.repository, "status").stdout])
    assert "not ready" in shown
    assert "no room" in shown
    assert "PASSWORD" not in shown
    assert "\x1b" not in shown
    assert bravo.refs(servers.repository) == {}
    http.status = 200
    push(work, 2)
    assert servers.is_equal()
    assert set(http.files) == large(alpha, servers.repository)
    assert large(bravo, servers.repository) == set()
