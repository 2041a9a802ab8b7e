"""What git gives each hook, and what plugins get."""

import os

import pytest
from support.hook_calls import EXAMPLES, HERE, MAIN, TOPIC, UPDATES, A, B

from hookkit import events
from hookkit.catalogue import HOOKS
from hookkit.environment import pusher
from hookkit.errors import UsageError
from hookkit.values import Push, RefUpdate


@pytest.mark.parametrize(("hook", "args", "stdin", "given"), EXAMPLES)
def test_every_hook(hook: str, args: list[str], stdin: str, given: dict[str, object]) -> None:
    assert events.parse(hook, args, stdin.encode(), {}, HERE) == given


def test_no_hook_is_missing_above() -> None:
    # proc-receive is a conversation: test_proc_receive.py
    assert {hook for hook, *_ in EXAMPLES} == set(HOOKS) - {"proc-receive"}


@pytest.mark.parametrize(
    "name",
    ["refs/heads/l\u2028s", "refs/heads/n\x85l", "refs/heads/--upload-pack=x", "refs/heads/'\"%ü", "refs/heads/\udcff"],
)
def test_names_that_look_like_something_else(name: str) -> None:
    stdin = os.fsencode(f"{A} {B} {name}\n{UPDATES}")
    push = events.parse("post-receive", [], stdin, {}, HERE)["push"]
    assert push == Push((RefUpdate(name, A, B), MAIN, TOPIC))


@pytest.mark.parametrize(
    ("hook", "args", "stdin"),
    [
        ("pre-receive", ["surplus"], ""),
        ("pre-receive", [], "one-word\n"),
        ("update", ["refs/heads/main"], ""),
        ("pre-push", [], ""),
        ("pre-push", ["origin", "url"], "too few\n"),
        ("post-rewrite", ["amend"], "one\n"),
        ("commit-msg", [], ""),
        ("pre-commit", ["surplus"], ""),
        ("no-such-hook", [], ""),
    ],
)
def test_what_git_never_says_is_a_wrong_replay(hook: str, args: list[str], stdin: str) -> None:
    with pytest.raises(UsageError, match=hook):
        events.parse(hook, args, stdin.encode(), {}, HERE)


def test_push_options_and_pusher() -> None:
    environ = {
        "GIT_PUSH_OPTION_COUNT": "2",
        "GIT_PUSH_OPTION_0": "ci.skip",
        "GIT_PUSH_OPTION_1": "note=a b",
        "USER": "git",
        "GL_USER": "dana",
    }
    push = events.parse("pre-receive", [], b"", environ, HERE)["push"]
    assert push == Push((), ("ci.skip", "note=a b"), "dana")


@pytest.mark.parametrize(
    ("environ", "who"), [({}, None), ({"USER": "git"}, "git"), ({"LOGNAME": "", "USER": "git"}, "git")]
)
def test_who_pushed_without_an_access_layer(environ: dict[str, str], who: str | None) -> None:
    assert pusher(environ) == who


def test_a_strange_count_of_push_options_is_none() -> None:
    assert events.push_options({"GIT_PUSH_OPTION_COUNT": "many"}) == ()
    assert events.push_options({"GIT_PUSH_OPTION_COUNT": "2", "GIT_PUSH_OPTION_0": "a"}) == ("a", "")
