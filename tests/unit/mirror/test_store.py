"""The outbox: what is owed is never forgotten before it was delivered, whoever else is at it, and whatever the disk does."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from hookkit.api import RefUpdate, Repository
from hookkit_plugins.mirror import ledger, store
from hookkit_plugins.mirror.outbox_file import existing_outbox, open_outbox
from hookkit_plugins.mirror.plan import Debt
from hookkit_plugins.mirror.store import Held, Known, Outbox

ZERO, A, B, C, D = ("0" * 40, "a" * 40, "b" * 40, "c" * 40, "d" * 40)
MAIN, DEV = "refs/heads/main", "refs/heads/dev"
URL = "ssh://bravo/x.git"


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite")


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    folder = tmp_path / "project.git"
    folder.mkdir()
    return Repository(folder, folder, None)


def owe(outbox: Outbox, *updates: tuple[str, str, str], remotes: tuple[str, ...] = ("bravo",)) -> None:
    outbox.owe([RefUpdate(*update) for update in updates], remotes)


def the_debt(outbox: Outbox, ref: str = MAIN) -> Debt:
    (debt,) = (debt for debt in outbox.debts("bravo") if debt.ref == ref)
    return debt


# ---- what is owed ----


def test_the_first_change_says_what_the_remote_has(outbox: Outbox) -> None:
    owe(outbox, (MAIN, A, B), (DEV, ZERO, C))
    before = the_debt(outbox)
    owe(outbox, (MAIN, B, C))
    after = the_debt(outbox)
    assert (before.base, before.replaced) == (A, {A})
    assert (after.base, after.replaced, after.since) == (A, {A, B}, before.since)
    assert after.serial > before.serial
    assert (the_debt(outbox, DEV).base, the_debt(outbox, DEV).replaced) == (ZERO, set())
    assert all(after.knew(oid) for oid in (A, B))
    assert not after.knew(C)
    assert outbox.owed("bravo") == (2, before.since)
    assert outbox.owed("charlie") == (0, None)


def test_each_remote_has_its_own(outbox: Outbox) -> None:
    owe(outbox, (MAIN, A, B), remotes=("bravo", "charlie"))
    outbox.pay("bravo", [(MAIN, the_debt(outbox).serial, B)])
    assert outbox.debts("bravo") == []
    assert outbox.owed("charlie")[0] == 1


def test_paid_is_forgotten(outbox: Outbox) -> None:
    owe(outbox, (MAIN, A, B))
    outbox.pay("bravo", [(MAIN, the_debt(outbox).serial, B)])
    assert outbox.debts("bravo") == []
    owe(outbox, (MAIN, B, C))
    assert the_debt(outbox).replaced == {B}


def test_what_changed_while_it_was_delivered_is_owed_still(outbox: Outbox) -> None:
    owe(outbox, (MAIN, A, B))
    delivered = the_debt(outbox)
    owe(outbox, (MAIN, B, C))
    outbox.pay("bravo", [(MAIN, delivered.serial, B)])
    left = the_debt(outbox)
    assert (left.base, left.replaced) == (B, {A, B})
    outbox.pay("bravo", [(MAIN, left.serial, C)])
    assert outbox.debts("bravo") == []


def test_what_was_deleted_there_and_made_anew_here_is_owed_still(outbox: Outbox) -> None:
    owe(outbox, (MAIN, A, ZERO))
    delivered = the_debt(outbox)
    owe(outbox, (MAIN, ZERO, B))
    outbox.pay("bravo", [(MAIN, delivered.serial, None)])
    assert the_debt(outbox).serial != delivered.serial


def test_a_debt_made_anew_is_another_one(outbox: Outbox) -> None:
    """Paid, and owed again: whoever still holds the old one must neither settle it nor take it for tried."""
    owe(outbox, (MAIN, A, B))
    first = the_debt(outbox)
    outbox.pay("bravo", [(MAIN, first.serial, B)])
    owe(outbox, (MAIN, B, C))
    assert the_debt(outbox).serial != first.serial
    outbox.pay("bravo", [(MAIN, first.serial, B)])
    assert the_debt(outbox).replaced == {B}


def test_paying_what_is_not_owed_is_nothing(outbox: Outbox) -> None:
    outbox.pay("bravo", [(MAIN, 1, A), (DEV, 5, None)])
    assert outbox.debts("bravo") == []


def test_a_comparison_finds_differences(outbox: Outbox) -> None:
    owe(outbox, (MAIN, A, B))
    serial = outbox.owe_too("bravo", [(MAIN, C), (DEV, ZERO)])
    assert the_debt(outbox).base == A
    assert the_debt(outbox).serial < serial == the_debt(outbox, DEV).serial


def test_what_others_deliver_is_known_and_not_owed(outbox: Outbox) -> None:
    owe(outbox, (MAIN, A, B))
    update = [RefUpdate(MAIN, B, C), RefUpdate(DEV, A, B)]
    outbox.owe(update, [], covered=["bravo"])
    # What waited goes on waiting; what others deliver does not wait, is not counted, and not held.
    assert [debt.ref for debt in outbox.debts("bravo", waiting=True)] == [MAIN]
    assert outbox.owed("bravo")[0] == 1
    assert outbox.held("bravo") == []
    assert the_debt(outbox).replaced == {A, B}
    # But should they have failed, it is known what may be replaced.
    assert the_debt(outbox, DEV).knew(A)
    owe(outbox, (DEV, B, C))
    assert the_debt(outbox, DEV) in outbox.debts("bravo", waiting=True)
    # They most likely delivered: what was here before this change is what the remote has.
    assert the_debt(outbox, DEV).base == B
    assert the_debt(outbox, DEV).knew(A)


def test_what_was_held_is_looked_at_again_when_others_deliver(outbox: Outbox) -> None:
    owe(outbox, (MAIN, A, B))
    outbox.hold("bravo", [(Held(MAIN, 1.0, "diverged", C), the_debt(outbox).serial)])
    outbox.owe([RefUpdate(MAIN, B, C)], [], covered=["bravo"])
    assert [debt.ref for debt in outbox.debts("bravo", waiting=True)] == [MAIN]


def test_replaced_values_are_bounded(outbox: Outbox) -> None:
    values = [f"{number:040x}" for number in range(1, 300)]
    for old, new in pairwise(values):
        outbox.owe([RefUpdate(MAIN, old, new)], [], covered=["bravo"])
    debt = the_debt(outbox)
    assert len(debt.replaced) == 100
    assert debt.knew(values[0])
    assert debt.knew(values[-2])
    assert not debt.knew(values[5])


def test_refs_that_are_not_mirrored_any_more(outbox: Outbox) -> None:
    owe(outbox, (MAIN, A, B), (DEV, A, B))
    outbox.cancel("bravo", [DEV])
    assert [debt.ref for debt in outbox.debts("bravo")] == [MAIN]


@pytest.mark.parametrize(
    "name", ["--upload-pack=x", "a'b\"c", "not-utf8-\udcff\udc80", "line\u2028separator", "%s", "ü"]
)
def test_names_are_bytes(outbox: Outbox, name: str) -> None:
    ref = f"refs/heads/{name}"
    owe(outbox, (ref, A, B))
    assert the_debt(outbox, ref).replaced == {A}
    outbox.hold("bravo", [(Held(ref, 1.0, "refused", "why"), the_debt(outbox, ref).serial)])
    assert outbox.held("bravo")[0].ref == ref
    outbox.pay("bravo", [(ref, the_debt(outbox, ref).serial, B)])
    assert outbox.debts("bravo") == []


def test_what_waits_costs_nothing_of_what_does_not(outbox: Outbox) -> None:
    """A push of one ref, where others deliver 50,000."""
    many = [RefUpdate(f"refs/heads/{number}", A, B) for number in range(3000)]
    outbox.owe(many, [], covered=["bravo"])
    owe(outbox, (MAIN, A, B))
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1

    outbox._db.set_progress_handler(step, 1000)
    (debt,) = outbox.debts("bravo", waiting=True)
    assert (debt.ref, debt.replaced) == (MAIN, {A})
    few, steps = steps, 0
    assert len(outbox.debts("bravo")) == 3001
    assert few * 2 < steps


# ---- what is held ----


def test_held_is_not_waiting_until_it_changes(outbox: Outbox) -> None:
    owe(outbox, (MAIN, A, B))
    outbox.hold("bravo", [(Held(MAIN, 1.0, "diverged", C), the_debt(outbox).serial)])
    assert outbox.debts("bravo", waiting=True) == []
    assert len(outbox.debts("bravo")) == 1
    (held,) = outbox.held("bravo")
    assert (held.ref, held.verdict, held.detail) == (MAIN, "diverged", C)
    owe(outbox, (MAIN, B, D))
    assert outbox.held("bravo") == []
    assert the_debt(outbox).base == A
    assert len(outbox.debts("bravo", waiting=True)) == 1


def test_what_was_not_owed_can_be_held(outbox: Outbox) -> None:
    outbox.hold("bravo", [(Held(MAIN, 5.0, "diverged", C), None)])
    assert outbox.held("bravo") == [Held(MAIN, 5.0, "diverged", C)]
    assert not the_debt(outbox).knew(C)
    assert not the_debt(outbox).knew(ZERO)


@pytest.mark.parametrize("known_before", [True, False])
def test_what_changed_while_it_was_refused_is_not_held(outbox: Outbox, known_before: bool) -> None:
    serial = None
    if known_before:
        owe(outbox, (MAIN, A, B))
        serial = the_debt(outbox).serial
    owe(outbox, (MAIN, B, C))
    outbox.hold("bravo", [(Held(MAIN, 1.0, "refused", "no"), serial)])
    assert outbox.held("bravo") == []
    assert len(outbox.debts("bravo", waiting=True)) == 1


# ---- what is known about remotes ----


def test_known(outbox: Outbox) -> None:
    assert outbox.known("bravo", URL) == Known()
    outbox.failed("bravo", URL, "offline", "offline: refused")
    first = outbox.known("bravo", URL)
    assert (first.kind, first.error, first.last_success) == ("offline", "offline: refused", None)
    outbox.failed("bravo", URL, "no answer", "x")
    assert outbox.known("bravo", URL).failing_since == first.failing_since
    outbox.met("bravo", URL)
    outbox.succeeded("bravo", URL)
    known = outbox.known("bravo", URL)
    assert (known.failing_since, known.kind, known.error) == (None, None, None)
    assert known.compared
    assert known.last_success


def test_another_url_is_another_remote(outbox: Outbox) -> None:
    outbox.met("bravo", URL)
    outbox.learn_push_options("bravo", URL, takes=False)
    assert outbox.known("bravo", "elsewhere") == Known()
    outbox.failed("bravo", "elsewhere", "offline", "x")
    assert outbox.known("bravo", "elsewhere").compared is None
    assert outbox.takes_push_options("bravo")
    assert outbox.known("bravo", URL) == Known()


def test_push_options_are_learned_for_a_day(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    assert outbox.takes_push_options("bravo")
    outbox.learn_push_options("bravo", URL, takes=False)
    assert not outbox.takes_push_options("bravo")
    assert outbox.takes_push_options("charlie")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 90_000)
    assert outbox.takes_push_options("bravo")
    outbox.learn_push_options("bravo", URL, takes=True)
    assert outbox.takes_push_options("bravo")


# ---- several at once ----


def test_threads(outbox: Outbox) -> None:
    """Whether in a file or in memory: eight at once lose nothing."""
    for shared in (outbox, Outbox(None)):
        failed: list[BaseException] = []

        def work(name: str, shared: Outbox = shared, failed: list[BaseException] = failed) -> None:
            try:
                mine = shared.another()
                for number in range(12):
                    mine.owe([RefUpdate(f"refs/heads/{number}", ZERO, A)], [name])
                    mine.debts(name)
                    mine.succeeded(name, URL)
                mine.close()
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(f"remote{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failed
        assert [shared.owed(f"remote{n}")[0] for n in range(8)] == [12] * 8


_OPEN_AND_OWE = """
import sys
from pathlib import Path
from hookkit.api import RefUpdate
from hookkit_plugins.mirror.store import Outbox

