"""``HOOKKIT_TRACE=1`` and ``hookkit.trace``: who ran in a hook, how long, and with what result."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.hook_calls import A, B

from hookkit import discovery, shortcut, trace
from hookkit.api import hookspec
from hookkit.catalogue import HOOKS
from hookkit.dispatch import Dispatch
from hookkit.extension import call_plugins
from hookkit.repository import Repository

PUSH = f"{A} {B} refs/heads/main\n".encode()
SPEAKS = """
    @hookimpl
    def hookkit_pre_receive(repo, push):
        print("I looked")
"""
ANSWERS = """
    @hookimpl
    def hookkit_acme_asked(repo):
        return [1, "https://dana:hunter2@host"]
"""


@pytest.fixture
def lines(repo: Repository) -> Callable[..., list[str]]:
    """``lines("pre-receive")``: what whoever pushes sees, every duration as 0."""

    def lines(hook: str, *args: str, stdin: bytes = PUSH) -> list[str]:
        said: list[str] = []
        repo.reload()
        Dispatch(repo, HOOKS[hook], args, said.append).run(stdin)
        return [re.sub(r"\d+\.\d{3}s", "0s", line) for line in said]

    return lines


@pytest.fixture
def traced(configure: Callable[..., None]) -> None:
    configure("hookkit.trace", "true")


def test_off_nothing_is_said(lines, plugin) -> None:
    plugin("check", SPEAKS)
    assert lines("pre-receive") == ["I looked"]


def test_one_line_for_each_plugin(lines, plugin, traced) -> None:
    plugin("a-speaks", SPEAKS)
    plugin("b-refuses", "@hookimpl\ndef hookkit_pre_receive(repo): return Refusal('not on\\na Friday')")
    plugin("c-fails", "@hookimpl\ndef hookkit_pre_receive(repo): raise SystemExit(3)")
    plugin("d-elsewhere", "@hookimpl\ndef hookkit_post_receive(repo): pass")
    assert [line for line in lines("pre-receive") if "trace" in line] == [
        "hookkit: trace: pre-receive  a-speaks (acme-a-speaks 1.0)  0s  returned nothing",
        "hookkit: trace: pre-receive  b-refuses (acme-b-refuses 1.0)  0s  refused: not on a Friday",
        "hookkit: trace: pre-receive  c-fails (acme-c-fails 1.0)  0s  failed: called exit(3)",
        # It is loaded to see what it implements; from the next call on, that is known.
        "hookkit: trace: pre-receive  d-elsewhere (acme-d-elsewhere 1.0)  0s  does not implement it",
    ]
    assert not any("d-elsewhere" in line for line in lines("pre-receive"))


def test_the_time_is_that_of_the_plugin(repo: Repository, plugin, traced) -> None:
    plugin("slow", "import time\n@hookimpl\ndef hookkit_pre_receive(repo): time.sleep(0.3)")
    said: list[str] = []
    Dispatch(repo, HOOKS["pre-receive"], (), said.append).run(PUSH)
    assert 0.3 <= float(said[0].split("  ")[2].removesuffix("s")) < 10


def test_nobody_is_said_too(lines, traced) -> None:
    assert lines("pre-receive") == ["hookkit: trace: pre-receive  no plugin that is on implements it"]


@pytest.mark.parametrize(
    ("hook", "answer", "words"),
    [
        ("proc_receive", {"results": [["refs/for/a", None], ["refs/for/b", "no"]]}, "answered for 2 refs, refused 1"),
        ("post_receive", {"pushes": [[], []]}, "returned 2 pushes"),
        ("post_receive", {"pushes": []}, "returned nothing"),
        ("post_receive", {}, "returned nothing"),
    ],
)
def test_answers_in_words(hook: str, answer: dict[str, object], words: str) -> None:
    spec = f"hookkit_{hook}"
    assert trace.result({"hooks": {spec: 0}, **answer}, None, spec) == words


@hookspec
def hookkit_acme_asked(repo: Repository) -> object:
    """A plugin's own hook."""


def test_hooks_of_plugins_are_traced_and_secrets_are_not_shown(
    repo: Repository, plugin, traced, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin("check", ANSWERS)
    call_plugins(repo, hookkit_acme_asked)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("hookkit: trace: hookkit_acme_asked  check (acme-check 1.0)  ")
    assert line.endswith("s  returned [1, 'https://dana:***@host']")


@pytest.mark.parametrize(
    ("variable", "option", "on"),
    [
        ("1", None, True),
        ("true", "false", True),
        ("0", "true", False),
        ("", "true", False),
        (None, "true", True),
        (None, "yes", True),
        (None, "perhaps", False),
        (None, None, False),
    ],
)
def test_environment_before_configuration(
    lines, configure, monkeypatch: pytest.MonkeyPatch, variable: str | None, option: str | None, on: bool
) -> None:
    if variable is not None:
        monkeypatch.setenv("HOOKKIT_TRACE", variable)
    if option is not None:
        configure("hookkit.trace", option)
    assert bool(lines("pre-receive")) == on


def test_the_shortcut_is_not_taken_while_it_is_traced(repo: Repository, configure) -> None:
    discovery.cached(repo)
    assert shortcut.settled(shortcut.Call("pre-receive", str(repo.git_dir)))
    configure("hookkit.trace", "true")
    assert not shortcut.settled(shortcut.Call("pre-receive", str(repo.git_dir)))
    configure("hookkit.trace", "false")
    assert shortcut.settled(shortcut.Call("pre-receive", str(repo.git_dir)))


def test_off_it_is_not_even_imported(repo: Repository) -> None:
    code = (
        "import sys; sys.argv = ['-c', 'pre-receive', '-']\nfrom hookkit.start import run\nrun()\n"
        "print('hookkit.trace' in sys.modules)"
    )
    command = [sys.executable, "-I", "-c", code]
    for _ in range(2):  # the first one looks at what is installed, and remembers it
        done = subprocess.run(command, cwd=repo.git_dir, input=b"", capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"False\n", b"")


def test_a_replay_is_traced(repo: Repository, plugin, tmp_path: Path) -> None:
    plugin("check", SPEAKS)
    (tmp_path / "push").write_bytes(PUSH)
    stub = repo.git_dir / "hooks" / "hookkit-kept-pre-receive"
    stub.parent.mkdir(exist_ok=True)
    stub.write_text("#!/bin/sh\nexit 7\n")
    stub.chmod(0o755)
    hookkit = [sys.executable, "-m", "hookkit", "-C", str(repo.git_dir)]
    # A process of its own: on this one's path the plugin is not.
    done = subprocess.run(
        [*hookkit, "run", "--trace", "pre-receive", "--stdin", str(tmp_path / "push")],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    first = done.stderr.splitlines()[0]
    assert done.returncode == 7
    assert first.startswith("hookkit: trace: pre-receive  the hook that was there before  ")
    assert first.endswith("s  exit status 7")
