"""One hook call: who is called, in which order, and what git and the pusher get to know."""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hookkit import runner, start
from hookkit.catalogue import HOOKS
from hookkit.discovery import cached
from hookkit.dispatch import Dispatch, announce
from hookkit.errors import UsageError
from hookkit.repository import Repository
from hookkit.state import state_dir
from hookkit.values import Push, RefUpdate

A, B = "a" * 40, "b" * 40
PUSH = f"{A} {B} refs/heads/main\n".encode()

REFUSES = """
    @hookimpl
    def hookkit_pre_receive(repo, push):
        return Refusal("main is frozen\\nask dana")
"""
SPEAKS = """
    @hookimpl
    def hookkit_pre_receive(repo, push):
        print("I looked at", len(push.updates))
    @hookimpl
    def hookkit_post_receive(repo, push):
        print("I saw", push.updates[0].ref)
"""


class Call:
    """``call("pre-receive")``: the exit status; ``lines``: what the pusher sees."""

    def __init__(self, repo: Repository) -> None:
        self.repo = repo
        self.lines: list[str] = []

    def __call__(self, hook: str, *args: str, stdin: bytes = PUSH) -> int:
        self.lines.clear()
        self.repo.reload()
        return Dispatch(self.repo, HOOKS[hook], args, self.lines.append).run(stdin)


@pytest.fixture
def call(repo: Repository) -> Call:
    return Call(repo)


@pytest.fixture
def plugin(site, configure: Callable[..., None]) -> Callable[..., None]:
    """``plugin(name, source)``: installed, and on."""

    def plugin(name: str, source: str, distribution: str | None = None) -> None:
        site.plugin(name, source, distribution=distribution)
        configure(f"hookkit.{name}.enabled", "true")

    return plugin


def test_nobody_is_there(call: Call) -> None:
    assert call("pre-receive") == 0
    assert call.lines == []


def test_what_is_off_is_not_even_imported(call: Call, site, tmp_path: Path) -> None:
    site.plugin("check", f"open({str(tmp_path / 'imported')!r}, 'w')")
    assert call("pre-receive") == 0
    assert not (tmp_path / "imported").exists()


def test_no_plugin_is_imported_into_the_hook_itself(call: Call, plugin) -> None:
    plugin("check", SPEAKS)
    assert call("pre-receive") == 0
    assert call.lines == ["I looked at 1"]
    assert "acme_check_check" not in sys.modules
    assert "check_check" not in sys.modules


def test_a_refusal_shows_name_and_reason_and_everyone_speaks(call: Call, plugin) -> None:
    plugin("a-refuses", REFUSES)
    plugin("b-speaks", SPEAKS)
    assert call("pre-receive") == 1
    assert call.lines == ["hookkit: refused by a-refuses: main is frozen", "hookkit:   ask dana", "I looked at 1"]


@pytest.mark.parametrize("reason", ["''", "'\\n \\n'", "'\\x1b[2J'"])
def test_a_refusal_without_words(call: Call, plugin, reason: str) -> None:
    plugin(
        "mute", f"hookkit_pre_receive = hookimpl(lambda repo, push: Refusal({reason}), specname='hookkit_pre_receive')"
    )
    assert call("pre-receive") == 1
    assert call.lines == ["hookkit: refused by mute: no reason given"]


def test_a_reason_may_be_shown_to_anybody(call: Call, plugin) -> None:
    plugin("leaky", REFUSES.replace("main is frozen", "\\x1b[2Jhttps://dana:hunter2@host"))
    call("pre-receive")
    assert call.lines[0] == "hookkit: refused by leaky: https://dana:***@host"


