"""The examples of the reference do what they say, called with what git gives each hook."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support import examples, reference
from support.hook_calls import EXAMPLES, A, B, Z

from hookkit import events
from hookkit.api import Failure, Kind
from hookkit.catalogue import BY_SPEC, HOOKS
from hookkit.discovery import Found
from hookkit.dispatch import Dispatch, _answer
from hookkit.manager import SPECS, Plugins
from hookkit.repository import Repository
from hookkit.values import Check, Metric, ProcResult, Push, RefUpdate, Refusal, Section

GIT_HOOKS = [spec for spec in SPECS if spec in BY_SPEC]


@pytest.fixture
def work(site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A work tree with two commits, as a hook there sees it; what git gives hooks as files is there."""
    site.module("every_hook", examples.FILE.read_text())
    path = tmp_path / "work"
    subprocess.run(["git", "init", "-q", path], check=True)
    for name in ("one", "two"):
        (path / name).write_text(f"{name}\n")
        subprocess.run(["git", "-C", path, "add", name], check=True)
        subprocess.run(["git", "-C", path, "commit", "-q", "-m", name], check=True)
    (path / ".git" / "COMMIT_EDITMSG").write_text("a message\n")
    (path / ".git" / "rebase-apply").mkdir()
    (path / ".git" / "rebase-apply" / "final-commit").write_text("a message\n")
    (tmp_path / "mail").write_text("a mail\n")
    monkeypatch.chdir(path)
    monkeypatch.setenv("GIT_DIR", ".git")
    return Repository.of_hook()


def oids() -> dict[str, str]:
    old, new = subprocess.run(["git", "rev-parse", "HEAD~", "HEAD"], stdout=-1, text=True, check=True).stdout.split()
    return {A: new, B: old}


def given(hook: str, work: Repository) -> dict[str, object]:
    """What git gives ``hook``: the first of the examples, with commits and files that are there."""
    if hook == "proc-receive":
        return {"push": Push((RefUpdate("refs/for/main", Z, oids()[A]),))}
    args, stdin = next((args, stdin) for name, args, stdin, _ in EXAMPLES if name == hook)

    def real(text: str) -> str:
        for example, oid in oids().items():
            text = text.replace(example, oid)
        return text.replace("/tmp/mail", str(work.path.parent / "mail")).replace("HEAD@{2 days ago}", "HEAD")

    return events.parse(hook, [real(arg) for arg in args], real(stdin).encode(), {"USER": "dana"}, work.path)


@pytest.fixture
def call(work: Repository) -> Callable[..., object]:
    """``call("hookkit_update", update=...)``: what the example answers."""

    def call(spec: str, **arguments: object) -> object:
        plugins = Plugins((spec,))
        plugins.load([Found("example", "acme", "1.0", "every_hook")])
        assert plugins.problems == []
        ((_, made),) = plugins.calls(spec, repo=work, **arguments)
        return made()

    return call


def test_every_hook_has_an_example() -> None:
    declared = [each.__name__ for each in reference.declared_hooks()]
    assert [spec for spec in (*SPECS, *declared) if spec not in examples.names()] == []


@pytest.mark.parametrize("spec", examples.names())
def test_an_example_stands_alone(spec: str, site) -> None:
    code = examples.example(spec)
    namespace: dict[str, object] = {"__name__": "alone"}
    exec(compile(code, spec, "exec"), namespace)
    assert spec in namespace
    assert len(code.splitlines()) < 40


@pytest.mark.parametrize("spec", GIT_HOOKS)
def test_an_example_takes_what_git_gives_and_answers_as_it_must(spec: str, call, work: Repository) -> None:
    answer = call(spec, **given(BY_SPEC[spec].name, work))
    assert "failed" not in _answer(answer)
    assert answer is None or BY_SPEC[spec].refuses


def tag(name: str, **more: object) -> Push:
    return Push((RefUpdate(f"refs/tags/{name}", Z, A),), (), **more)  # type: ignore[arg-type]


