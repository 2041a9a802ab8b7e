"""gitolite.conf as gitolite 3 reads it: statements in their order, includes followed. Pure."""

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from hookkit.api import UsageError, one_line

MAIN = "conf/gitolite.conf"

# gitolite's own patterns, from its Rc.pm.
_REPO = re.compile(r"@?[\[0-9a-zA-Z][-0-9a-zA-Z._@/+\\^$|()\[\]*?{},]*")
_NAME = re.compile(r"@?[0-9a-zA-Z][-0-9a-zA-Z._@/+]*")
_USER = re.compile(r"@?[0-9a-zA-Z][-0-9a-zA-Z._@+]*")
_RULE = re.compile(r"(-|C|R|RW\+?(?:C?D?|D?C?)M?) (.* )?= (.+)")


def is_name(text: str) -> bool:
    """Whether ``text`` names one repository, rather than being a pattern for several."""
    return _NAME.fullmatch(text) is not None


class Statement(NamedTuple):
    """One line that says something.

    :param kind: ``group``, ``repo``, ``rule``, ``include``, or ``other``.
    :param head: the group's name, or the rule's permission; of others the whole line.
    :param words: what is in the group; the repositories; those that the rule is for.
    :param refs: what a rule is about; empty: everything.
    """

    kind: str
    head: str
    words: tuple[str, ...]
    refs: tuple[str, ...]
    file: str
    line: int

    @property
    def said(self) -> tuple[str, str, tuple[str, ...], tuple[str, ...], str]:
        """All of it but the number of its line."""
        return (self.kind, self.head, self.words, self.refs, self.file)


Read = Callable[[str], str | None]
"""A file's text by its path from the top of the admin repository; None: there is none."""
Find = Callable[[str], Sequence[str]]
"""The files that a glob matches, sorted; both from the top of the admin repository."""


def statements(read: Read, find: Find) -> list[Statement]:
    """What the configuration says.

    :raises UsageError: gitolite would refuse it.
    """
    found = list(_file(MAIN, "", read, find, {MAIN}))
    _check(found)
    return found


def _file(path: str, subconf: str, read: Read, find: Find, seen: set[str]) -> Iterator[Statement]:
    text = read(path)
    if text is None:
        raise UsageError(f"there is no {path}")
    skipping = False
    prefixed: dict[str, str] = {}
    for number, raw in enumerate(text.split("\n"), 1):
        line = cleaned(raw)
        if re.fullmatch(r"= *(?:begin (?:testconf|template-data)|end)", line):
            skipping = not line.endswith("end")
        elif line and not skipping:
            if subconf:
                line = _with_prefixes(line, subconf, prefixed)
            statement = _statement(line, path, number)
            if statement.kind == "include":
                yield from _included(statement, subconf, read, find, seen)
            else:
                yield statement


def cleaned(line: str) -> str:
    """A line without comment, with single spaces: gitolite's ``cleanup_conf_line``."""
    line = re.sub(r'^((?:".*?"|[^#"])*)#.*', r"\1", line)
    return " ".join(line.replace("=", " = ", 1).split())


def _with_prefixes(line: str, subconf: str, prefixed: dict[str, str]) -> str:
    """Groups of a subconf have its name before theirs."""
    own = re.match(r"@(\S+) = ", line)
    line = re.sub(r"(?<!\S)@\S+", lambda found: prefixed.get(found[0], found[0]), line)
    if own:
        prefixed[f"@{own[1]}"] = f"@{subconf}.{own[1]}"
        line = re.sub(r"^@\S+", prefixed[f"@{own[1]}"], line)
    return line


def _statement(line: str, file: str, number: int) -> Statement:
    if found := re.fullmatch(r"(@\S+) =(?: (.*))?", line):
        return Statement("group", found[1], tuple((found[2] or "").split()), (), file, number)
    if found := re.fullmatch(r"repo (.*)", line):
        names = tuple(name.removesuffix(".git") for name in found[1].split())
        return Statement("repo", "", names, (), file, number)
    if found := _RULE.fullmatch(line):
        return Statement("rule", found[1], tuple(found[3].split()), tuple((found[2] or "").split()), file, number)
    if re.match(r"(?:include|subconf) ", line):
        return Statement("include", line, (), (), file, number)
    return Statement("other", line, (), (), file, number)


def _included(statement: Statement, subconf: str, read: Read, find: Find, seen: set[str]) -> Iterator[Statement]:
    found = re.fullmatch(r"(include|subconf) (?:(\S+) )?([\"'])(.+)\3", statement.head)
    if found is None:
        raise _wrong(statement, "the file to include is not in quotes")
    # Relative to conf/, which gitolite goes to.
    for path in find(posixpath.normpath(posixpath.join("conf", found[4]))):
        name = re.search(r"([^/]+)\.conf$", path)
        if name is None:
            raise _wrong(statement, f"{path} does not end in .conf")
        if path not in seen:
            seen.add(path)
            inside = (found[2] or name[1]) if found[1] == "subconf" else subconf
            yield from _file(path, inside, read, find, seen)


def _check(found: list[Statement]) -> None:
    """What makes gitolite give up.

    :raises UsageError: something of that.
    """
    groups = {"@all"}
    for each in found:
        if each.kind == "group":
            missing = [word for word in each.words if word.startswith("@") and word not in groups]
            wrong = [word for word in each.words if not _REPO.fullmatch(word)]
            if missing:
                raise _wrong(each, f"the group {missing[0]} is not defined before")
            if wrong or not _NAME.fullmatch(each.head):
                raise _wrong(each, f"{(wrong or [each.head])[0]!r} cannot be a name")
            groups.add(each.head)
        elif each.kind == "repo":
            wrong = [word for word in each.words if not _REPO.fullmatch(word)]
        elif each.kind == "rule":
            wrong = [word for word in each.words if not _USER.fullmatch(word)]
            wrong += [ref for ref in each.refs if not ref.startswith("@") and not _REPO.fullmatch(ref)]
        else:
            wrong = []
        if wrong:
            raise _wrong(each, f"{wrong[0]!r} cannot be a name")


def _wrong(statement: Statement, why: str) -> UsageError:
    said = statement.head if statement.kind == "include" else " ".join((statement.head, *statement.words))
    return UsageError(f"{statement.file}, line {statement.line}: {why}", cause=one_line(said, 80))
