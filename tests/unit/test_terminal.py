"""What people see on a terminal, and in a pipe."""

import sys
from collections.abc import Callable

import pytest

from hookkit import terminal

ROWS = [("alpha", "in-sync"), ("bravo", "pending"), ("charlie", "stale")]
VERDICTS = ("ok", "warning", "problem")


@pytest.fixture
def table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """The lines about the rows, by their names, as a terminal shows them."""
    monkeypatch.setenv("TERM", "xterm")
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def table(*verdicts: str, tty: bool = True) -> dict[str, str]:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: tty)
        terminal.table("Remotes", ("remote", "state"), ROWS, verdicts)
        return {name: line for line in capsys.readouterr().out.splitlines() for name, _ in ROWS if name in line}

    return table


Table = Callable[..., dict[str, str]]


def test_rows_have_the_colour_of_their_verdict(table: Table) -> None:
    lines = table(*VERDICTS)
    assert "\x1b[3" not in lines["alpha"]
    assert "\x1b[33m" in lines["bravo"]
    assert "\x1b[31m" in lines["charlie"]


@pytest.mark.parametrize("verdicts", [(), ("ok",), (*VERDICTS, "problem")])
def test_every_row_is_there_whatever_the_number_of_verdicts(table: Table, verdicts: tuple[str, ...]) -> None:
    assert len(table(*verdicts)) == len(ROWS)


def test_a_pipe_gets_plain_lines(table: Table) -> None:
    assert "\x1b" not in "".join(table(*VERDICTS, tty=False).values())


def test_no_colour_where_nobody_wants_it(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[3" not in "".join(table(*VERDICTS).values())
