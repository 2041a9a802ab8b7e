"""What is wrong with a commit message. Pure."""

import re
from collections.abc import Iterator
from typing import NamedTuple

# What `git commit --fixup` and its like put before a subject; `git rebase --autosquash` takes it away again.
_AUTOSQUASH = r"(?:(?:fixup|squash|amend)! )+"
_SIGNED_OFF = re.compile(r"^Signed-off-by: \S.* <[^<>\s]+>$", re.MULTILINE)


class Rules(NamedTuple):
    """What is asked of a message; see the options of the same names."""

    subject_length: int = 0
    full_stop: bool = True
    blank_line: bool = False
    pattern: str = ""
    pattern_help: str = ""
    forbidden: tuple[str, ...] = ()
    signed_off: bool = False


def problems(message: str, rules: Rules) -> Iterator[str]:
    """What ``rules`` have against ``message``: a line each, with the name of the rule.

    :param message: as it stands in the commit, without comments.
    """
    subject, *rest = message.strip("\n").split("\n")
    if not subject.strip():
        yield "the message is empty"
        return
    length = len(re.sub(f"^{_AUTOSQUASH}", "", subject))
    if 0 < rules.subject_length < length:
        yield f"the subject has {length} characters, {rules.subject_length} are allowed (subject-length)"
    if not rules.full_stop and subject.endswith(".") and not subject.endswith("..."):
        yield "the subject ends with a full stop (full-stop)"
    if rules.blank_line and rest and rest[0].strip():
        yield "the line after the subject is not empty (blank-line)"
    if rules.pattern and not re.search(rules.pattern, message, re.MULTILINE):
        yield f"{rules.pattern_help or f'nothing in it matches {rules.pattern}'} (pattern)"
    for word in rules.forbidden:
        if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", message, re.IGNORECASE):
            yield f"it contains {word!r} (forbidden)"
    if rules.signed_off and not _SIGNED_OFF.search(message):
        yield "no line says 'Signed-off-by: NAME <ADDRESS>': git commit -s (signed-off)"


def message_of(commit: bytes) -> str:
    """The message in a commit as git stores it; git-cat-file(1), gitformat-signature(5)."""
    header, _, message = commit.partition(b"\n\n")
    found = re.search(rb"^encoding (\S+)$", header, re.MULTILINE)
    try:
        return message.decode(found[1].decode("ascii") if found else "utf-8", "replace")
    except (LookupError, UnicodeDecodeError):
        return message.decode("utf-8", "replace")


def without_patch(text: str) -> str:
    """``text`` without the patch that ``git commit --verbose`` shows in the editor, under a line with scissors."""
    return re.split(r"^\S+ -{24} >8 -{24}$", text, maxsplit=1, flags=re.MULTILINE)[0]
