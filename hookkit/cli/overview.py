"""What ``hookkit status --all DIR`` shows people: one table for each kind of thing, of all repositories together. Pure."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from hookkit.cli.standing import Standing
from hookkit.values import Section

_WORST_FIRST = ("problem", "warning", "ok")


class Table(NamedTuple):
    """Rows of several repositories, which their first column names; what needs attention comes first."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    verdicts: tuple[str, ...]


class Overview(NamedTuple):
    """Where many repositories stand.

    :param warnings: what is wrong with plugins and in configurations, one line each.
    :param without: the repositories where no hook starts hookkit.
    :param incomplete: those where plugins need hooks that are not installed.
    :param attention: how many need somebody's attention.
    """

    tables: list[Table]
    warnings: list[str]
    without: list[str]
    incomplete: list[str]
    attention: int


def of(folder: Path, everything: Iterable[Standing]) -> Overview:
    """Put together what is known about the repositories below ``folder``."""
    named = [(_name(folder, each), each) for each in everything]
    return Overview(
        _tables([(name, section) for name, each in named for section in each.sections]),
        [f"{name}: {line}" for name, each in named for line in (*each.problems, *each.mistakes)],
        [name for name, each in named if not each.installed],
        [name for name, each in named if each.installed and each.missing],
        sum(_needs_attention(each) for _, each in named),
    )


def _name(folder: Path, found: Standing) -> str:
    """The path below ``folder``, as people who have typed that read it."""
    path, top = Path(found.repository), folder.resolve()
    return str(path.relative_to(top)) if path.is_relative_to(top) else str(path)


def _needs_attention(found: Standing) -> bool:
    verdicts = (verdict for section in found.sections for verdict in section.verdicts)
    wrong = found.problems or found.mistakes or (found.installed and found.missing)
    return bool(wrong) or any(verdict != "ok" for verdict in verdicts)


def _tables(sections: Sequence[tuple[str, Section]]) -> list[Table]:
    """In the order in which they come up. Where something is wrong, a plugin may show other columns under the same title."""
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[str, tuple[str, ...]]]] = {}
    for name, section in sections:
        verdicts = (*section.verdicts, *("ok",) * (len(section.rows) - len(section.verdicts)))
        rows = [(verdict, (name, *row)) for row, verdict in zip(section.rows, verdicts, strict=False)]
        if rows:
            groups.setdefault((section.title, section.columns), []).extend(rows)
    tables = []
    for (title, columns), found in groups.items():
        found.sort(key=lambda each: _WORST_FIRST.index(each[0]) if each[0] in _WORST_FIRST else len(_WORST_FIRST))
        verdicts, lines = zip(*found, strict=True)
        tables.append(Table(title, ("repository", *columns), lines, verdicts))
    return tables