BROKEN = {
    "raises": ("raise ValueError('oh')", "ValueError: oh (report: "),
    "exits": ("raise SystemExit(0)", "called exit(0)"),
    "hard-exits": ("import os; os._exit(0)", "ended its process without an answer (exit status 0)"),
    "crashes": ("import os; os.kill(os.getpid(), 9)", "was ended by signal 9"),
    "hangs": ("import time; time.sleep(1000)", "did not answer within 0.5s and was ended"),
    "lies": ("return True", "returned bool True, expected Refusal or None"),
    "lists": ("return [1]", "returned list [1], expected Refusal or None"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_refuses_where_it_could_have_refused(
    call: Call, plugin, configure: Callable[..., None], name: str
) -> None:
    code, reason = BROKEN[name]
    plugin(name, f"@hookimpl\ndef hookkit_pre_receive(repo, push):\n    {code}\n")
    plugin("z-speaks", SPEAKS)
    configure(f"hookkit.{name}.timeout", "0.5")
    assert call("pre-receive") == 1
    assert call.lines[0].startswith(f"hookkit: refused, since plugin {name} (acme-{name}) {reason}")
    assert call.lines[-1] == "I looked at 1"


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plugin_is_reported_where_nothing_can_be_refused(
    call: Call, plugin, configure: Callable[..., None], name: str
) -> None:
    code, reason = BROKEN[name]
    plugin(name, f"@hookimpl\ndef hookkit_post_receive(repo, push):\n    {code}\n")
    plugin("z-speaks", SPEAKS)
    configure(f"hookkit.{name}.timeout", "0.5")
    assert call("post-receive") == 0
    assert call.lines[0].startswith(f"hookkit: plugin {name} (acme-{name}) {reason}")
    assert call.lines[-1] == "I saw refs/heads/main"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import no_such_module", "cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'"),
        ("syntax error", "cannot be loaded: SyntaxError: "),
        ("raise SystemExit(1)", "cannot be loaded: SystemExit: 1"),
        (
            "@hookimpl\ndef hookkit_pre_receive(nonsense):\n    pass",
            "cannot be loaded: PluginValidationError: ",
        ),
    ],
)
def test_what_cannot_be_loaded_refuses(call: Call, plugin, source: str, reason: str) -> None:
    plugin("broken", source)
    plugin("z-speaks", SPEAKS)
    assert call("pre-receive") == 1
    assert call.lines[0].startswith(f"hookkit: refused, since plugin broken (acme-broken) {reason}")
    assert call.lines[-1] == "I looked at 1"


def test_too_late_to_refuse(call: Call, plugin) -> None:
    plugin("late", REFUSES.replace("pre_receive", "post_receive"))
    assert call("post-receive") == 0
    assert call.lines == ["hookkit: plugin late (acme-late) tried to refuse in post-receive, where it is too late"]


@pytest.mark.parametrize(
    ("state", "status"), [("preparing", 1), ("prepared", 1), ("committed", 0), ("aborted", 0), ("invented", 0)]
)
@pytest.mark.parametrize("code", ["return Refusal('no')", "raise ValueError('oh')"])
def test_a_transaction_is_refused_only_while_it_can_be(call: Call, plugin, state: str, status: int, code: str) -> None:
    plugin("check", f"@hookimpl\ndef hookkit_reference_transaction(repo, state, updates):\n    {code}\n")
    assert call("reference-transaction", state) == status
    assert len(call.lines) == 1
    assert ("refused" in call.lines[0]) == bool(status)


def test_order_is_pluggys(call: Call, plugin) -> None:
    speak = "@hookimpl({})\ndef hookkit_post_receive(repo, push):\n    print('{}')\n"
    plugin("a-last", speak.format("trylast=True", "last"))
    plugin("b-middle", speak.format("", "middle"))
    plugin("c-first", speak.format("tryfirst=True", "first"))
    call("post-receive")
    assert call("post-receive") == 0
    assert call.lines == ["first", "middle", "last"], "from the second call on, when it is known who implements what"


def test_who_does_not_implement_the_hook_is_asked_once(call: Call, plugin, tmp_path: Path) -> None:
    plugin("check", f"open({str(tmp_path / 'imported')!r}, 'a').write('x')\n{SPEAKS}".replace("\n    ", "\n"))
    for _ in range(3):
        call("update", "refs/heads/main", A, B)
    assert (tmp_path / "imported").read_text() == "x"


def test_one_plugin_with_two_implementations_is_called_once(call: Call, plugin) -> None:
    plugin(
        "double",
        """
        @hookimpl
        def hookkit_post_receive(repo, push):
            print("one")
        @hookimpl(specname="hookkit_post_receive")
        def also(repo, push):
            print("two")
        """,
    )
    call("post-receive")
    assert sorted(call.lines) == ["one", "two"]


def test_a_plugin_class(call: Call, plugin, site, configure: Callable[..., None]) -> None:
    site.module(
        "acme_class",
        "class Group:\n    class Plugin:\n        @hookimpl\n        def hookkit_post_receive(self, repo):\n"
        "            print(repo.name, self.__class__.__name__)\n",
    )
    site.distribution("acme", "check = acme_class:Group.Plugin")
    configure("hookkit.check.enabled", "true")
    assert call("post-receive") == 0
    assert call.lines == ["project Plugin"]


def test_two_distributions_with_one_name_refuse(call: Call, plugin) -> None:
    plugin("check", SPEAKS, distribution="acme")
    plugin("check", SPEAKS, distribution="bolt")
    assert call("pre-receive") == 1
    assert call.lines == [
        f"hookkit: refused, since plugin check ({one}) cannot be loaded:"
        f" the name 'check' is also claimed by {other}: uninstall one of them"
        for one, other in (("acme", "bolt"), ("bolt", "acme"))
    ]


