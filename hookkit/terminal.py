"""What commands print: aligned plain lines in a pipe, tables and colours on a terminal, JSON on request.

Nothing gets out of here with control characters or secrets in it.
"""

import contextlib
import json
import os
import sys
from collections.abc import Sequence
from itertools import zip_longest
from typing import TextIO

from hookkit import errors
from hookkit.text import redact, shown

_RESET = "\x1b[0m"
_VERDICTS = {"ok": "\x1b[32m", "fixed": "\x1b[32m", "warning": "\x1b[1;33m", "problem": "\x1b[1;31m"}
_VERDICT_WIDTH = max(map(len, _VERDICTS))
_LABELS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "caused by": "\x1b[31m", "hint": "\x1b[36m"}


def say(line: str = "") -> None:
    """Print one line to standard output."""
    print(shown(line))


def warn(line: str) -> None:
    """Print one line to standard error: what does not stop the command, but should be known."""
    _flush()
    print(_coloured(f"warning: {shown(line)}", sys.stderr), file=sys.stderr)


def show_error(error: BaseException) -> None:
    """Print ``error:``, ``caused by:`` and ``hint:`` lines to standard error."""
    _flush()
    for line in errors.lines(error):
        print(_coloured(shown(line), sys.stderr), file=sys.stderr)


def judge(verdict: str, line: str, hint: str = "") -> None:
    """Print one line to standard output that begins with ``ok``, ``fixed``, ``warning`` or ``problem``, and what to type."""
    word = f"{verdict:<{_VERDICT_WIDTH}}"
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        word = f"{_VERDICTS[verdict]}{word}{_RESET}"
    print(f"{word}  {shown(line)}")
    if hint:
        print(" " * _VERDICT_WIDTH + "  " + _coloured(f"hint: {shown(hint)}", sys.stdout))


def as_json(data: object) -> None:
    """Print ``data`` as JSON to standard output, whatever that is."""
    print(redact(json.dumps(data, indent=2)))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], verdicts: Sequence[str] = ()) -> None:
    """Print a table: with rules and colours on a terminal, else a header and one aligned line per row.

    :param verdicts: ``ok``, ``warning`` or ``problem`` for each row, which decides on its colour.
    """
    cells = [[shown(cell).replace("\n", " ") for cell in row] for row in rows]
    if sys.stdout.isatty():
        _rich_table(title, columns, cells, verdicts)
    else:
        if title:
            print(f"{title}:")
        for line in aligned([list(columns), *cells]):
            print(line)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines, columns as wide as their longest cell and two spaces apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


_ROW_STYLES = {"warning": "yellow", "problem": "red"}


def _rich_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], verdicts: Sequence[str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    grid = Table(title=title or None, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    for column in columns:
        grid.add_column(column, overflow="fold")
    for row, verdict in zip_longest(rows, verdicts[: len(rows)], fillvalue=""):
        grid.add_row(*map(Text, row), style=_ROW_STYLES.get(str(verdict)))
    Console().print(grid)


def _flush() -> None:
    """What was said before is seen before, where both go to the same place."""
    # Who no longer reads it is noticed at the end.
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()


def _coloured(line: str, stream: TextIO) -> str:
    label, colon, rest = line.partition(":")
    colour = _LABELS.get(label)
    if not colour or not colon or not stream.isatty() or os.environ.get("NO_COLOR"):
        return line
    return f"{colour}{label}:{_RESET}{rest}"
