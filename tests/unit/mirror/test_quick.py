"""The quick answer does what the long way does, or nothing."""

import io
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit.api import ConfigError, Entry, GitConfig, Push, RefUpdate, Repository
from hookkit.quick import Call
from hookkit_plugins.mirror import calling, ledger, quick, remotes, settings, starting, trail
from hookkit_plugins.mirror.hook import after_push
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.outbox_file import open_outbox
from hookkit_plugins.mirror.refs import RefFilter
from hookkit_plugins.mirror.trail import Trail
from hookkit_plugins.mirror.usual import MIRRORED, usual
from hookkit_plugins.mirror.waiting import opened, waiting_path

URLS = {"bravo": "git@bravo:x.git", "charlie": "ssh://git@charlie:2222/x.git"}
HOST = os.uname().nodename
MAIN = RefUpdate("refs/heads/main", "1" * 40, "2" * 40)
PULL = RefUpdate("refs/pull/1/head", "1" * 40, "2" * 40)


class Server:
    """A repository with remotes that are never asked, and what is written down about it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        subprocess.run(("git", "init", "-q", "--bare", path), check=True)
        for name, url in URLS.items():
            self.config(f"remote.{name}.url", url)

    def config(self, key: str, value: str) -> None:
        subprocess.run(("git", "-C", self.path, "config", key, value), check=True)

    @property
    def repo(self) -> Repository:
        return Repository.discover(self.path)

    def call(self, *updates: RefUpdate) -> Call:
        call = Call("post-receive", str(self.path))
        call._stdin = b"".join(os.fsencode(f"{old} {new} {ref}\n") for ref, old, new in updates)
        return call

    def written(self) -> dict[str, list[tuple[object, ...]]]:
        """All that is written down, but when."""
        queries = {
            "debt": "SELECT remote, ref, base, serial, verdict, detail FROM debt",
            "replaced": "SELECT remote, ref, oid FROM replaced",
            "remote": "SELECT name, url, kind, error, failing_since IS NULL FROM remote",
        }
        with closing(sqlite3.connect(self.path / "hookkit" / "mirror" / "outbox.sqlite")) as db:
            return {name: sorted(db.execute(query)) for name, query in queries.items()}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Server]]:
    """``server()``: the same one each time, in a state of its own, in an account of its own; no worker starts."""
    count = iter(range(9))
    started: list[str] = []
    monkeypatch.setattr(starting, "start_background", lambda *args, **_: started.append(args[-1]))

    def server() -> Server:
        account = tmp_path / f"account{next(count)}"
        account.mkdir()
        monkeypatch.setenv("XDG_STATE_HOME", str(account))
        monkeypatch.setenv("GIT_PUSH_OPTION_COUNT", "0")
        return Server(account / "x.git")

    yield server
    assert set(started) <= {host_of(url) for url in URLS.values()}


def tell(monkeypatch: pytest.MonkeyPatch, told: Trail | None) -> tuple[str, ...]:
    options = (told.option(),) if told else ()
    monkeypatch.setenv("GIT_PUSH_OPTION_COUNT", str(len(options)))
    for number, option in enumerate(options):
        monkeypatch.setenv(f"GIT_PUSH_OPTION_{number}", option)
    return options


def known(*names: str) -> frozenset[str]:
    return frozenset(trail.fingerprint(URLS[name], HOST) for name in names)


def covered(server: Server) -> Trail:
    return Trail("p", ("elsewhere",), ("bravo",), known("charlie"))


def ended(server: Server) -> Trail:
    return Trail("p", (trail.identity(HOST, HOST, str(server.path)),), ("delta",))


def partly(server: Server) -> Trail:
    return Trail("p", ("elsewhere",), ("delta",), known("charlie"))


def everybody_down(server: Server) -> None:
    with opened() as index:
        for url in URLS.values():
            index.trip(host_of(url), "Connection refused")


def one_down(server: Server) -> None:
    with opened() as index:
        index.trip(host_of(URLS["bravo"]), "Connection refused")


def waits_not_for_one_that_is_down(server: Server) -> None:
    one_down(server)
    waits_not(server)


def never_compared(server: Server) -> None:
    """How much they lack is said, and that takes git."""
    everybody_down(server)
    with closing(open_outbox(server.repo, print)) as outbox, outbox._db as db:
        db.execute("DELETE FROM remote")


def waits_not(server: Server) -> None:
    opened().__enter__().close()
    server.config("hookkit.mirror.wait", "0")


def waits_not_for_a_worker(server: Server) -> None:
    waits_not(server)
    server.config("hookkit.mirror.worker", "false")


def silently(server: Server) -> None:
    waits_not(server)
    server.config("hookkit.output", "none")


def is_owed(server: Server) -> None:
    with closing(open_outbox(server.repo, print)) as outbox:
        outbox.owe([MAIN], ["bravo"])


def two_urls(server: Server) -> None:
    waits_not(server)
    server.config("remote.bravo.pushurl", "git@bravo:y.git")
    subprocess.run(("git", "-C", server.path, "config", "--add", "remote.bravo.pushurl", "git@bravo:z.git"), check=True)
    server.config("remote.charlie.hookkit", "off")


def nothing(server: Server) -> None:
    pass


Set = Callable[[Server], None]
Tell = Callable[[Server], Trail | None]


@pytest.mark.parametrize(
    ("prepare", "telling", "updates", "answers"),
    [
        (nothing, covered, [MAIN], True),
        (nothing, covered, [MAIN, PULL, RefUpdate("refs/tags/\udcff v", "0" * 40, "3" * 40)], True),
        (nothing, ended, [MAIN], True),
        (everybody_down, None, [MAIN], True),
        (everybody_down, partly, [MAIN], True),
        (one_down, None, [MAIN], False),
        (waits_not, None, [MAIN, PULL], True),
        (waits_not_for_one_that_is_down, None, [MAIN], True),
        (never_compared, None, [MAIN], False),
        (waits_not, partly, [MAIN], True),
        (waits_not_for_a_worker, None, [MAIN], True),
        (silently, None, [MAIN], True),
        (two_urls, None, [MAIN], True),
        (is_owed, covered, [MAIN], False),
        (nothing, None, [MAIN], False),
    ],
)
@pytest.mark.parametrize("again", [False, True])
def test_it_does_what_the_long_way_does(
    server: Callable[[], Server],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    prepare: Set,
    telling: Tell | None,
    updates: list[RefUpdate],
    answers: bool,
    again: bool,
) -> None:
    found = []
    for quickly in (True, False):
        here = server()
        with closing(open_outbox(here.repo, print)) as outbox:
            for name, url in URLS.items():
                outbox.met(name, url)
        prepare(here)
        before = here.written()
        options = tell(monkeypatch, telling(here) if telling else None)
        for _ in range(1 + again):
            if quickly:
                assert quick.settled(here.call(*updates)) is answers
            elif answers:
                after_push(here.repo, Push(tuple(updates), options))
        if not answers:
            assert here.written() == before
            return
        with opened() as index:
            waiting = {host: (index.count(host), sorted(index.due(host, 9))) for host in index.hosts()}
        text = capsys.readouterr().err
        found.append((here.written(), repr(waiting).replace(str(here.path), "x.git"), text))
    assert found[0] == found[1]
    assert found[0][0]["debt"]
    assert ("offline for 0s, 1 ref queued" in found[0][2]) == ("down" in prepare.__name__)


def test_what_is_not_there_yet_is_left_to_the_long_way(
    server: Callable[[], Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = server()
    tell(monkeypatch, covered(here))
    assert not quick.settled(here.call(MAIN))
    (here.path / "hookkit" / "mirror").mkdir(parents=True)
    (here.path / "hookkit" / "mirror" / "outbox.sqlite").write_text("garbage " * 100)
    with pytest.raises(sqlite3.DatabaseError):
        quick.settled(here.call(MAIN))
    assert quick.settled(here.call(PULL)), "nothing is mirrored, so that nothing is looked at"
    call = here.call(PULL)
    call.others = frozenset({"hookkit_mirror_diverged"})
    assert not quick.settled(call), "somebody wants to be told"


def test_without_remotes_there_is_nothing_to_do(server: Callable[[], Server]) -> None:
    here = server()
    for name in URLS:
        here.config(f"remote.{name}.hookkit", "off")
    assert quick.settled(here.call(MAIN))


def test_a_worker_is_started_unless_one_is_at_it(server: Callable[[], Server], monkeypatch: pytest.MonkeyPatch) -> None:
    here = server()
    open_outbox(here.repo, print).close()
    waits_not(here)
    started: list[str] = []
    monkeypatch.setattr(starting, "start_background", lambda *args, **_: started.append(args[-1]))
    monkeypatch.setattr(starting, "is_running", lambda _folder, host: host == "bravo")
    assert quick.settled(here.call(MAIN))
    assert started == ["charlie:2222"]
    assert calling.is_running("bravo")


VALUES = (
    "true",
    "false",
    "0",
    "1",
    "10",
    "0.5",
    "5s",
    "-1",
    "20",
    "21",
    "hold",
    "mirror",
    "peer",
    "off",
    "",
    "x y",
    None,
)
KEYS = (
    "hookkit.mirror.wait",
    "hookkit.mirror.hops",
    "hookkit.mirror.jobs",
    "hookkit.mirror.worker",
    "hookkit.mirror.diverged",
    "hookkit.mirror.refs",
    "hookkit.mirror.remotes",
    "hookkit.mirror.timeout",
    "hookkit.mirror.unknown",
    "hookkit.node",
    "hookkit.output",
    "remote.bravo.url",
    "remote.bravo.pushurl",
    "remote.bravo.hookkit",
    "remote.dot.ted.url",
    "remote.pushdefault",
)


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)), max_size=8))
def test_what_is_usual_is_read_as_always(lines: list[tuple[str, str | None]]) -> None:
    config: dict[str, list[str | None]] = {}
    for key, value in lines:
        config.setdefault(key, []).append(value)
    found = usual(config, HOST)
    if found is None:
        return
    repo = Repository(Path("/nowhere"), Path("/nowhere"), None)
    repo.__dict__["config"] = GitConfig([Entry("local", "file:config", key, value) for key, value in lines])
    try:
        chosen = settings.read(repo)
        everyone = remotes.select(repo.config, repo.settings("mirror"), chosen.remotes)
    except ConfigError as error:
        pytest.fail(f"a mistake was overlooked: {error}")
    assert found.places == [(each.name, each.url, each.of) for each in everyone]
    assert (found.hops, found.worker, found.waits) == (chosen.hops, chosen.worker, chosen.wait > 0)
    assert found.node == repo.node


@given(st.sampled_from(["refs/heads/", "refs/tags/", "refs/notes/", "refs/pull/", "refs/hookkit/", ""]), st.text())
def test_the_refs_that_are_mirrored_where_nothing_else_is_said(start: str, rest: str) -> None:
    assert (start + rest).startswith(MIRRORED) is (start + rest in RefFilter(settings.DEFAULT_REFS))


def test_next_to_nothing_is_imported() -> None:
    code = (
        f"import sys; sys.path += {sys.path!r}\n"
        "from hookkit import start\n"
        "from hookkit_plugins.mirror import quick\n"
        "print(*sys.modules)"
    )
    command = (sys.executable, "-I", "-S", "-c", code)
    imported = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    dear = {"re", "typing", "enum", "contextlib", "pathlib", "subprocess", "json", "pluggy", "threading", "hookkit.api"}
    dear |= {"datetime", "sqlite3", "fcntl", "hookkit_plugins.mirror.leaving"}
    assert "hookkit_plugins.mirror.ledger" in imported
    assert not dear & {*imported}


def in_a_process_that_ends(here: Server, *updates: RefUpdate) -> None:
    """As a hook does it."""
    child = os.fork()
    if child == 0:
        os._exit(0 if quick.settled(here.call(*updates)) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_what_was_written_stays_in_the_log(server: Callable[[], Server]) -> None:
    here = server()
    open_outbox(here.repo, print).close()
    waits_not(here)
    in_a_process_that_ends(here, MAIN)
    log = here.path / "hookkit" / "mirror" / "outbox.sqlite-wal"
    assert log.stat().st_size > 0
    assert len(here.written()["debt"]) == 2
    assert not log.exists()  # whoever comes by with more time has copied it
    index = waiting_path()
    assert index.with_name(f"{index.name}-wal").stat().st_size > 0
    with opened() as waiting:
        assert waiting.hosts() == sorted(map(host_of, URLS.values()))


def test_the_log_does_not_grow(server: Callable[[], Server]) -> None:
    here = server()
    open_outbox(here.repo, print).close()
    waits_not(here)
    for number in range(40):
        in_a_process_that_ends(here, RefUpdate("refs/heads/main", f"{number:040}", f"{number + 1:040}"))
    log = here.path / "hookkit" / "mirror" / "outbox.sqlite-wal"
    assert 0 < log.stat().st_size < 160 * 1024
    assert len(here.written()["replaced"]) == 2 * 39


def test_what_is_not_settled_is_closed(server: Callable[[], Server], monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on the long way, which forks: a process must not take SQLite's connections along."""
    here = server()
    open_outbox(here.repo, print).close()
    opened().__enter__().close()
    left_open: list[object] = []
    monkeypatch.setattr(ledger, "_left_open", left_open)
    assert not quick.settled(here.call(MAIN))
    assert not left_open
    assert [*waiting_path().parent.glob("waiting.sqlite*")] == [waiting_path()]
    assert [*here.path.glob("hookkit/mirror/outbox.sqlite*")] == [here.path / "hookkit" / "mirror" / "outbox.sqlite"]


def test_nobody_listens_any_more(server: Callable[[], Server], monkeypatch: pytest.MonkeyPatch) -> None:
    here = server()
    open_outbox(here.repo, print).close()
    waits_not(here)
    gone = io.StringIO()
    gone.close()
    monkeypatch.setattr(sys, "stderr", gone)
    assert quick.settled(here.call(MAIN))
    assert len(here.written()["debt"]) == 2
