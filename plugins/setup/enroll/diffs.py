"""What would change in files, as ``diff -u`` shows it. Pure."""

import difflib
from collections.abc import Iterator, Mapping


def unified(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The lines of the difference between two sets of texts, by path; a path that ``before`` lacks is a new file."""
    return [line for path, text in after.items() for line in _one(path, before.get(path), text)]


def _one(path: str, old: str | None, new: str) -> Iterator[str]:
    start = "/dev/null" if old is None else f"a/{path}"
    for line in difflib.unified_diff(_lines(old or ""), _lines(new), start, f"b/{path}"):
        yield from line.rstrip("\n").split("\n")


def _lines(text: str) -> list[str]:
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop().rstrip("\n")
    # In the notation of diff(1).
    return [*lines, f"{last}\n\\ No newline at end of file\n"] if last else lines