def test_an_outsider_with_a_shipped_name_never_runs(call: Call, plugin, tmp_path: Path) -> None:
    plugin("scripts", f"open({str(tmp_path / 'imported')!r}, 'w')", distribution="acme")
    assert call("pre-receive") == 0
    assert call.lines == []
    assert not (tmp_path / "imported").exists()


def test_a_plugin_that_is_on_but_gone_refuses(call: Call, configure: Callable[..., None]) -> None:
    configure("hookkit.gone.enabled", "true")
    assert call("pre-receive") == 1
    (line,) = call.lines
    assert line.startswith("hookkit: refused, since plugin gone is switched on in ")
    assert line.endswith(" but not installed; to do without it: hookkit plugins disable gone")
    assert call("post-receive") == 0


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [("enabled", "perhaps", "is neither on nor off"), ("timeout", "soon", "has no time limit")],
)
def test_wrong_configuration_refuses(
    call: Call, plugin, configure: Callable[..., None], key: str, value: str, reason: str
) -> None:
    plugin("check", SPEAKS)
    configure(f"hookkit.check.{key}", value)
    assert call("pre-receive") == 1
    assert call.lines[0].startswith(f"hookkit: refused, since plugin check (acme-check) {reason}: hookkit.check.{key}")
    assert str(call.repo.git_dir / "config") in call.lines[0]


def test_a_wrong_replay_is_said(call: Call, plugin) -> None:
    plugin("check", SPEAKS)
    with pytest.raises(UsageError, match="pre-receive"):
        call("pre-receive", stdin=b"nonsense\n")


