"""Every error that people can meet is explained: its words stand in a table, with a cause and a cure."""

import re
from pathlib import Path

import pytest
from support import errors

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"
SAID = errors.all_errors()


def explained(page: str) -> set[str]:
    """The words in the first column of the tables of ``page``."""
    cells = re.findall(r"^\| (`.*?`) \|", page, re.MULTILINE)
    return {words for cell in cells for words in re.findall(r"`([^`]+)`", cell)}


def test_every_error_is_explained() -> None:
    known = explained(PAGE.read_text())
    assert [f"{each.place}: {each.message}" for each in SAID if _shown(each.message) not in known] == []


def test_nothing_is_explained_that_nobody_says() -> None:
    said = {_shown(each.message) for each in SAID}
    assert (
        sorted(
            words for words in explained(PAGE.read_text()) if not words.startswith("hookkit: ") and words not in said
        )
        == []
    )


def _shown(message: str) -> str:
    return message.replace("`", "'")


def test_every_row_has_a_cause_and_a_cure() -> None:
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `")]
    assert [row for row in rows if len(row.split(" | ")) != 3 or "|  |" in row] == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise HookkitError('it is new', cause='c')", ["it is new"]),
        ("raise UsageError(f'{x} is new' if x else 'new', hint='h')", ["… is new", "new"]),
        ("words = f'no {x!r}'\n    raise errors.ConfigError(words)", ["no …"]),
        ("raise JournalError('its own kind')", ["its own kind"]),
        ("raise GitError(x)\n\n\ndef other():\n    new('what it is called with')", ["what it is called with"]),
        ("raise ValueError('not for people')", []),
    ],
)
def test_a_new_error_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, said: list[str]) -> None:
    monkeypatch.setattr(errors, "ROOT", tmp_path)
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "new.py").write_text(f"def new(x):\n    {code}\n")
    assert [each.message for each in errors.all_errors()] == said
