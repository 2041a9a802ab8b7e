"""What may happen to a ref, and who may do it. Pure."""

from collections.abc import Callable
from typing import NamedTuple

from hookkit.api import RefPatterns, RefUpdate, short_ref

DEFAULT_BRANCH = "HEAD"
"""Stands for the default branch, whatever it is called."""


class Rules(NamedTuple):
    """The rules of a repository; patterns are those of :class:`~hookkit.api.RefPatterns`.

    :param no_delete: refs that stay.
    :param no_rewrite: refs that only go forward; tags that do not move.
    :param signed: refs whose value must be signed.
    :param only: patterns, and who may change what they match.
    :param exempt: to whom none of this applies.
    """

    no_delete: tuple[str, ...] = ()
    no_rewrite: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exempt: frozenset[str] = frozenset()


class Facts(NamedTuple):
    """What only git knows; asked when a rule needs it.

    :param contains: whether the commit that is its second argument contains the first.
    :param unsigned: why a ref's new value is not signed; None: it is.
    """

    contains: Callable[[str, str], bool]
    unsigned: Callable[[RefUpdate], str | None]


def objection(update: RefUpdate, pusher: str | None, rules: Rules, facts: Facts) -> str | None:
    """Why ``update`` is refused, in a line that names the rule; None: nothing is to be said against it.

    :param pusher: who pushes, None: nobody knows.
    """
    if pusher in rules.exempt:
        return None
    ref, name = update.ref, short_ref(update.ref)
    allowed = [users for pattern, users in rules.only if ref in RefPatterns([pattern])]
    if allowed and not any(pusher in users for users in allowed):
        people = _listed(list(dict.fromkeys(user for users in allowed for user in users)))
        return f"{name} is for {people}; you are {pusher or 'not known'} (only)"
    if update.deletes:
        return f"{name} may not be deleted (no-delete)" if ref in RefPatterns(rules.no_delete) else None
    return _rewritten(update, name, rules, facts) or _unsigned(update, name, rules, facts)


def _rewritten(update: RefUpdate, name: str, rules: Rules, facts: Facts) -> str | None:
    if update.creates or update.ref not in RefPatterns(rules.no_rewrite):
        return None
    if update.ref.startswith("refs/tags/"):
        return f"the tag {name} may not be moved (no-rewrite)"
    if facts.contains(update.old, update.new):
        return None
    return f"{name} may not be rewritten: {update.new[:7]} does not contain {update.old[:7]} (no-rewrite)"


def _unsigned(update: RefUpdate, name: str, rules: Rules, facts: Facts) -> str | None:
    reason = facts.unsigned(update) if update.ref in RefPatterns(rules.signed) else None
    return f"{name} must be signed: {reason} (signed)" if reason else None


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
