"""What people see on a terminal, and in a pipe."""

import sys

import pytest

from hookkit import terminal

ROWS = [("alpha", "in-sync"), ("bravo", "pending"), ("charlie", "stale")]
VERDICTS = ("ok", "warning", "problem")


@pytest.fixture
def tty(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def table(capsys: pytest.CaptureFixture[str], *verdicts: str) -> dict[str, str]:
    terminal.table("Remotes", ("remote", "state"), ROWS, verdicts)
    return {name: line for line in capsys.readouterr().out.splitlines() for name, _ in ROWS if name in line}


def test_rows_have_the_colour_of_their_verdict(tty: None, capsys: pytest.CaptureFixture[str]) -> None:
    lines = table(capsys, *VERDICTS)
    assert "\x1b[3" not in lines["alpha"]
    assert "\x1b[33m" in lines["bravo"]
    assert "\x1b[31m" in lines["charlie"]


@pytest.mark.parametrize("verdicts", [(), ("ok",), (*VERDICTS, "problem")])
def test_every_row_is_there_whatever_the_number_of_verdicts(
    tty: None, capsys: pytest.CaptureFixture[str], verdicts: tuple[str, ...]
) -> None:
    assert len(table(capsys, *verdicts)) == len(ROWS)


def test_a_pipe_gets_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert "\x1b" not in "".join(table(capsys, *VERDICTS).values())


def test_no_colour_where_nobody_wants_it(
    tty: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in "".join(table(capsys, *VERDICTS).values())
