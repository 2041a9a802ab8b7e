"""The options of the messages plugin, and what they ask of messages in one repository."""

import re

from hookkit.api import Option, Repository, is_pattern, options
from hookkit_plugins.messages.rules import Rules


def _compiles(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


SUBJECT_LENGTH = options.integer("subject-length", 72, "How many characters a subject may have; 0: any number.")
FULL_STOP = options.boolean("full-stop", False, "Subjects may end with a full stop.")
BLANK_LINE = options.boolean("blank-line", True, "Between the subject and what follows there must be an empty line.")
PATTERN = options.string(
    "pattern",
    "",
    "A regular expression that must match somewhere in the message, such as '[A-Z]+-[0-9]+' for the number of an issue.",
    allowed="a regular expression as Python has them",
    check=_compiles,
)
PATTERN_HELP = options.string(
    "pattern-help", "", "What people are told when the pattern does not match, such as 'name an issue: ABC-123'."
)
FORBIDDEN = options.strings(
    "forbidden", (), "What a message must not contain: words, whatever their case, such as 'WIP' or 'fixup!'."
)
SIGNED_OFF = options.boolean("signed-off", False, "There must be a line 'Signed-off-by: NAME <ADDRESS>'.")
MERGES = options.boolean("merges", False, "Merge commits, whose messages git writes, are checked too.")
REFS = options.strings(
    "refs",
    ("refs/heads/*",),
    "On a server: the refs whose new commits are checked.",
    allowed="refs/..., '*' stands for anything, '!refs/...' leaves out; may be given several times",
    check=is_pattern,
)
EXEMPT = options.strings(
    "exempt",
    (),
    "On a server: whose pushes are not checked, such as those of other servers that mirror to this one.",
    allowed="names, separated by spaces; may be given several times",
)

OPTIONS: tuple[Option[object], ...] = (
    SUBJECT_LENGTH,
    FULL_STOP,
    BLANK_LINE,
    PATTERN,
    PATTERN_HELP,
    FORBIDDEN,
    SIGNED_OFF,
    MERGES,
    REFS,
    EXEMPT,
)


def read(repo: Repository) -> Rules:
    """What ``repo`` asks of messages.

    :raises ConfigError: one of the options is not allowed.
    """
    settings = repo.settings("messages")
    return Rules(
        settings.get(SUBJECT_LENGTH),
        settings.get(FULL_STOP),
        settings.get(BLANK_LINE),
        settings.get(PATTERN),
        settings.get(PATTERN_HELP),
        settings.get(FORBIDDEN),
        settings.get(SIGNED_OFF),
    )