def test_hookkit_pre_receive(call) -> None:
    assert call("hookkit_pre_receive", push=tag("v1.0", pusher="alice")) is None
    assert call("hookkit_pre_receive", push=tag("v1.0", pusher="dana")) == Refusal(
        "release tags are pushed by alice or ci"
    )
    assert call("hookkit_pre_receive", push=tag("mine", pusher="dana")) is None


def test_hookkit_proc_receive(call, work: Repository) -> None:
    new = oids()[A]
    push = Push((RefUpdate("refs/for/topic", Z, new), RefUpdate("refs/for/bad..name", Z, new)))
    assert call("hookkit_proc_receive", push=push) == [
        ProcResult("refs/for/topic"),
        ProcResult("refs/for/bad..name", "cannot make refs/heads/review/bad..name"),
    ]
    assert work.refs("refs/heads/review/") == {"refs/heads/review/topic": new}


def test_hookkit_update(call) -> None:
    assert call("hookkit_update", update=RefUpdate("refs/heads/main", A, Z)) == Refusal("main stays")
    assert call("hookkit_update", update=RefUpdate("refs/heads/topic", A, Z)) is None


def test_hookkit_reference_transaction(call) -> None:
    moves = (RefUpdate("refs/archive/2025", A, B),)
    assert isinstance(call("hookkit_reference_transaction", state="prepared", updates=moves), Refusal)
    assert call("hookkit_reference_transaction", state="committed", updates=moves) is None
    made = (RefUpdate("refs/archive/2026", Z, B),)
    assert call("hookkit_reference_transaction", state="prepared", updates=made) is None


def test_hookkit_push_to_checkout(call, work: Repository) -> None:
    old = oids()[B]
    assert call("hookkit_push_to_checkout", commit=old) is None
    assert not (work.path / "two").exists()
    assert (work.path / "version.txt").read_text() == f"{old}\n"


def test_hookkit_pre_commit_and_pre_applypatch(call, work: Repository) -> None:
    (work.path / "one").write_text("trailing space \n")
    assert isinstance(call("hookkit_pre_applypatch"), Refusal)
    assert call("hookkit_pre_commit") is None
    subprocess.run(["git", "add", "one"], check=True)
    assert "trailing whitespace" in str(call("hookkit_pre_commit"))


def test_hookkit_prepare_commit_msg_and_commit_msg(call, work: Repository) -> None:
    path = work.git_dir / "COMMIT_EDITMSG"
    call("hookkit_prepare_commit_msg", path=path, source="message", commit=None)
    assert path.read_text() == "a message\n"
    call("hookkit_prepare_commit_msg", path=path, source=None, commit=None)
    assert path.read_text() == "main: a message\n"
    assert call("hookkit_commit_msg", path=path) is None
    path.write_text("x" * 73)
    assert "73 characters" in str(call("hookkit_commit_msg", path=path))


def test_hookkit_pre_push(call, work: Repository) -> None:
    subprocess.run(["git", "commit", "-q", "--allow-empty", "-m", "fixup! one"], check=True)
    assert "has fixups" in str(call("hookkit_pre_push", **given("pre-push", work)))


