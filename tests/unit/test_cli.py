"""The command line: finding commands, and every way to fail."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from hookkit import terminal
from hookkit.cli.main import command_line
from hookkit.errors import HookkitError
from hookkit.repository import Repository


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Have ``hookkit status`` do this instead."""

    def command(action: Callable[[], object]) -> None:
        monkeypatch.setattr("hookkit.cli.status.status", click.Command("status", callback=action))

    return command


def fails(error: BaseException) -> Callable[[], object]:
    def action() -> None:
        raise error

    return action


def test_help_lists_every_command_also_those_of_plugins(hookkit, configure) -> None:
    configure("hookkit.mirror.enabled", "true")
    out = hookkit("--help").out
    for name in ("install", "uninstall", "status", "run", "config", "plugins", "mirror"):
        assert f"\n  {name} " in out
    assert out.index("-C PATH") < out.index("--version")


def test_version(hookkit) -> None:
    assert hookkit("--version").out.startswith("hookkit, version ")


def test_commands_are_imported_when_they_are_used() -> None:
    code = (
        "import sys; from hookkit.cli import main; main(['--version']); print([m for m in sys.modules if m in "
        + repr(["hookkit.cli.status", "hookkit.cli.install", "hookkit.manager", "rich", "hookkit_plugins"])
        + "])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_another_place(hookkit, repo: Repository, tmp_path: Path) -> None:
    inside = repo.git_dir / "refs"
    assert hookkit("-C", str(inside), "config", "get", "hookkit.mirror.enabled").out == "false\n"
    said = hookkit("-C", str(tmp_path / "nowhere"), "status")
    assert (said.status, said.errors) == (
        2,
        [f"error: cannot go to {tmp_path / 'nowhere'}", "caused by: No such file or directory"],
    )


def test_outside_of_a_repository(hookkit, tmp_path: Path) -> None:
    assert "\n  mirror " in hookkit("-C", str(tmp_path), "--help").out
    assert hookkit("-C", str(tmp_path), "plugins", "list").status == 0
    said = hookkit("-C", str(tmp_path), "status")
    assert said.status == 2
    assert said.errors[0] == f"error: {tmp_path} is not in a git repository"


def test_the_nearest_command_is_named(hookkit) -> None:
    assert hookkit("statsu") == (2, "", "error: there is no command 'statsu'\nhint: hookkit status\n")
    assert "commands of plugins that are off" in hookkit("zzz").err


@pytest.mark.parametrize(
    ("args", "message", "hint"),
    [
        (["config", "set", "x"], "missing argument VALUE", "hookkit config set --help"),
        (["status", "--jsn"], "there is no option --jsn", "did you mean --json?"),
        (["status", "surplus"], "got unexpected extra argument (surplus)", "hookkit status --help"),
        (["config", "frob"], "no such command frob", "hookkit config --help"),
        (["--frob"], "there is no option --frob", "hookkit --help"),
    ],
)
def test_wrong_usage(hookkit, args: list[str], message: str, hint: str) -> None:
    said = hookkit(*args)
    assert said.status == 2
    assert said.errors[0].replace("'", "") == f"error: {message}"  # click's versions differ in quotes
    assert said.errors[-1] == f"hint: {hint}"
    assert len(said.errors) == 2


@pytest.mark.parametrize("args", [[], ["config"], ["mirror"]])
def test_a_group_without_a_command_shows_what_it_has(hookkit, configure, args: list[str]) -> None:
    configure("hookkit.mirror.enabled", "true")
    said = hookkit(*args)
    assert (said.status, said.out) == (2, "")
    assert said.err == hookkit(*args, "--help").out


@pytest.mark.parametrize(
    ("error", "status", "lines"),
    [
        (
            HookkitError("it failed", cause="why", hint="do that"),
            1,
            ["error: it failed", "caused by: why", "hint: do that"],
        ),
        (KeyboardInterrupt(), 130, [""]),  # the end of the line with ^C
        (click.Abort(), 130, []),
        (BrokenPipeError(), 141, []),
        (click.ClickException("It failed."), 1, ["error: it failed"]),
    ],
)
def test_every_way_to_fail(hookkit, command, error: BaseException, status: int, lines: list[str]) -> None:
    command(fails(error))
    stdout = os.dup(1)
    try:
        assert hookkit("status") == (status, "", "".join(f"{line}\n" for line in lines))
    finally:
        os.dup2(stdout, 1)
        os.close(stdout)


def test_a_bug_says_where_the_report_is(hookkit, command) -> None:
    command(fails(ZeroDivisionError("https://dana:hunter2@host")))
    said = hookkit("status")
    assert said.status == 3
    assert said.errors[:2] == [
        "error: hookkit has a bug, sorry",
        "caused by: ZeroDivisionError: https://dana:***@host",
    ]
    report = Path(said.errors[2].removeprefix("hint: the details are in "))
    assert "ZeroDivisionError" in report.read_text()
    assert "hunter2" not in report.read_text()


def test_a_command_chooses_its_exit_status(hookkit, command) -> None:
    command(lambda: 1)
    assert hookkit("status").status == 1
    command(lambda: click.get_current_context().exit(1))
    assert hookkit("status").status == 1


def test_the_cause_chain_is_shown_without_secrets_and_control_characters(hookkit, command) -> None:
    def action() -> None:
        try:
            raise OSError("https://dana:hunter2@host \x1b[2Junreachable")
        except OSError as error:
            raise HookkitError("cannot push") from error

    command(action)
    assert hookkit("status").errors == ["error: cannot push", "caused by: https://dana:***@host unreachable"]


def test_head_is_quiet(repo: Repository) -> None:
    code = (
        "import sys, click, hookkit.cli.status as module; from hookkit.cli import main;"
        "module.status = click.Command('status', callback=lambda: [print('x' * 100) for _ in range(100000)]);"
        "sys.exit(main(['status']))"
    )
    pipe = f'"{sys.executable}" -I -c "{code}" | head -n 1; exit ${{PIPESTATUS[0]}}'
    done = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (141, "x" * 100 + "\n", "")


# ---- commands of plugins ----

COMMAND = """
import click
@hookimpl
def hookkit_commands():
    @click.command(help="Greets.")
    @click.pass_obj
    def {name}(obj):
        terminal.say(f"hello from {{obj.repository().name}} at {{obj.path}}")
    return [{name}]
"""


def test_a_plugin_adds_a_command_where_it_is_on(hookkit, site, configure, repo: Repository) -> None:
    site.plugin("greeter", COMMAND.format(name="greet"))
    assert hookkit("greet").status == 2
    configure("hookkit.greeter.enabled", "true")
    assert hookkit("greet") == (0, f"hello from project at {repo.git_dir}\n", "")
    assert re.search(r"\n  greet +Greets\.\n", hookkit("--help").out)


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("raise ValueError('no')", "cannot be loaded: ValueError: no"),
        (
            "import os\n@hookimpl\ndef hookkit_commands(): os._exit(9)",
            "ended its process without an answer (exit status 9)",
        ),
        ("@hookimpl\ndef hookkit_commands(): return 5", "hookkit_commands must return a list of click commands"),
        (COMMAND.format(name="status"), "there is already a command 'status'"),
    ],
)
def test_a_plugin_whose_commands_are_broken_harms_no_other(hookkit, site, configure, source: str, cause: str) -> None:
    site.plugin("broken", source)
    site.plugin("greeter", COMMAND.format(name="greet"))
    for name in ("broken", "greeter"):
        configure(f"hookkit.{name}.enabled", "true")
    assert hookkit("greet").status == 0
    said = hookkit("--help")
    assert said.status == 0
    assert f"caused by: {cause}" in said.errors
    assert cause in hookkit("brokn").err
    assert hookkit("status", "--json").status == 0


