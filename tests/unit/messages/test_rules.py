"""What is wrong with a commit message, and what people are told about it."""

import pytest

from hookkit_plugins.messages import server
from hookkit_plugins.messages.rules import Rules, message_of, problems, without_patch

STRICT = Rules(20, False, True, "[A-Z]+-[0-9]+", "name an issue", ("WIP", "fixup!"), True)
GOOD = "Fix ABC-1\n\nBecause.\n\nSigned-off-by: Dana <dana@example.org>\n"
OFF = "no line says 'Signed-off-by: NAME <ADDRESS>': git commit -s (signed-off)"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (GOOD, []),
        ("\n" + GOOD, []),
        (
            GOOD.replace("Fix", "Fix it all at once in"),
            ["the subject has 27 characters, 20 are allowed (subject-length)"],
        ),
        (GOOD.replace("Fix ABC-1", "Fix ABC-1 and more12"), []),
        (GOOD.replace("Fix ABC-1", "Fix ABC-1."), ["the subject ends with a full stop (full-stop)"]),
        (GOOD.replace("Fix ABC-1", "Fix ABC-1..."), []),
        (GOOD.replace("\n\nBecause", "\nBecause"), ["the line after the subject is not empty (blank-line)"]),
        (GOOD.replace("ABC-1", "it"), ["name an issue (pattern)"]),
        (GOOD.replace("Because", "ABC-1 again").replace("Fix ABC-1", "Fix"), []),
        (GOOD.replace("Because", "wip"), ["it contains 'WIP' (forbidden)"]),
        (GOOD.replace("Because", "wiped"), []),
        (GOOD.replace("Fix", "fixup! Fix it all"), ["it contains 'fixup!' (forbidden)"]),
        (GOOD.replace("Fix", "squash! Fix it all"), []),
        (GOOD.replace("<dana@example.org>", ""), [OFF]),
        (GOOD.replace("Signed", "Not signed"), [OFF]),
        ("Fix ABC-1", [OFF]),
        ("\n \n", ["the message is empty"]),
        ("Ä" * 20 + "\n\nABC-1\nSigned-off-by: D <d@e>", []),
    ],
)
def test_each_rule_by_itself(message: str, expected: list[str]) -> None:
    assert list(problems(message, STRICT)) == expected


def test_no_rule_no_problem() -> None:
    assert list(problems("x" * 500 + ".\nno blank line, WIP", Rules())) == []


def test_without_help_the_pattern_is_shown() -> None:
    assert list(problems("Fix", Rules(pattern="#[0-9]+"))) == ["nothing in it matches #[0-9]+ (pattern)"]


@pytest.mark.parametrize(
    ("commit", "expected"),
    [
        (b"tree 1\nauthor a\ngpgsig -----BEGIN\n x\n \n y\n\nSubject\n\nbody\n", "Subject\n\nbody\n"),
        (b"tree 1\nencoding ISO-8859-1\n\n\xe4\n", "ä\n"),
        (b"tree 1\nencoding nonsense\n\n\xc3\xa4\n", "ä\n"),
        (b"tree 1\n\n\xff\n", "\ufffd\n"),
        (b"tree 1\n\n", ""),
    ],
)
def test_the_message_of_a_commit(commit: bytes, expected: str) -> None:
    assert message_of(commit) == expected


def test_a_patch_in_the_editor_is_no_message() -> None:
    scissors = "-" * 24 + " >8 " + "-" * 24
    assert without_patch(f"Fix\n# {scissors}\n# Do not touch\ndiff WIP\n") == "Fix\n"


def test_what_the_pusher_is_told_has_an_end() -> None:
    assert server.words(["1 'x': wrong"], 1)[:2] == [
        "the message of 1 new commit is not as it must be here",
        "1 'x': wrong",
    ]
    said = server.words([f"{number} 'x': wrong" for number in range(30)], 40)
    assert said[0] == "the messages of 30 new commits are not as they must be here (of 40)"
    assert len(said) == 13
    assert said[-2] == "and 20 more"
