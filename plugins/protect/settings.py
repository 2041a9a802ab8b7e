"""The options of the protect plugin, and its rules in one repository."""

from hookkit.api import Option, Repository, is_pattern, options
from hookkit_plugins.protect.rules import DEFAULT_BRANCH, Rules

_ALLOWED = (
    "HEAD (the default branch), or refs/... with '*' for anything; '!refs/...' leaves out; may be given several times"
)


def _is_name_or_pattern(text: str) -> bool:
    return text == DEFAULT_BRANCH or is_pattern(text)


def _names_people(text: str) -> bool:
    ref, *users = text.split()
    return bool(users) and _is_name_or_pattern(ref)


NO_DELETE = options.strings(
    "no-delete", (DEFAULT_BRANCH,), "Refs that nobody may delete.", allowed=_ALLOWED, check=_is_name_or_pattern
)
NO_REWRITE = options.strings(
    "no-rewrite",
    (DEFAULT_BRANCH,),
    "Branches that may only move forward (fast-forward), and tags that may not move at all.",
    allowed=_ALLOWED,
    check=_is_name_or_pattern,
)
ONLY = options.strings(
    "only",
    (),
    "Refs that only some people may make, move or delete: a pattern, and after it their names, as in "
    "'refs/heads/release/* alice bob'. If several match, whoever one of them names may.",
    allowed="HEAD or refs/..., then names, separated by spaces; may be given several times",
    check=_names_people,
)
SIGNED = options.strings(
    "signed",
    (),
    "Tags that must have a good signature, and branches whose newest commit must have one, as git verify-tag and git "
    "verify-commit see it.",
    allowed=_ALLOWED,
    check=_is_name_or_pattern,
)
EXEMPT = options.strings(
    "exempt",
    (),
    "To whom none of this applies: administrators, and the keys of other servers that mirror to this one.",
    allowed="names, separated by spaces; may be given several times",
)

OPTIONS: tuple[Option[object], ...] = (NO_DELETE, NO_REWRITE, ONLY, SIGNED, EXEMPT)


def read(repo: Repository) -> Rules:
    """The rules of ``repo``.

    :raises ConfigError: one of the options is not allowed.
    """
    settings = repo.settings("protect")
    chosen = [settings.get(each) for each in (NO_DELETE, NO_REWRITE, SIGNED)]
    only = [(ref, tuple(users)) for ref, *users in (line.split() for line in settings.get(ONLY))]
    head = ""
    if any(DEFAULT_BRANCH in each for each in (*chosen, [ref for ref, _ in only])):
        head = repo.git("symbolic-ref", "--quiet", "HEAD", check=False).text()
    no_delete, no_rewrite, signed = (tuple(_named(each, head)) for each in chosen)
    exempt = frozenset(name for line in settings.get(EXEMPT) for name in line.split())
    return Rules(no_delete, no_rewrite, signed, tuple((_literal(head, ref), users) for ref, users in only), exempt)


def _named(patterns: tuple[str, ...], head: str) -> list[str]:
    return [_literal(head, each) for each in patterns]


def _literal(head: str, pattern: str) -> str:
    """``pattern``, or one that matches ``head`` alone: its name may contain what has a meaning in patterns."""
    if pattern != DEFAULT_BRANCH or not head:
        return pattern
    return "".join(f"[{char}]" if char in "*?[" else char for char in head)
