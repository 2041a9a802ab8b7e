"""What may be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit.text import ago, nearest, one_line, plain, redact, shown


@pytest.mark.parametrize(
    ("secret", "safe"),
    [
        ("https://dana:hunter2@git.example/x.git", "https://dana:***@git.example/x.git"),
        ("https://ghp_abc123@github.example/x.git", "https://***@github.example/x.git"),
        ("HTTPS://:hunter2@host/x", "HTTPS://:***@host/x"),
        ("ssh://git@host/x.git", "ssh://git@host/x.git"),
        ("ssh://git:hunter2@host/x.git", "ssh://git:***@host/x.git"),
        ("git@host:x.git", "git@host:x.git"),
        ("two https://a:b@h/x and https://c:d@h/y", "two https://a:***@h/x and https://c:***@h/y"),
        ("GET /x?private_token=abc&page=2", "GET /x?private_token=***&page=2"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("ssh://host:2222/x.git is no secret", "ssh://host:2222/x.git is no secret"),
    ],
)
def test_secrets_are_redacted(secret: str, safe: str) -> None:
    assert redact(secret) == safe


@given(st.text(st.characters(codec="ascii", exclude_characters="/@ \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"), min_size=8))
def test_no_password_survives(password: str) -> None:
    assert password not in redact(f"fatal: unable to access 'https://dana:{password}@host/x.git/'").replace(
        "dana:***@", ""
    )


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://evil\x1b\\link", "link"),
        ("\x9b2Jgone", "gone"),
        ("over\rwritten", "over\nwritten"),
        ("dos\r\nline", "dos\nline"),
        ("bell\x07 backspace\x08 delete\x7f", "bell backspace delete"),
        ("tab\tand\nline stay", "tab\tand\nline stay"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u2028b", "ab"),
        (b"caf\xc3\xa9 \xff", "café \ufffd"),
    ],
)
def test_control_characters_are_stripped(raw: str | bytes, clean: str) -> None:
    assert plain(raw) == clean


@given(st.one_of(st.text(), st.binary()))
def test_nothing_that_moves_a_cursor_is_left(raw: str | bytes) -> None:
    left = plain(raw)
    assert all(char in "\t\n" or (char >= " " and not "\x7f" <= char <= "\x9f") for char in left)


def test_one_line_is_one_line_and_short() -> None:
    assert one_line("a\n  b\tc") == "a b c"
    assert one_line("x" * 500, 10) == "x" * 9 + "…"
    assert one_line("https://a:b@h/ \x1b[1m!") == "https://a:***@h/ !"


def test_a_secret_cannot_hide_behind_a_control_character() -> None:
    assert shown("https://dana:\x1b[1mhunter2\x1b[0m@host") == "https://dana:***@host"


@pytest.mark.parametrize(
    ("seconds", "words"), [(-3, "0s"), (0, "0s"), (59, "59s"), (60, "1m"), (7199, "1h"), (86400, "1d")]
)
def test_ago(seconds: float, words: str) -> None:
    assert ago(seconds) == words


def test_nearest() -> None:
    assert nearest("post-recieve", ["pre-receive", "post-receive"]) == "post-receive"
    assert nearest("zzz", ["pre-receive", "post-receive"]) is None
