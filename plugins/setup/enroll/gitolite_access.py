"""Who may do what by a gitolite configuration. Pure."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from hookkit_plugins.setup.enroll.gitolite_file import Statement

ADMIN = "gitolite-admin"


class Rule(NamedTuple):
    """A rule, and what it holds for."""

    repositories: tuple[str, ...]
    statement: Statement


class Access(NamedTuple):
    """Groups with their members, groups in them replaced by theirs, and rules in their order."""

    groups: dict[str, list[str]]
    rules: list[Rule]
    options: list[Rule]

    def repositories(self) -> list[str]:
        """All that are named, with patterns for repositories that people create themselves."""
        names: dict[str, None] = {}
        for rule in (*self.rules, *self.options):
            for word in rule.repositories:
                names |= dict.fromkeys(self.groups.get(word, []) if word.startswith("@") else [word])
        return [name for name in names if not name.startswith("@")]


def access(statements: Sequence[Statement]) -> Access:
    """What ``statements`` come to."""
    found = Access({}, [], [])
    current: tuple[str, ...] = ()
    for each in statements:
        if each.kind == "group":
            members = found.groups.setdefault(each.head, [])
            for word in each.words:
                # As they are at this line: what is added to a group later is not in those that contain it.
                members += found.groups.get(word, [word]) if word.startswith("@") else [word]
        elif each.kind == "repo":
            current = each.words
            found.options.append(Rule(current, each))
        elif each.kind == "rule":
            found.rules.append(Rule(current, each))
        else:
            found.options.append(Rule(current, each))
    return found


def rules_for(found: Access, repository: str) -> list[Statement]:
    """The rules that hold for ``repository``, in their order."""
    return [rule.statement for rule in found.rules if _holds(found, rule, repository)]


def _holds(found: Access, rule: Rule, repository: str) -> bool:
    words = {word for name in rule.repositories for word in (name, *found.groups.get(name, []))}
    return "@all" in words or any(word == repository or _matches(word, repository) for word in words)


def _matches(pattern: str, repository: str) -> bool:
    try:
        return not pattern.startswith("@") and re.fullmatch(pattern, repository) is not None
    except re.error:
        return False


def permission(found: Access, repository: str) -> str:
    """What a mirror needs: all that the repository tells apart; ``CREATE_IS_C`` and so on in gitolite's Sugar.pm."""
    heads = [each.head for each in rules_for(found, repository)]
    heads += [each.statement.head for each in found.options if _holds(found, each, repository)]
    needs = (("C", r"RW\+?D?CD?M?|option CREATE_IS_C = [^0]"), ("D", r"RW\+?C?DC?M?|option DELETE_IS_D = [^0]"))
    letters = [letter for letter, pattern in needs if any(re.match(f"(?:{pattern})", head) for head in heads)]
    if any(re.match(r"RW.*M|option MERGE_CHECK = [^0]", head) for head in heads):
        letters.append("M")
    return "RW+" + "".join(letters)


def has_full(found: Access, repository: str, group: str, needed: str) -> bool:
    """Whether the rules let everybody in ``group`` do everything, with nothing denied before."""
    for each in rules_for(found, repository):
        if each.head == "-" and _concerns(found, each, group) and not _is_virtual(each):
            return False
        if group in each.words and not each.refs and set(needed) <= set(each.head):
            return True
    return False


def denied_by_name(found: Access, repository: str, group: str, members: Sequence[str]) -> Statement | None:
    """A rule that denies something to the group, or to a member, in so many words."""
    named = {group, *members}
    denying = (each for each in rules_for(found, repository) if each.head == "-" and not _is_virtual(each))
    return next((each for each in denying if named & set(each.words)), None)


def _concerns(found: Access, rule: Statement, group: str) -> bool:
    """Whether a rule may hold for somebody in ``group``."""
    members = {group, "@all", *found.groups.get(group, [])}
    return any(word in members or members & set(found.groups.get(word, [])) for word in rule.words)


def _is_virtual(rule: Statement) -> bool:
    """It is about what is not a ref (files, names); gitolite looks at these rules apart from the others."""
    return bool(rule.refs) and all(re.match(r"VREF/|NAME/", ref) for ref in rule.refs)