def test_hookkit_sendemail_validate(call, tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("x" * 999)
    assert isinstance(call("hookkit_sendemail_validate", path=tmp_path / "mail", headers=None), Refusal)


def test_what_the_example_adds_to_hookkit(repo: Repository, hookkit, plugin, configure) -> None:
    """Options, commands, hooks, configuration, status, doctor and metrics, all at once, as people see them."""
    plugin("example", examples.FILE.read_text())
    configure("hookkit.example.signed", "true")
    assert hookkit("config", "get", "hookkit.example.team").out == "alice\nci\n"
    installed = hookkit("install").out
    assert "applypatch-msg: stub written" in installed
    assert "receive.denyDeletes: set to true (was not set)" in installed
    assert "Pushes:\nhow many\n0\n" in hookkit("status").out
    assert hookkit("pushes").out == "0 pushes\n"
    assert "ok       count of pushes" in hookkit("doctor").out
    assert "hookkit_example_pushes_total{" in hookkit("metrics").out
    subprocess.run(["git", "config", "--unset", "hookkit.example.signed"], cwd=repo.git_dir, check=True)
    assert "applypatch-msg" not in hookkit("install", "--dry-run").out.splitlines()[-1]


def test_what_the_example_tells_others(repo: Repository, plugin, capfd: pytest.CaptureFixture[str]) -> None:
    plugin("example", examples.FILE.read_text())
    plugin("listener", "@hookimpl\ndef hookkit_example_counted(count): print('push number', count)\n")
    said: list[str] = []
    for _ in range(2):
        assert Dispatch(repo, HOOKS["post-receive"], (), said.append).run(f"{A} {B} refs/heads/main\n".encode()) == 0
    assert said == ["push number 1", "push number 2"]


@pytest.mark.parametrize(
    ("spec", "kind"), [("hookkit_status", Section), ("hookkit_doctor", Check), ("hookkit_metrics", Metric)]
)
def test_what_the_example_reports(call, spec: str, kind: type) -> None:
    assert all(isinstance(each, kind) for each in call(spec))


def declared(spec: str, **arguments: object) -> object:
    """What the example of a hook that a plugin declares answers."""
    namespace: dict[str, Any] = {"__name__": "declared"}
    exec(compile(examples.example(spec), spec, "exec"), namespace)
    return namespace[spec](**arguments)


def test_hooks_about_mirrors(work: Repository) -> None:
    declared("hookkit_mirror_stale", repo=work, remote="bravo", pending=3, error="offline")
    declared("hookkit_mirror_diverged", repo=work, remote="bravo", refs=["refs/heads/main"])
    declared("hookkit_mirror_recovered", repo=work, remote="bravo")
    assert (work.plugin_dir("example") / "mirrors.log").read_text().splitlines() == [
        "bravo is 3 refs behind: offline",
        "bravo has something else in refs/heads/main",
        "bravo is in sync again",
    ]


def test_hookkit_mirror_before_push(work: Repository) -> None:
    arguments = {"repo": work, "remote": "bravo", "updates": [RefUpdate("refs/tags/v1", Z, A)]}
    failure = declared("hookkit_mirror_before_push", **arguments)
    assert isinstance(failure, Failure)
    assert failure.kind is Kind.UNREADY
    work.git("update-ref", "refs/notes/releases", "HEAD")
    assert declared("hookkit_mirror_before_push", **arguments) is None


def test_hookkit_mirror_received(work: Repository) -> None:
    work.git("update-ref", "refs/hookkit/incoming/bravo/bravo", "HEAD")
    answer = declared(
        "hookkit_mirror_received", repo=work, fetched={"bravo": {"bravo": "refs/hookkit/incoming/bravo/bravo"}}
    )
    assert answer == {"notes": ["hookkit: bravo had 1 journals"]}
    assert {*work.refs("refs/hookkit/journal/")} == {"refs/hookkit/journal/bravo"}


def test_hookkit_mirror_compared(work: Repository) -> None:
    work.git("update-ref", "refs/hookkit/journal/bravo", "HEAD")
    journals = work.refs("refs/hookkit/journal/")
    there = {"bravo": journals | {"refs/heads/main": A}, "charlie": journals, "delta": {}}
    answer = declared("hookkit_mirror_compared", repo=work, there=there)
    assert answer == {"charlie": "has the journals, but no branch main"}


def test_hooks_of_enroll(tmp_path: Path) -> None:
    (tmp_path / "acl.txt").write_text("# ours\n")
    assert declared("hookkit_setup_enroll_backends", folder=str(tmp_path)) == {"acl": True}
    given = {"folder": str(tmp_path), "keys": {"git_bravo": "ssh-ed25519 AAAA"}, "repos": ["site"]}
    assert declared("hookkit_setup_enroll_plan", backend="other", **given) is None
    assert declared("hookkit_setup_enroll_plan", backend="acl", **given) == {
        "files": {"acl.txt": "# ours\ngit_bravo may write site\n", "keys/git_bravo": "ssh-ed25519 AAAA\n"},
        "repositories": ["site"],
    }
