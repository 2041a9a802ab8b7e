"""Which state a remote is in, from what was written down."""

import subprocess
from pathlib import Path

import pytest

from hookkit.api import Repository
from hookkit.failures import Kind
from hookkit_plugins.mirror.outbox_file import open_outbox, outbox_path
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.status import COLUMNS, Standing, _data, _row, _state, _verdict, is_stale, standings
from hookkit_plugins.mirror.store import Held, Known

DIVERGED = Held("refs/heads/main", 1.0, "diverged", "a" * 40)
REFUSED = Held("refs/tags/v1", 1.0, "refused", "refused: hook declined")
MET = Known(compared=1.0, last_success=1.0)
BRAVO = Remote("bravo", "mirror", "https://u:hunter2@bravo/x.git", (), "bravo")


@pytest.mark.parametrize(
    ("known", "pending", "held", "state"),
    [
        (Known(), 0, (), "unknown"),
        (Known(), 1, (), "pending"),
        (MET, 0, (), "in-sync"),
        (MET, 2, (), "pending"),
        (MET, 1, (DIVERGED,), "diverged"),
        (MET, 2, (REFUSED, DIVERGED), "diverged"),
        (MET, 1, (REFUSED,), "refused"),
        (MET._replace(kind="busy"), 1, (), "pending"),
        (MET._replace(kind="busy"), 1, (REFUSED,), "refused"),
        *((MET._replace(kind=kind.value), 1, (), "offline") for kind in (Kind.OFFLINE, Kind.TIMEOUT, Kind.SERVER)),
        *(
            (MET._replace(kind=kind.value), 1, (), "refused")
            for kind in (
                Kind.AUTH,
                Kind.HOST_KEY,
                Kind.MISSING,
                Kind.DENIED,
                Kind.DISK_FULL,
                Kind.READ_ONLY,
                Kind.REFUSED,
            )
        ),
        (MET._replace(kind="offline"), 1, (DIVERGED,), "offline"),
    ],
)
def test_states(known: Known, pending: int, held: tuple[Held, ...], state: str) -> None:
    assert _state(known, pending, held) == state


def test_row_and_json() -> None:
    standing = Standing(BRAVO, "diverged", 2, 940.0, MET, (DIVERGED, REFUSED))
    row = _row(standing, stale=False, now=1000.0)
    assert len(row) == len(COLUMNS)
    assert row[:4] == ("bravo", "mirror", "diverged", "2 refs since 1m")
    assert row[5] == "main: aaaaaaa there was never here; v1: refused: hook declined"
    data = _data(standing)
    assert data["url"] == "https://u:***@bravo/x.git"
    assert data["since"] == "1970-01-01T00:15:40Z"
    assert data["pending_refs"] == 2
    assert str(data["last_error"]).startswith("refs/heads/main")


@pytest.mark.parametrize(
    ("standing", "what"),
    [
        (Standing(BRAVO, "unknown", 0, None, Known(), ()), "never compared: hookkit mirror sync"),
        (Standing(BRAVO, "in-sync", 0, None, MET, ()), "https://u:***@bravo/x.git"),
        (Standing(BRAVO, "pending", 1, 1.0, MET, ()), "hookkit mirror sync delivers now"),
        (Standing(BRAVO, "offline", 1, 1.0, MET._replace(kind="offline", error="offline: why"), ()), "offline: why"),
        (
            Standing(BRAVO, "refused", 4, 1.0, MET, (REFUSED,) * 4),
            "; ".join(["v1: refused: hook declined"] * 3) + "; and 1 more",
        ),
    ],
)
def test_what(standing: Standing, what: str) -> None:
    assert _row(standing, stale=False, now=10.0)[-1] == what


@pytest.mark.parametrize(
    ("standing", "behind", "verdict"),
    [
        (Standing(BRAVO, "in-sync", 0, None, MET, ()), "-", "ok"),
        (Standing(BRAVO, "unknown", 0, None, Known(), ()), "-", "warning"),
        (Standing(BRAVO, "pending", 3, 1000.0 - 59, MET, ()), "3 refs since 59s", "warning"),
        (Standing(BRAVO, "pending", 3, 1000.0 - 60, MET, ()), "3 refs since 1m, stale", "problem"),
        (Standing(BRAVO, "offline", 0, 1000.0 - 600, MET, ()), "- since 10m", "warning"),
        # What diverged is a problem at once, and not for being old.
        (Standing(BRAVO, "diverged", 1, 1000.0 - 600, MET, (DIVERGED,)), "1 ref since 10m", "problem"),
        (Standing(BRAVO, "refused", 1, 1000.0 - 600, MET, (REFUSED,)), "1 ref since 10m, stale", "problem"),
        (Standing(BRAVO, "offline", 2, 1000.0 - 600, MET, (REFUSED,)), "2 refs since 10m, stale", "problem"),
    ],
)
def test_a_stale_mirror_looks_stale(standing: Standing, behind: str, verdict: str) -> None:
    stale = is_stale(standing, 60.0, 1000.0)
    assert _row(standing, stale, 1000.0)[3] == behind
    assert _verdict(standing, stale) == verdict


def test_an_outbox_that_cannot_be_read_is_not_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "x.git"
    subprocess.run(("git", "init", "-q", "--bare", path), check=True)
    subprocess.run(("git", "-C", path, "config", "remote.bravo.url", "/srv/x.git"), check=True)
    repo = Repository.discover(path)
    open_outbox(repo, print).close()
    outbox_path(repo).write_bytes(b"x" * 5000)
    (standing,) = standings(repo)
    assert (standing.state, _verdict(standing, stale=False)) == ("unknown", "warning")
    assert "the outbox cannot be read" in _row(standing, stale=False, now=0.0)[-1]
    assert "hookkit doctor" in str(_data(standing)["last_error"])
