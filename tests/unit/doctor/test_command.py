"""``hookkit doctor`` as it is typed."""

import re
import subprocess

import pytest

from hookkit import terminal
from hookkit.cli import main

from .conftest import git


def test_outside_of_a_repository(tmp_path, capsys):
    assert main(["-C", str(tmp_path), "doctor"]) == 2
    assert "is not in a git repository" in capsys.readouterr().err


def test_where_hookkit_is_not_installed(tmp_path, capsys):
    subprocess.run(("git", "init", "-q", "--bare", tmp_path / "y.git"), check=True)
    assert main(["-C", str(tmp_path / "y.git"), "doctor"]) == 2
    said = capsys.readouterr().err
    assert f"hookkit is not installed in {tmp_path}/y.git" in said
    assert "hint: hookkit install" in said


def test_all_is_well(bare, capsys):
    assert main(["-C", str(bare), "doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "all is well"
    assert all(line.startswith("ok       ") for line in lines[:-1])
    assert any(re.match(r"ok       remote bravo: can be pushed to \(git/", line) for line in lines)


def test_a_repository_that_is_broken_is_one_of_all(bare, capsys):
    """As it is for `mirror sync --all` and `status --all`."""
    broken = bare.parent / "broken.git"
    subprocess.run(("git", "init", "-q", "--bare", broken), check=True)
    (broken / "config").write_text("[broken")
    assert main(["-C", str(bare), "doctor", "--all", str(bare.parent)]) == 1
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == f"2 repositories below {bare.parent}: all is well in 1"
    assert said.err.startswith(f"error: {broken}: ")


def test_what_is_wrong_has_a_cause_and_a_command(bare, capsys):
    (bare / "hooks/post-receive").unlink()
    git(bare, "config", "core.fsync", "none")
    assert main(["-C", str(bare), "doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    at = lines.index(
        f"problem  hook post-receive: {bare}/hooks/post-receive is not there: git does not start hookkit, "
        "and mirror would use it"
    )
    assert lines[at + 1] == "         hint: hookkit install"
    assert lines[-1] == "1 problem, 1 warning; 1 of them can be fixed: hookkit doctor --fix"
    assert main(["-C", str(bare), "doctor", "--fix"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("fixed    hook post-receive: ")


@pytest.mark.parametrize(("variable", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_on_a_terminal(variable, coloured, capsys, monkeypatch):
    for name, value in variable.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(terminal.sys.stdout, "isatty", lambda: True)
    terminal.judge("problem", "disk: \x1b[31mfull", "buy one")
    said = capsys.readouterr().out
    assert ("\x1b[1;31mproblem" in said) is coloured
    assert "\x1b[31mfull" not in said
    assert re.sub(r"\x1b\[[0-9;]*m", "", said) == "problem  disk: full\n         hint: buy one\n"


def test_a_worktree_and_a_repository_with_one(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    subprocess.run(("git", "init", "-q", tmp_path / "work"), check=True)
    git(tmp_path / "work", "commit", "-q", "--allow-empty", "-m", "first")
    git(tmp_path / "work", "worktree", "add", "-q", "../linked")
    assert main(["-C", str(tmp_path / "work"), "install"]) == 0
    for folder in ("work", "linked"):
        assert main(["-C", str(tmp_path / folder), "doctor"]) == 0
        assert "there is no remote to mirror to" in capsys.readouterr().out