path, number, zero, old, new = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
outbox = Outbox(Path(path))
for change in range(5):
    updates = [RefUpdate(f"refs/heads/{number}-{change}", zero, old), RefUpdate("refs/heads/main", old, new)]
    outbox.owe(updates, ["bravo"])
"""


def _python(code: str, *args: str) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-I", "-c", code, *args]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_processes_that_open_it_for_the_first_time_at_once(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    children = [_python(_OPEN_AND_OWE, str(path), str(number), ZERO, A, B) for number in range(4)]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    ends = [(*child.communicate(), child.returncode) for child in children]
    assert ends == [("", "", 0)] * 4
    assert Outbox(path).owed("bravo")[0] == 21


_CRASH = """
import os, signal, sys
from pathlib import Path
from hookkit.api import RefUpdate
from hookkit_plugins.mirror import ledger, store

path, zero, old, new = sys.argv[1:]
outbox = store.Outbox(Path(path))
outbox.owe([RefUpdate("refs/heads/main", old, new)], ["bravo"])
ledger._replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
outbox.owe([RefUpdate("refs/heads/main", new, old)], ["bravo"])
"""


def test_a_crash_in_the_middle_of_writing(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    child = _python(_CRASH, str(path), ZERO, A, B)
    child.communicate()
    assert child.returncode == -9
    assert the_debt(Outbox(path)).replaced == {A}


def test_a_failed_write_leaves_nothing_half_done(outbox: Outbox) -> None:
    with pytest.raises(sqlite3.Error):
        outbox.owe([RefUpdate(MAIN, A, B), RefUpdate(DEV, object(), B)], ["bravo"])  # type: ignore[arg-type]
    assert outbox.debts("bravo") == []
    owe(outbox, (MAIN, A, B))


def test_what_is_owed_is_on_disk_and_the_rest_costs_no_flush(outbox: Outbox) -> None:
    assert ledger.one(outbox._db, "PRAGMA journal_mode") == "wal"
    owe(outbox, (MAIN, A, B))
    assert ledger.one(outbox._db, "PRAGMA synchronous") == 2
    outbox.pay("bravo", [(MAIN, the_debt(outbox).serial, B)])
    assert ledger.one(outbox._db, "PRAGMA synchronous") == 1


# ---- the file ----


def lines() -> tuple[list[str], Callable[[str], None]]:
    told: list[str] = []
    return told, told.append


def test_made_where_the_repository_is_and_for_whoever_may_write_there(repo: Repository) -> None:
    repo.git_dir.chmod(0o2775)
    told, tell = lines()
    before = os.umask(0o077)
    try:
        outbox = open_outbox(repo, tell)
        outbox.owe([RefUpdate(MAIN, A, B)], ["bravo"])
    finally:
        os.umask(before)
    path = repo.state_dir / "mirror" / "outbox.sqlite"
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o664, file
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o2775
    assert told == []


@pytest.mark.parametrize("damage", ["garbage", "cut", "page"])
def test_a_damaged_one_is_put_aside(repo: Repository, damage: str) -> None:
    told, tell = lines()
    outbox = open_outbox(repo, tell)
    outbox.owe([RefUpdate(f"refs/heads/{number}", A, B) for number in range(200)], ["bravo"])
    outbox.close()
    path = repo.state_dir / "mirror" / "outbox.sqlite"
    content = path.read_bytes()
    page = 4096
    if damage == "garbage":
        path.write_bytes(b"this is not a database, it is a text" * 200)
    elif damage == "cut":
        path.write_bytes(content[: len(content) // 2])
    else:  # the header is sound: it shows only when something is written
        path.write_bytes(content[:page] + b"\xff" * (len(content) - page))
    path.with_name("outbox.sqlite-wal").write_bytes(b"left over")
    outbox = open_outbox(repo, tell, lambda new: owe(new, (MAIN, A, B)))
    assert [debt.ref for debt in outbox.debts("bravo")] == [MAIN]
    (line,) = told
    assert "damaged" in line
    (aside,) = path.parent.glob("outbox.damaged-*.sqlite")
    assert aside.read_bytes()
    outbox.close()
    assert the_debt(open_outbox(repo, tell)).base == A
    assert len(told) == 1


def test_one_that_cannot_be_written_is_kept_in_memory(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the content is wrong: it stays as it is, and what happens now is delivered all the same."""
    told, tell = lines()
    open_outbox(repo, tell, lambda outbox: owe(outbox, (DEV, A, B))).close()
    path = repo.state_dir / "mirror" / "outbox.sqlite"
    before = path.read_bytes()
    monkeypatch.setattr(store.sqlite3, "connect", read_only(sqlite3.connect))
    outbox = open_outbox(repo, tell, lambda outbox: owe(outbox, (MAIN, A, B)))
    assert [debt.ref for debt in outbox.debts("bravo")] == [MAIN]
    assert [debt.ref for debt in outbox.another().debts("bravo")] == [MAIN]
    (line,) = told
    assert "readonly" in line
    assert "hookkit mirror sync" in line
    assert path.read_bytes() == before


def read_only(connect: Callable[..., sqlite3.Connection]) -> Callable[..., sqlite3.Connection]:
    def connected(place: Path | str, **options: object) -> sqlite3.Connection:
        return (
            connect(place, **options)
            if isinstance(place, str)
            else connect(f"{place.as_uri()}?mode=ro", uri=True, **options)
        )

    return connected


def test_a_folder_that_cannot_be_made(repo: Repository) -> None:
    told, tell = lines()
    repo.state_dir.write_text("in the way")
    outbox = open_outbox(repo, tell, lambda outbox: owe(outbox, (MAIN, A, B)))
    assert outbox.owed("bravo")[0] == 1
    assert len(told) == 1


def test_looking_makes_and_repairs_nothing(repo: Repository) -> None:
    assert existing_outbox(repo) is None
    assert not repo.state_dir.exists()
    open_outbox(repo, print).close()
    found = existing_outbox(repo)
    assert found
    found.close()
    path = repo.state_dir / "mirror" / "outbox.sqlite"
    path.write_bytes(b"x" * 5000)
    with pytest.raises(sqlite3.DatabaseError):
        existing_outbox(repo)
    assert path.read_bytes() == b"x" * 5000