def test_two_plugins_with_one_command(hookkit, site, configure) -> None:
    for name in ("a-greeter", "b-greeter"):
        site.plugin(name, COMMAND.format(name="greet"))
        configure(f"hookkit.{name}.enabled", "true")
    assert hookkit("greet").status == 0
    assert "caused by: there is already a command 'greet'" in hookkit("--help").errors


# ---- what is printed ----


def test_a_pipe_gets_aligned_lines(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.table("remotes", ("name", "state"), [("a", "in-sync"), ("bravo", "off\x1b[2J\nline")])
    assert capsys.readouterr().out == "remotes:\nname   state\na      in-sync\nbravo  off line\n"


def test_a_terminal_gets_tables_and_colours(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal.table("remotes", ("name",), [("[bold]no markup[/bold]",)])
    terminal.show_error(HookkitError("it failed", hint="do that"))
    out, err = capsys.readouterr()
    assert "─" in out
    assert "[bold]no markup[/bold]" in out
    assert err == "\x1b[1;31merror:\x1b[0m it failed\n\x1b[36mhint:\x1b[0m do that\n"
    monkeypatch.setenv("NO_COLOR", "1")
    terminal.warn("careful")
    assert capsys.readouterr().err == "warning: careful\n"


def test_json_is_json_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.as_json({"url": "https://dana:hunter2@host/x.git", "bytes": "\udcff"})
    assert capsys.readouterr().out == '{\n  "url": "https://dana:***@host/x.git",\n  "bytes": "\\udcff"\n}\n'


def test_every_command_is_documented() -> None:
    context = click.Context(command_line)

    def walk(group: click.Group, path: str) -> None:
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            assert found is not None
            assert found.get_short_help_str(), f"{path} {name}"
            for parameter in found.params:
                if isinstance(parameter, click.Option):
                    assert parameter.help, f"{path} {name} {parameter.name}"
            if isinstance(found, click.Group):
                walk(found, f"{path} {name}")

    walk(command_line, "hookkit")
