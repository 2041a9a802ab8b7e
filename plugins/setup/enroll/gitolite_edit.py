"""gitolite.conf with further members in a group that may do everything with further repositories. Pure."""

import re
from collections.abc import Mapping, Sequence

from hookkit.api import UsageError
from hookkit_plugins.setup.enroll import gitolite_access, gitolite_file
from hookkit_plugins.setup.enroll.gitolite_file import MAIN, Find, Statement

_TITLE = "# hookkit: the servers that mirror repositories to each other"


def granted(
    files: Mapping[str, str], find: Find, group: str, members: Sequence[str], repositories: Sequence[str]
) -> dict[str, str]:
    """The files that change, with ``members`` in ``group``, which has full access to ``repositories``.

    :param files: all files of the configuration, path from the top of the admin repository to text.
    :raises UsageError: it cannot be parsed, or denies the group something by name.
    """
    before = gitolite_file.statements(files.get, find)
    name = f"@{group}"
    with_members, head = _with_members(files, before, name, members)
    lacking = _lacking(gitolite_file.statements({**files, **with_members}.get, find), name, repositories)
    refused = _denied(before, name, members, [repository for repository, _ in lacking])
    if refused:
        raise refused
    rules = [line for repository, needed in lacking for line in (f"repo {repository}", f"    {needed} = {name}")]
    # Behind everything else is where nothing is in the way, unless something denies before: then before everything.
    for place in (_at_end, _at_start):
        changed = dict(with_members)
        if head or rules:
            changed[MAIN] = place(changed.get(MAIN, files[MAIN]), [*head, *rules])
        after = gitolite_file.statements({**files, **changed}.get, find)
        if not _lacking(after, name, repositories):
            _prove(before, after, name, members, rules)
            return {path: text for path, text in changed.items() if files.get(path) != text}
    raise UsageError(f"{MAIN} denies {name} something wherever its rules stand", hint="give it access by hand")


def _lacking(statements: list[Statement], name: str, repositories: Sequence[str]) -> list[tuple[str, str]]:
    found = gitolite_access.access(statements)
    lacking = []
    for repository in repositories:
        rules = gitolite_access.rules_for(found, repository)
        needed = gitolite_access.permission(rules)
        if not gitolite_access.has_full(found, rules, name, needed):
            lacking.append((repository, needed))
    return lacking


def _denied(
    statements: list[Statement], name: str, members: Sequence[str], repositories: Sequence[str]
) -> UsageError | None:
    found = gitolite_access.access(statements)
    for repository in repositories:
        rule = gitolite_access.denied_by_name(found, repository, name, members)
        if rule is not None:
            said = " ".join((rule.head, *rule.refs, "=", *rule.words))
            message = f"{rule.file}, line {rule.line} denies {name} something in {repository}: {said}"
            return UsageError(
                message, hint="a mirror needs full access: take the rule away, or leave the repository out"
            )
    return None


def _with_members(
    files: Mapping[str, str], statements: list[Statement], name: str, members: Sequence[str]
) -> tuple[dict[str, str], list[str]]:
    """The files with the group's line extended; or, if there is none, the lines that make it."""
    own = [each for each in statements if each.kind == "group" and each.head == name]
    has = {word for each in own for word in each.words}
    new = [member for member in members if member not in has]
    if not own:
        return {}, [_TITLE, f"{name} = {' '.join(new)}"]
    if not new:
        return {}, []
    last = own[-1]
    lines = files[last.file].split("\n")
    line = lines[last.line - 1]
    # Before a comment, and before what is white at the end.
    said = re.match(r"(?s)[^#]*", line)
    end = len((said[0] if said else line).rstrip())
    lines[last.line - 1] = f"{line[:end]} {' '.join(new)}{line[end:]}"
    return {last.file: "\n".join(lines)}, []


def _ending(text: str) -> str:
    lines = text.split("\n")
    return "\r\n" if sum(line.endswith("\r") for line in lines) * 2 >= max(len(lines) - 1, 1) else "\n"


def _at_end(text: str, new: Sequence[str]) -> str:
    ending = _ending(text)
    gap = "" if not text or text.endswith("\n") else ending
    titled = new[0].startswith("#")
    return text + gap + (ending if titled and text.strip() else "") + "".join(f"{line}{ending}" for line in new)


def _at_start(text: str, new: Sequence[str]) -> str:
    """Before the first block of repositories, and the comment above it; groups are defined before, as everywhere."""
    ending = _ending(text)
    lines = text.split("\n")
    first = next(
        (
            number
            for number, line in enumerate(lines)
            if re.match(r"(?:repo|include|subconf) ", gitolite_file.cleaned(line))
        ),
        len(lines),
    )
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    block = "".join(f"{line}{ending}" for line in new) + ending
    start = "\n".join(lines[:first])
    return f"{start}{chr(10) if first else ''}{block}" + "\n".join(lines[first:])


def _prove(
    before: list[Statement], after: list[Statement], name: str, members: Sequence[str], rules: Sequence[str]
) -> None:
    """Without what is new, ``after`` says what ``before`` says, in the same order.

    :raises UsageError: it does not.
    """
    new = gitolite_file.statements({MAIN: "\n".join(rules)}.get, lambda _: ())
    rest = [each.said for each in after]
    for number in range(len(rest) - len(new) + 1):
        if rest[number : number + len(new)] == [each.said for each in new]:
            without = rest[:number] + rest[number + len(new) :]
            if _without_group(without, name) == _without_group([each.said for each in before], name):
                break
    else:
        raise UsageError(f"{MAIN} is written in a way that cannot be edited without a change of meaning")
    had = {word for each in before if each.kind == "group" and each.head == name for word in each.words}
    has = {word for each in after if each.kind == "group" and each.head == name for word in each.words}
    if has != had | set(members):
        raise UsageError(f"the line of {name} in {MAIN} cannot be edited without a change of meaning")


def _without_group(said: Sequence[tuple[object, ...]], name: str) -> list[tuple[object, ...]]:
    return [each for each in said if each[:2] != ("group", name)]
