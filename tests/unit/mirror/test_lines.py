"""What the pusher sees, to the letter."""

import pytest

from hookkit.failures import Failure, Kind
from hookkit_plugins.mirror.delivery import Report, Sent
from hookkit_plugins.mirror.lines import hint, line
from hookkit_plugins.mirror.plan import Change
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.store import Held
from hookkit_plugins.mirror.words import offline, queued

NOW = 1_000_000.0
A, B = "709387f" + "a" * 33, "e2375b5" + "b" * 33
BRAVO = Remote("bravo", "mirror", "ssh://bravo/x.git", (), "bravo")


def sent(ref: str, new: str | None, lease: str | None, forced: bool = False) -> Sent:
    return Sent(Change(ref, new, lease), forced)


REFUSED = Failure(Kind.OFFLINE, "connect to host bravo port 22: Connection refused")
GOLDEN: list[tuple[Report, str]] = [
    (Report(BRAVO, (sent("refs/heads/main", B, A),), seconds=0.214), "bravo  709387f..e2375b5 main  ok 0.21s"),
    (Report(BRAVO, (sent("refs/heads/main", B, A, True),), seconds=1), "bravo  709387f...e2375b5 main  ok 1.00s"),
    (Report(BRAVO, (sent("refs/tags/v1", A, None),), seconds=0.5), "bravo  v1 new  ok 0.50s"),
    (Report(BRAVO, (sent("refs/heads/old", None, A),), seconds=0.5), "bravo  old deleted  ok 0.50s"),
    (
        Report(BRAVO, tuple(sent(f"refs/heads/{n}", A, None) for n in "abc"), seconds=0.5),
        "bravo  a new, b new, c new  ok 0.50s",
    ),
    (
        Report(BRAVO, tuple(sent(f"refs/heads/{n}", A, None) for n in range(2000)), seconds=2.5),
        "bravo  2000 refs  ok 2.50s",
    ),
    (Report(BRAVO), "bravo  in sync already"),
    (Report(BRAVO, queued=2, taken=True), "bravo  2 refs queued behind a push that is on its way"),
    (
        Report(BRAVO, queued=3, failing_since=NOW - 240, failure=REFUSED),
        "bravo  offline for 4m, 3 refs queued: connect to host bravo port 22: Connection refused",
    ),
    (
        Report(BRAVO, queued=1, failing_since=NOW, failure=REFUSED),
        "bravo  offline, 1 ref queued: connect to host bravo port 22: Connection refused",
    ),
    (
        Report(BRAVO, queued=1, failure=Failure(Kind.TIMEOUT, "within 10s")),
        "bravo  no answer, 1 ref queued: within 10s",
    ),
    (
        Report(BRAVO, held=(Held("refs/heads/main", 1, "diverged", B),)),
        "bravo  main diverged: bravo has e2375b5 that was never here; it is left alone",
    ),
    (
        Report(BRAVO, held=tuple(Held(f"refs/heads/{n}", 1, "diverged", B) for n in "ab")),
        "bravo  2 refs diverged: bravo has something that was never here; it is left alone",
    ),
    (
        Report(BRAVO, held=(Held("refs/heads/main", 1, "refused", "refused: hook declined: no"),)),
        "bravo  main refused: hook declined: no",
    ),
    (
        Report(
            BRAVO,
            (sent("refs/heads/dev", B, A),),
            (Held("refs/heads/x", 1, "diverged", B), Held("refs/heads/y", 1, "refused", "disk full: no room")),
            seconds=0.3,
        ),
        "bravo  709387f..e2375b5 dev  ok 0.30s; x diverged: bravo has e2375b5 that was never here; it is left alone; "
        "y refused: disk full: no room",
    ),
    (Report(BRAVO, (sent("refs/heads/a\x1b[31mb\u2028c", A, None),), seconds=0), "bravo  abc new  ok 0.00s"),
]


@pytest.mark.parametrize(("report", "expected"), GOLDEN)
def test_golden(report: Report, expected: str) -> None:
    assert line(report, NOW) == f"hookkit: {expected}"


def test_never_longer_than_a_screen_and_never_two_lines() -> None:
    long = Report(BRAVO, failure=Failure(Kind.REFUSED, "x\ny" * 1000))
    assert len(line(long, NOW)) <= 500
    assert "\n" not in line(long, NOW)


def test_queued() -> None:
    assert queued("bravo", 1, by_worker=False) == "hookkit: bravo  1 ref queued; deliver: hookkit mirror sync"
    assert queued("bravo", 2, by_worker=True) == "hookkit: bravo  2 refs queued"


def test_offline() -> None:
    assert offline("bravo", 3, "4m") == "hookkit: bravo  offline for 4m, 3 refs queued"


def test_hints() -> None:
    assert hint(Report(BRAVO)) is None
    assert hint(Report(BRAVO, failure=Failure(Kind.AUTH, "x", "do this"))) == "do this"
    assert "hookkit mirror verify" in (hint(Report(BRAVO, held=(Held("r", 1, "diverged", A),))) or "")
