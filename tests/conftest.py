"""Fixtures for all tests: those of :mod:`hookkit.testing`, with the lab of :mod:`support` in the place of its own."""

import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest
from pytest_git import GitRepo  # type: ignore[import-untyped]
from support import remains
from support.client import Client, WorkingCopy
from support.cluster import Cluster
from support.lab import Lab
from support.node import Node
from support.requirements import require

pytest_plugins = ["hookkit.testing"]

NAMES = ("alpha", "bravo", "charlie", "delta", "echo")
NEEDS = {"ssh": ("sshd",), "gitolite": ("gitolite",), "gitosis": ("sshd",), "path": ()}


def pytest_configure() -> None:
    """Being told to end is a reason to tidy up, as Ctrl-C is; what tests interrupt must not inherit to ignore it."""
    signal.signal(signal.SIGTERM, _interrupt)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # the shell's, for what it runs in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever asks for a lab is a test on real servers."""
    for item in items:
        if "lab" in getattr(item, "fixturenames", ()):
            item.add_marker("real")


@pytest.fixture(scope="session", autouse=True)
def temporary_directory(isolated_account: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A temporary directory for this run alone: whatever is in it, its tests have made."""
    folder = tmp_path_factory.mktemp("temporary")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", str(folder))
        yield folder


@pytest.fixture(scope="module", autouse=True)
def nothing_remains(temporary_directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fails after the last test of a module if its tests left a process, or a file or folder, outside of a lab."""
    yield
    found = remains.found(tmp_path_factory.getbasetemp(), temporary_directory, remains.PATIENCE)
    assert not found, "left behind:\n" + "\n".join(found)


@pytest.fixture
def lab() -> Iterator[Lab]:
    """An empty lab; everything in it ends with the test."""
    with Lab() as lab:
        yield lab


@pytest.fixture
def nodes(lab: Lab) -> Callable[..., list[Node]]:
    """``nodes("alpha", "bravo", kind="ssh"|"gitolite"|"gitosis"|"path")``: new nodes, running, that know each other."""

    def make(*names: str, kind: str = "ssh") -> list[Node]:
        require(*NEEDS[kind])
        return [*lab.several(names, kind)]

    return make


@pytest.fixture
def cluster(lab: Lab) -> Callable[..., Cluster]:
    """``cluster(3)``: that many new nodes, each with the others as remotes and hookkit installed."""

    def make(count: int, *, kind: str = "ssh", repository: str = "project", install: bool = True) -> Cluster:
        require(*NEEDS[kind])
        return lab.cluster(NAMES[:count], repository, kind=kind, install=install)

    return make


@pytest.fixture
def pair(cluster: Callable[..., Cluster]) -> Cluster:
    """Nodes alpha and bravo, each the other's remote, hookkit installed."""
    return cluster(2)


@pytest.fixture
def trio(cluster: Callable[..., Cluster]) -> Cluster:
    """Nodes alpha, bravo and charlie, each with the others as remotes, hookkit installed."""
    return cluster(3)


@pytest.fixture
def peers(cluster: Callable[..., Cluster]) -> Callable[..., Cluster]:
    """``peers(3)``: that many new nodes with the cluster plugin, each the others' peer."""

    def make(count: int, *, kind: str = "ssh") -> Cluster:
        nodes = cluster(count, kind=kind, install=False)
        nodes.pair_up()
        return nodes

    return make


@pytest.fixture
def client(lab: Lab) -> Client:
    """Dana, who may push to every node."""
    return lab.client("dana")


@pytest.fixture
def pusher(git_repo: GitRepo, client: Client) -> Callable[..., WorkingCopy]:
    """``pusher(cluster)``: Dana's repository, with every node as a remote of its name; nothing committed yet.

    It lives in the workspace of pytest-git: ``git_repo.api`` is the same repository.
    """

    def make(cluster: Cluster) -> WorkingCopy:
        work = WorkingCopy(client, Path(git_repo.workspace))
        for node in cluster:
            work.git("remote", "add", node.name, node.url(cluster.repository))
        return work

    return make


@pytest.fixture
def pushed(
    peers: Callable[..., Cluster], pusher: Callable[[Cluster], WorkingCopy]
) -> Callable[[int], tuple[Cluster, WorkingCopy]]:
    """``pushed(3)``: that many peers, and Dana's repository, whose branch main all of them have."""

    def make(count: int) -> tuple[Cluster, WorkingCopy]:
        nodes = peers(count)
        work = pusher(nodes)
        work.commit("first")
        work.git("push", "alpha", "HEAD:refs/heads/main")
        return nodes, work

    return make
