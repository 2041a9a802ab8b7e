"""The scripts plugin, apart from running under git: tests/e2e/test_scripts.py."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from support.hook_calls import EXAMPLES, HERE

from hookkit import events
from hookkit.catalogue import HOOKS
from hookkit.proc_receive import packets, serve
from hookkit.repository import Repository
from hookkit.values import ProcResult, Push, RefUpdate
from hookkit_plugins.scripts import conversation, folder, raw
from hookkit_plugins.scripts.run import run

A, B = "a" * 40, "b" * 40


@pytest.mark.parametrize(("hook", "args", "stdin", "given"), EXAMPLES)
def test_scripts_get_what_git_gave(hook: str, args: list[str], stdin: str, given: dict[str, object]) -> None:
    values = list(given.values())
    assert raw.arguments(values, HERE) == args
    assert raw.standard_input(values) == stdin.encode()
    assert events.parse(hook, raw.arguments(values, HERE), raw.standard_input(values), {}, HERE) == given


def test_bytes_survive() -> None:
    update = RefUpdate("refs/heads/\udcff\u2028", A, B)
    assert raw.standard_input([Push((update,))]) == f"{A} {B} refs/heads/".encode() + b"\xff\xe2\x80\xa8\n"


@pytest.fixture
def script(repo: Repository) -> Callable[..., Path]:
    """``script("pre-receive/10-check", "exit 1")``: a shell script in the folder."""

    def script(name: str, code: str = "", mode: int = 0o755, base: Path | None = None) -> Path:
        path = (base or repo.git_dir / "hooks.d") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{code}\n")
        path.chmod(mode)
        return path

    return script


def states(repo: Repository, hook: str) -> dict[str, str | None]:
    return {each.path.name: each.problem for each in folder.of_hook(repo, hook)}


def test_which_files_are_scripts(repo: Repository, script: Callable[..., Path]) -> None:
    for name in ("20-b", "10-a", "9", ".hidden", "x~", "x.bak", "x.sample"):
        script(f"pre-receive/{name}")
    script("pre-receive/not-executable", mode=0o644)
    (repo.git_dir / "hooks.d/pre-receive/README").write_text("notes")
    (repo.git_dir / "hooks.d/pre-receive/folder").mkdir()
    (repo.git_dir / "hooks.d/pre-receive/dangling").symlink_to("nowhere")
    assert list(states(repo, "pre-receive").items()) == [
        ("10-a", None),
        ("20-b", None),
        ("9", None),
        ("dangling", "a link to nothing"),
        ("not-executable", "not executable"),
    ]
    assert states(repo, "update") == {}


def test_a_folder_that_is_named_like_no_hook(repo: Repository, script: Callable[..., Path]) -> None:
    script("pre-recieve/10-check")
    assert folder.folders(repo) == ["pre-recieve"]
    assert states(repo, "pre-recieve") == {"10-check": "there is no hook pre-recieve (did you mean pre-receive?)"}


def test_the_folder_is_in_the_git_directory_unless_configured(
    repo: Repository,
    configure: Callable[..., None],
    script: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    script("pre-receive/default")
    script("pre-receive/absolute", base=tmp_path / "abs")
    script("pre-receive/home", base=tmp_path / "home/my")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert list(states(repo, "pre-receive")) == ["default"]
    configure("hookkit.scripts.folder", str(tmp_path / "abs"))
    assert list(states(repo, "pre-receive")) == ["absolute"]
    configure("hookkit.scripts.folder", "~/my")
    assert list(states(repo, "pre-receive")) == ["home"]


def test_without_a_folder_nothing_runs(repo: Repository) -> None:
    assert folder.folders(repo) == []
    assert run(repo, "pre-receive", push=Push(())) is None


def test_all_run_in_order_and_every_failure_refuses(
    repo: Repository, script: Callable[..., Path], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    script("pre-receive/10-a", f"echo a $(cat) >> {log}; exit 3")
    script("pre-receive/20-b", f"echo b $(cat) >> {log}")
    script("pre-receive/30-c", f"echo c >> {log}; kill -9 $$")
    refusal = run(repo, "pre-receive", push=Push((RefUpdate("refs/heads/x", A, B),)))
    assert refusal is not None
    assert refusal.reason == "pre-receive/10-a exited with 3\npre-receive/30-c exited with 137"
    assert log.read_text() == f"a {A} {B} refs/heads/x\nb {A} {B} refs/heads/x\nc\n"


@pytest.mark.parametrize("hook", [hook.name for hook in HOOKS.values() if not hook.refuses])
def test_where_nothing_can_be_refused_failures_are_said(
    repo: Repository, script: Callable[..., Path], capfd: pytest.CaptureFixture[str], hook: str
) -> None:
    script(f"{hook}/10-a", "exit 3")
    assert run(repo, hook) is None
    assert capfd.readouterr().err == f"hookkit: scripts: {hook}/10-a exited with 3\n"


def test_a_transaction_that_is_over_is_not_refused(repo: Repository, script: Callable[..., Path]) -> None:
    script("reference-transaction/10-a", "exit 3")
    assert run(repo, "reference-transaction", state="prepared", updates=()) is not None
    assert run(repo, "reference-transaction", state="committed", updates=()) is None


def test_what_looks_like_a_script_but_does_not_run_is_said(
    repo: Repository, script: Callable[..., Path], capfd: pytest.CaptureFixture[str]
) -> None:
    script("post-commit/10-a", mode=0o644)
    (script("post-commit/20-b")).write_text("#!/no/such/interpreter\n")
    run(repo, "post-commit")
    assert capfd.readouterr().err.splitlines() == [
        "hookkit: scripts: post-commit/10-a does not run: not executable",
        "hookkit: scripts: post-commit/20-b cannot be run: No such file or directory",
    ]


def test_proc_receive_says_what_git_would_say() -> None:
    push = Push((RefUpdate("refs/for/x", A, B),), ("ci.skip",))
    heard: list[Push] = []

    sink = io.BytesIO()
    results = [ProcResult("refs/for/x", "no")]
    serve(
        io.BytesIO(conversation.question(push)),
        sink,
        None,
        lambda got: heard.append(got) or results,
    )
    assert heard == [push]
    assert conversation.results(sink.getvalue()) == results
    sink.seek(0)
    assert list(packets(sink)) == [b"version=1\0push-options"]


@pytest.mark.parametrize(
    "said", [b"", b"ok\n", b"0000", b"000dversion=1", b"000dversion=10000", b"000dversion=100000008wat0000", b"ffff"]
)
def test_a_script_that_does_not_speak_the_protocol(said: bytes) -> None:
    with pytest.raises(ValueError):
        conversation.results(said)


def test_results_of_proc_receive() -> None:
    lines = [b"ok refs/for/a", b"option refname refs/x", b"ng refs/for/b a b", b"ng refs/for/c"]
    said = b"000dversion=10000" + b"".join(b"%04x%s" % (len(line) + 4, line) for line in lines) + b"0000"
    assert conversation.results(said) == [
        ProcResult("refs/for/a"),
        ProcResult("refs/for/b", "a b"),
        ProcResult("refs/for/c", "no reason given"),
    ]
