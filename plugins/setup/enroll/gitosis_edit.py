"""gitosis.conf with a group that has further members and repositories: only the lines change that have to. Pure."""

import textwrap
from collections.abc import Sequence

from hookkit.api import HookkitError, UsageError
from hookkit_plugins.setup.enroll import gitosis_file
from hookkit_plugins.setup.enroll.gitosis_file import Entry, Layout, Meaning, Piece

_WIDTH = 100
_WRITABLE = ("writable", "writeable")


def readings(text: str) -> dict[bool, Meaning]:
    """What ``text`` means to those (the old one? the new one?) that can parse it.

    :raises UsageError: none can.
    """
    found: dict[bool, Meaning] = {}
    failures: list[UsageError] = []
    for old in (True, False):
        try:
            found[old] = gitosis_file.meaning(text, old=old)
        except UsageError as error:
            failures.append(error)
    if not found:
        raise failures[0]
    return found


def granted(text: str, group: str, members: Sequence[str], repositories: Sequence[str]) -> str:
    """``text`` with ``members`` in ``group``, which may write to ``repositories``.

    :raises UsageError: it cannot be parsed, or not be edited without a change of meaning.
    """
    before = readings(text)
    found = next(iter(before.values()))
    section = f"group {group}"
    if found.get("DEFAULT"):
        # What it says would hold for the new group, or no longer hold for one that gets something of its own.
        raise UsageError("gitosis.conf has a section [DEFAULT]", hint="move what it says to the sections that need it")
    options = found.get(section, {})
    new_members = [name for name in members if name not in options.get("members", "").split()]
    there = [name for option in _WRITABLE for name in options.get(option, "").split()]
    new_repositories = [name for name in repositories if name not in there]
    # The spelling that is there; the older one only if it is alone.
    writable = next((option for option in _WRITABLE if option in options), _WRITABLE[0])
    wanted = {"members": new_members, writable: new_repositories}
    old = next(iter(before))
    after = _edited(text, section, {option: words for option, words in wanted.items() if words}, old=old)
    for old, was in before.items():
        _prove(was, gitosis_file.meaning(after, old=old), section, wanted)
    return after


def _prove(before: Meaning, after: Meaning, section: str, wanted: dict[str, list[str]]) -> None:
    for option, words in wanted.items():
        if words:
            has = before.get(section, {}).get(option, "").split()
            gets = after.get(section, {}).pop(option, "").split()
            if sorted(gets) != sorted([*has, *words]):
                raise _unproven(f"{option} of [{section}]")
    rest = {name: dict(options) for name, options in before.items()}
    for option, words in wanted.items():
        if words:
            rest.setdefault(section, {}).pop(option, None)
    if rest != after:
        different = next(name for name in {**rest, **after} if rest.get(name) != after.get(name))
        raise _unproven(f"[{different}]")


def _unproven(what: str) -> HookkitError:
    return UsageError(
        f"gitosis.conf is written in a way that cannot be edited without a change of meaning: {what}",
        hint="write this section as `name = value` lines that are not indented, then run it again",
    )


def _edited(text: str, section: str, wanted: dict[str, list[str]], *, old: bool) -> str:
    if not wanted:
        return text
    lines = text.split("\n")
    ending = "\r" if sum(line.endswith("\r") for line in lines) * 2 >= max(len(lines) - 1, 1) else ""
    found = gitosis_file.layout(lines, old=old)
    headers = [header for header in found.headers if header.section == section]
    if not headers:
        return _appended(text, section, wanted, ending)
    # From the end, so that the numbers of lines before stay right.
    present = [(entry, words) for option, words in wanted.items() if (entry := found.last(section, option))]
    missing = {option: words for option, words in wanted.items() if found.last(section, option) is None}
    places = sorted(present, key=lambda pair: pair[0].pieces[0].line, reverse=True)
    new = _new_lines(found, headers[-1].line, section, missing)
    for entry, words in places:
        if new and new[0] > entry.pieces[-1].line:
            _insert(lines, *new, ending)
            new = None
        _extend(lines, entry, words, ending)
    if new:
        _insert(lines, *new, ending)
    return "\n".join(lines)


def _new_lines(found: Layout, header: int, section: str, missing: dict[str, list[str]]) -> tuple[int, list[str]] | None:
    """Where options that are not there go, and their lines: behind the members if these are there, else first."""
    if not missing:
        return None
    own = [entry for entry in found.entries if entry.section == section and entry.pieces[0].line > header]
    members = [entry for entry in own if entry.option == "members"]
    where = members[-1].pieces[-1].line + 1 if members else header + 1
    indent = own[0].indent if own else ""
    return where, [f"{indent}{option} = {' '.join(words)}" for option, words in missing.items()]


def _extend(lines: list[str], entry: Entry, words: Sequence[str], ending: str) -> None:
    filled = [piece for piece in entry.pieces if not _is_comment(lines, piece) and piece.end > piece.start]
    last = filled[-1] if filled else entry.pieces[0]
    line = lines[last.line]
    if last.line != entry.pieces[0].line and len(line[last.start : last.end].split()) == 1:
        # A list with one name in each line goes on like that.
        indent = line[: last.start]
        _insert(lines, last.line + 1, [f"{indent}{word}" for word in words], ending)
        return
    head, tail = line[: last.end], line[last.end :]
    space = "" if head[-1:].isspace() else " "
    lines[last.line] = f"{head}{space}{' '.join(words)}{tail}"


def _insert(lines: list[str], where: int, new: Sequence[str], ending: str) -> None:
    ended = [f"{line}{ending}" for line in new]
    if where == len(lines):
        # Behind a last line that has no end, which it gets; the new last line has none then.
        lines[-1] = f"{lines[-1].removesuffix(ending)}{ending}"
        ended[-1] = new[-1]
    lines[where:where] = ended


def _is_comment(lines: list[str], piece: Piece) -> bool:
    """Between the lines of a value the readings differ: to the new one this is a comment."""
    return lines[piece.line][piece.start : piece.start + 1] in {"#", ";"}


def _appended(text: str, section: str, wanted: dict[str, list[str]], ending: str) -> str:
    newline = f"{ending}\n"
    parts = [f"[{section}]"]
    for option, words in wanted.items():
        line = f"{option} = {' '.join(words)}"
        parts += textwrap.wrap(line, _WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    gap = "" if not text or text.endswith("\n") else newline
    blank = newline if text.strip() and not (text + gap).endswith(("\n\n", "\n\r\n")) else ""
    return text + gap + blank + "".join(f"{line}{newline}" for line in parts)
