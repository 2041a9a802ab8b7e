"""gitosis.conf: what stands where in it, and what it means. Pure.

gitosis reads it with Python's RawConfigParser: the original with that of Python 2, its descendants with that of Python 3.
These differ (comments behind values, comments between indented lines, indented options), so both readings count.
"""

import configparser
import io
import re
from typing import NamedTuple

from hookkit.api import UsageError, one_line

Meaning = dict[str, dict[str, str]]
"""Section to option, in lower case, to value, lines separated by line feeds."""


class Piece(NamedTuple):
    """A line's part that belongs to a value: the line's number from 0, and the columns from and to."""

    line: int
    start: int
    end: int


class Entry(NamedTuple):
    """An option in the file: where it is, and its value, the first line's piece included if it is empty."""

    section: str
    option: str
    indent: str
    pieces: list[Piece]


class Header(NamedTuple):
    """A section's first line."""

    section: str
    line: int


class Layout(NamedTuple):
    """What stands where."""

    headers: list[Header]
    entries: list[Entry]

    def last(self, section: str, option: str) -> Entry | None:
        """The entry that counts: each replaces those before it."""
        found = [entry for entry in self.entries if (entry.section, entry.option) == (section, option)]
        return found[-1] if found else None


_HEADER = re.compile(r"\[([^]]+)\]")
_OPTION = re.compile(r"([^:=\s][^:=]*?)\s*[:=]\s*(.*)")


def layout(lines: list[str], *, old: bool) -> Layout:
    """What stands where in ``lines``, which have no line feeds.

    :param old: as Python 2 reads it, else Python 3.
    :raises UsageError: it cannot be parsed.
    """
    found = Layout([], [])
    entry: Entry | None = None
    section: str | None = None
    depth = 0
    for number, line in enumerate(lines):
        body = line.rstrip()
        start = len(body) - len(body.lstrip())
        if not body or body[0 if old else start] in "#;" or (old and re.match(r"(?i)rem(\s|$)", body)):
            continue
        if entry is not None and (start > 0 if old else start > depth):
            entry.pieces.append(Piece(number, start, len(body)))
            continue
        depth = start
        text = body if old else body[start:]
        if header := _HEADER.match(text):
            section, entry = header[1], None
            found.headers.append(Header(section, number))
        elif section is None:
            raise _unparsable(number, line, "a line before the first [section]")
        elif option := _OPTION.match(text):
            shift = 0 if old else start
            entry = Entry(section, option[1].lower(), body[:shift], [_value(number, option, shift, old=old)])
            found.entries.append(entry)
        else:
            raise _unparsable(number, line, "neither a [section] nor NAME = VALUE")
    return found


def _value(number: int, option: re.Match[str], shift: int, *, old: bool) -> Piece:
    value = option[2]
    comment = re.search(r"\s;", value) if old else None
    # Python 2 looks at the first semicolon only.
    if comment and value.find(";") == comment.end() - 1:
        value = value[: comment.start()].rstrip()
    return Piece(number, option.start(2) + shift, option.start(2) + shift + len(value))


def _unparsable(number: int, line: str, why: str) -> UsageError:
    return UsageError(f"gitosis.conf, line {number + 1}: {why}", cause=one_line(line, 80))


def meaning(text: str, *, old: bool) -> Meaning:
    """What ``text`` means.

    :raises UsageError: it cannot be parsed.
    """
    return _old_meaning(text) if old else _new_meaning(text)


def _old_meaning(text: str) -> Meaning:
    lines = text.split("\n")
    found = layout(lines, old=True)
    sections: Meaning = {header.section: {} for header in found.headers}
    for entry in found.entries:
        values = [lines[piece.line][piece.start : piece.end].strip() for piece in entry.pieces]
        sections[entry.section][entry.option] = "\n".join(values).strip()
    return sections


def _new_meaning(text: str) -> Meaning:
    # A repeated section or option is the owner's affair: what counts here is what it means.
    parser = configparser.RawConfigParser(strict=False, default_section="")
    try:
        parser.read_file(io.StringIO(text, newline=None))
    except configparser.Error as error:
        raise UsageError("gitosis.conf cannot be parsed", cause=one_line(str(error), 120)) from None
    return {section: dict(parser.items(section)) for section in parser.sections()}


class Group(NamedTuple):
    """What a group may have access to."""

    name: str
    repositories: list[str]
    folder: str | None


_LISTS = ("writable", "writeable", "readonly")


def groups(found: Meaning) -> list[Group]:
    """The groups. Of a ``map`` the name counts that the repository really has."""
    listed = []
    for section, options in found.items():
        if section.startswith("group "):
            names = [name for option in _LISTS for name in options.get(option, "").split()]
            names += [
                value.strip() for option, value in options.items() if re.match(r"map\s", option) and value.strip()
            ]
            listed.append(Group(section.removeprefix("group "), names, options.get("repositories")))
    return listed


def described(found: Meaning) -> list[str]:
    """The repositories with a section of their own."""
    return [section.removeprefix("repo ").strip() for section in found if section.startswith("repo ")]
