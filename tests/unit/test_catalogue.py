"""The catalogue, the hookspecs and githooks(5) speak of the same hooks."""

import gzip
import inspect
import re
from pathlib import Path

from support.hook_calls import EXAMPLES

from hookkit import events, hookspecs
from hookkit.catalogue import BY_SPEC, HOOKS
from hookkit.manager import SPECS

# githooks(5) of git 2.39 to 2.54.
GITHOOKS = {
    *("applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit", "prepare-commit-msg"),
    *("commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge", "pre-push", "pre-receive", "update"),
    *("proc-receive", "post-receive", "post-update", "reference-transaction", "push-to-checkout", "pre-auto-gc"),
    *("post-rewrite", "sendemail-validate", "fsmonitor-watchman", "p4-changelist", "p4-prepare-changelist"),
    *("p4-post-changelist", "p4-pre-submit", "post-index-change"),
}

OF_HOOKKIT = {
    *("hookkit_options", "hookkit_commands", "hookkit_hooks", "hookkit_install", "hookkit_status", "hookkit_doctor"),
    *("hookkit_metrics", "hookkit_hookspecs"),
}


def _left_out(hook: str) -> bool:
    return hook.startswith(("p4-", "fsmonitor-"))


def test_every_hook_of_githooks_is_there() -> None:
    assert set(HOOKS) == {hook for hook in GITHOOKS if not _left_out(hook)}


def test_the_manual_of_the_git_that_is_installed_names_no_other() -> None:
    manual = Path("/usr/share/man/man5/githooks.5.gz")
    text = gzip.decompress(manual.read_bytes()).decode() if manual.exists() else ""
    named = re.findall(r"^\.SS \"?([a-z0-9\\-]+)\"?$", text, re.MULTILINE)
    assert {name.replace("\\-", "-") for name in named} <= GITHOOKS


def test_every_hook_has_one_hookspec() -> None:
    assert set(SPECS) == set(BY_SPEC) | OF_HOOKKIT
    assert [hook.spec for hook in HOOKS.values()] == ["hookkit_" + name.replace("-", "_") for name in HOOKS]


def test_every_hookspec_is_typed_and_documented() -> None:
    for name in SPECS:
        spec = getattr(hookspecs, name)
        signature = inspect.signature(spec)
        assert spec.__doc__, name
        assert all(each.annotation is not inspect.Parameter.empty for each in signature.parameters.values()), name
        assert signature.return_annotation is not inspect.Signature.empty, name


def test_what_refuses_says_so_in_its_type() -> None:
    for hook in HOOKS.values():
        returns = inspect.signature(getattr(hookspecs, hook.spec)).return_annotation
        expected = {True: "Refusal | None", False: "None"}[hook.refuses]
        others = {"proc-receive": "Sequence[ProcResult] | None", "post-receive": "Sequence[Push] | None"}
        assert returns == others.get(hook.name, expected), hook.name


def test_hookspecs_take_what_events_are_parsed_to() -> None:
    for hook, args, stdin, _ in EXAMPLES:
        given = events.parse(hook, args, stdin.encode(), {}, Path("/w"))
        parameters = list(inspect.signature(getattr(hookspecs, HOOKS[hook].spec)).parameters)
        assert parameters == ["repo", *given], hook
