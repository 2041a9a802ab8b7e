"""Who may do what by a gitolite configuration. Pure."""

import functools
import re
from collections.abc import Sequence
from typing import NamedTuple

from hookkit_plugins.setup.enroll.gitolite_file import Statement

ADMIN = "gitolite-admin"


class Access(NamedTuple):
    """Groups with their members, groups in them replaced by theirs; rules and options in their order.

    :param under: each word of a line that begins with ``repo``, and the numbers of the rules under it.
    """

    groups: dict[str, list[str]]
    rules: list[Statement]
    under: dict[str, list[int]]

    def repositories(self) -> list[str]:
        """All that are named, with patterns for repositories that people create themselves."""
        names: dict[str, None] = {}
        for word in self.under:
            names |= dict.fromkeys(self.groups.get(word, []) if word.startswith("@") else [word])
        return [name for name in names if not name.startswith("@")]


def access(statements: Sequence[Statement]) -> Access:
    """What ``statements`` come to."""
    found = Access({}, [], {})
    current: tuple[str, ...] = ()
    for each in statements:
        if each.kind == "group":
            members = found.groups.setdefault(each.head, [])
            for word in each.words:
                # As they are at this line: what is added to a group later is not in those that contain it.
                members += found.groups.get(word, [word]) if word.startswith("@") else [word]
            continue
        if each.kind == "repo":
            current = each.words
            for word in current:
                found.under.setdefault(word, [])
            continue
        for word in current:
            found.under[word].append(len(found.rules))
        found.rules.append(each)
    return found


def named_for(found: Access, group: str) -> list[str]:
    """What stands behind ``repo`` where a rule gives something to ``group`` by its name."""
    return [
        word
        for word, numbers in found.under.items()
        if any(found.rules[number].head != "-" and group in found.rules[number].words for number in numbers)
    ]


def rules_for(found: Access, repository: str) -> list[Statement]:
    """The rules and options that hold for ``repository``, in their order."""
    numbers = {number for word, rules in found.under.items() if _covers(found, word, repository) for number in rules}
    return [found.rules[number] for number in sorted(numbers)]


def _covers(found: Access, word: str, repository: str) -> bool:
    if word.startswith("@"):
        return word == "@all" or any(_matches(member, repository) for member in found.groups.get(word, []))
    return _matches(word, repository)


def _matches(pattern: str, repository: str) -> bool:
    """gitolite takes every name for a pattern too, in which a dot is any character."""
    compiled = _compiled(pattern)
    return pattern == repository or (compiled is not None and compiled.fullmatch(repository) is not None)


# re itself keeps 512, and there are configurations with thousands of names.
@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """None: it matches nothing but itself."""
    if re.fullmatch(r"[\w/@-]*", pattern):
        return None
    try:
        return re.compile(pattern)
    except re.error:
        return None


def permission(rules: Sequence[Statement]) -> str:
    """What a mirror needs under these rules: all that they tell apart; ``CREATE_IS_C`` and so on in gitolite's Sugar.pm."""
    heads = [each.head for each in rules]
    needs = (("C", r"RW\+?D?CD?M?|option CREATE_IS_C = [^0]"), ("D", r"RW\+?C?DC?M?|option DELETE_IS_D = [^0]"))
    letters = [letter for letter, pattern in needs if any(re.match(f"(?:{pattern})", head) for head in heads)]
    if any(re.match(r"RW.*M|option MERGE_CHECK = [^0]", head) for head in heads):
        letters.append("M")
    return "RW+" + "".join(letters)


def has_full(found: Access, rules: Sequence[Statement], group: str, needed: str) -> bool:
    """Whether the rules let everybody in ``group`` do everything, with nothing denied before."""
    for each in rules:
        if each.head == "-" and _concerns(found, each, group) and not _is_virtual(each):
            return False
        if group in each.words and not each.refs and set(needed) <= set(each.head):
            return True
    return False


def denied_by_name(found: Access, repository: str, group: str, members: Sequence[str]) -> Statement | None:
    """A rule that denies something to the group, or to a member, in so many words.

    :param members: those that it is to have beside its own.
    """
    named = {group, *members, *found.groups.get(group, [])}
    denying = (each for each in rules_for(found, repository) if each.head == "-" and not _is_virtual(each))
    return next((each for each in denying if named & set(each.words)), None)


def _concerns(found: Access, rule: Statement, group: str) -> bool:
    """Whether a rule may hold for somebody in ``group``."""
    members = {group, "@all", *found.groups.get(group, [])}
    return any(word in members or members & set(found.groups.get(word, [])) for word in rule.words)


def _is_virtual(rule: Statement) -> bool:
    """It is about what is not a ref (files, names); gitolite looks at these rules apart from the others."""
    return bool(rule.refs) and all(re.match(r"VREF/|NAME/", ref) for ref in rule.refs)