def test_plugins_get_what_git_set_up(call: Call, plugin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_PUSH_OPTION_COUNT", "1")
    monkeypatch.setenv("GIT_PUSH_OPTION_0", "ci.skip")
    plugin(
        "check",
        """
        import os
        @hookimpl
        def hookkit_pre_receive(repo, push):
            print(push.options, push.updates, os.environ["GIT_DIR"], os.getcwd() == str(repo.git_dir))
        """,
    )
    call("pre-receive")
    assert call.lines == [f"('ci.skip',) (RefUpdate(ref='refs/heads/main', old='{A}', new='{B}'),) . True"]


# ---- the runner around it ----


class Input:
    """Standard input with these bytes."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


@pytest.fixture
def stub(repo: Repository) -> Path:
    """Where the stub would be; hooks that were there before are beside it."""
    return repo.git_dir / "hooks" / "stub"


def keep(stub: Path, hook: str, script: str) -> None:
    path = stub.with_name(f"hookkit-kept-{hook}")
    path.parent.mkdir(exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)


def run(stub: Path, hook: str, *args: str, stdin: bytes = PUSH) -> int:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", Input(stdin))
        return runner.main([hook, str(stub), *args])


def test_the_kept_hook_runs_first_with_everything(stub: Path, plugin, capfd: pytest.CaptureFixture[str]) -> None:
    keep(stub, "pre-receive", '#!/bin/sh\necho "kept: $# args, $(cat)" >&2\n')
    plugin("check", REFUSES)
    assert run(stub, "pre-receive") == 1
    assert capfd.readouterr().err.splitlines() == [
        f"kept: 0 args, {PUSH.decode().strip()}",
        "hookkit: refused by check: main is frozen",
        "hookkit:   ask dana",
    ]


def test_the_kept_hooks_status_decides_and_plugins_still_speak(
    stub: Path, plugin, capfd: pytest.CaptureFixture[str]
) -> None:
    keep(stub, "pre-receive", "#!/bin/sh\nexit 7\n")
    plugin("check", SPEAKS)
    assert run(stub, "pre-receive") == 7
    assert capfd.readouterr().err == "I looked at 1\n"


@pytest.mark.parametrize("script", ["#!/no/such/interpreter\n", "no hash bang, no program"])
def test_a_kept_hook_that_cannot_run_refuses(stub: Path, capfd: pytest.CaptureFixture[str], script: str) -> None:
    keep(stub, "pre-receive", script)
    assert run(stub, "pre-receive") == 1
    assert capfd.readouterr().err.startswith("hookkit: error: cannot run ")


def test_a_kept_hook_that_reads_nothing_is_fine(stub: Path) -> None:
    keep(stub, "pre-receive", "#!/bin/sh\nexec <&-\nexit 0\n")
    assert run(stub, "pre-receive", stdin=PUSH * 20_000) == 0


def test_a_kept_hook_that_is_not_executable_does_not_run(stub: Path) -> None:
    keep(stub, "pre-receive", "#!/bin/sh\nexit 7\n")
    stub.with_name("hookkit-kept-pre-receive").chmod(0o644)
    assert run(stub, "pre-receive") == 0


def test_a_kept_proc_receive_has_the_conversation_alone(stub: Path, plugin, capfd: pytest.CaptureFixture[str]) -> None:
    keep(stub, "proc-receive", "#!/bin/sh\necho spoke\nexit 3\n")
    plugin("check", "@hookimpl\ndef hookkit_proc_receive(repo, push):\n    print('asked')\n")
    assert run(stub, "proc-receive") == 3
    assert capfd.readouterr() == ("spoke\n", "")


def test_started_from_configuration_the_hook_file_is_gits(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(repo.git_dir / "hooks" / "x", "pre-receive", "#!/bin/sh\nexit 7\n")
    assert run(Path("-"), "pre-receive") == 0


def test_wrong_input_by_hand(stub: Path, plugin, capfd: pytest.CaptureFixture[str]) -> None:
    plugin("check", SPEAKS)
    assert run(stub, "pre-receive", stdin=b"nonsense\n") == 2
    assert run(stub, "post-receive", stdin=b"nonsense\n") == 0
    assert "hookkit: error: pre-receive: arguments or input are not what git gives" in capfd.readouterr().err


def test_a_bug_is_a_line_a_report_and_fails_closed(
    stub: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookkit.discovery.cached", lambda _: 1 / 0)
    assert run(stub, "pre-receive") == 3
    assert run(stub, "post-receive") == 0
    lines = capfd.readouterr().err.splitlines()
    # Two within a second: each has a report of its own, where reports are.
    assert len(list((state_dir() / "reports").iterdir())) >= 2
    assert lines[:2] == [
        "hookkit: error: hookkit has a bug, sorry",
        "hookkit: caused by: ZeroDivisionError: division by zero",
    ]
    assert Path(lines[2].rpartition(" ")[2]).is_file()
    assert not any("Traceback" in line for line in lines)


def test_nobody_listens_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def flush(self) -> None:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    runner.say("a line that nobody reads does not end the work")


def test_the_start_goes_the_long_way_only_where_somebody_may_be_called(
    repo: Repository, stub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[str] = []
    monkeypatch.setattr(runner, "main", lambda argv, *_: went.append(argv[0]) or 0)
    cached(repo)

    def begin(hook: str) -> None:
        monkeypatch.setattr(sys, "argv", ["-c", hook, str(stub)])
        start.run()

    begin("pre-receive")
    assert went == []
    begin("proc-receive")
    keep(stub, "update", "#!/bin/sh\n")
    begin("update")
    (repo.state_dir / "plugins.short").write_text("damaged\x1eone field\x1e")
    begin("pre-receive")
    monkeypatch.setattr(start.shortcut, "settled", lambda *_: 1 / 0)
    begin("post-receive")
    assert went == ["proc-receive", "update", "pre-receive", "post-receive"]


MOVES = """
    from hookkit.api import Push, RefUpdate
    @hookimpl({order})
    def hookkit_post_receive(repo, push):
        print("{name}:", push.updates[0].ref, push.origin)
        if push.origin is None:
            return [Push((RefUpdate("refs/heads/of-{name}", "{old}", "{new}"),), ("option",), "alice", "{name}")]
"""


def test_what_a_plugin_did_itself_the_others_are_told(call: Call, plugin: Callable[..., None]) -> None:
    plugin("first", MOVES.format(order="tryfirst=True", name="first", old=A, new=B))
    plugin("last", MOVES.format(order="trylast=True", name="last", old=A, new=B))
    plugin("silent", SPEAKS)
    call("post-receive")  # who they are is remembered
    assert call("post-receive") == 0
    assert call.lines == [
        "first: refs/heads/main None",
        "I saw refs/heads/main",
        "I saw refs/heads/of-first",
        "last: refs/heads/main None",
        "last: refs/heads/of-first first",
        "first: refs/heads/of-last last",
        "I saw refs/heads/of-last",
    ]


def test_only_post_receive_may_do_something(call: Call, plugin: Callable[..., None]) -> None:
    plugin("eager", "@hookimpl\ndef hookkit_pre_receive(repo, push):\n    return [push]\n")
    assert call("pre-receive") == 1
    assert "returned pushes, which only post-receive may" in call.lines[0]


def test_a_command_announces_what_its_plugin_did(
    repo: Repository, plugin: Callable[..., None], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin("mover", MOVES.format(order="", name="mover", old=A, new=B))
    plugin("silent", SPEAKS)
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.chdir("/")
    announce(repo, [Push((RefUpdate("refs/heads/x", A, B),), (), None, "bravo")], "mover")
    assert capfd.readouterr().err == "I saw refs/heads/x\n"
    assert Path.cwd() == Path("/")
    assert "GIT_DIR" not in os.environ
