"""``hookkit completion``: scripts that shells take, and what they are given to choose from."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.requirements import require
from support.terminal import Terminal

from hookkit.catalogue import HOOKS
from hookkit.repository import Repository

Complete = Callable[[str], list[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """That of a terminal, with hookkit on its path."""
    program = tmp_path / "bin" / "hookkit"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m hookkit "$@"\n')
    program.chmod(0o755)
    env = {name: value for name, value in os.environ.items() if name != "GIT_DIR"}
    return {**env, "PATH": f"{program.parent}:{env['PATH']}"}


@pytest.fixture
def complete(repo: Repository, environment: dict[str, str]) -> Complete:
    """``complete("hookkit pl")``: what a real bash offers in ``repo`` for that, once it has the script."""

    def complete(line: str) -> list[str]:
        words = " ".join(f"'{word}'" for word in line.split(" "))
        script = (
            f'eval "$(hookkit completion bash)"; complete -p hookkit; COMP_WORDS=({words})'
            ' COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _hookkit_completion hookkit; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        command = ["bash", "--norc", "-c", script]
        done = subprocess.run(command, cwd=repo.git_dir, env=environment, capture_output=True, text=True, check=True)
        registered, *offered = done.stdout.splitlines()
        assert registered.endswith("-F _hookkit_completion hookkit")
        assert done.stderr == ""
        return [word for word in offered if word]

    return complete


def test_commands_and_options(complete: Complete) -> None:
    assert complete("hookkit pl") == ["plugins"]
    assert complete("hookkit plugins en") == ["enable"]
    assert complete("hookkit status --") == ["--all", "--json", "--help"]
    assert {"install", "status", "doctor", "completion"} <= {*complete("hookkit ")}


def test_commands_of_plugins(complete: Complete, configure) -> None:
    assert complete("hookkit mirr") == []
    configure("hookkit.mirror.enabled", "true")
    assert complete("hookkit mirr") == ["mirror"]
    assert complete("hookkit mirror ver") == ["verify"]


def test_names_of_plugins(complete: Complete) -> None:
    assert complete("hookkit plugins enable sc") == ["scripts"]
    assert {"mirror", "notify", "scripts"} <= {*complete("hookkit plugins disable ")}


def test_names_of_hooks(complete: Complete) -> None:
    assert complete("hookkit run post-rec") == ["post-receive"]
    assert complete("hookkit run ") == sorted(HOOKS)


def test_keys(complete: Complete) -> None:
    assert complete("hookkit config set hookkit.mirror.wa") == ["hookkit.mirror.wait"]
    assert complete("hookkit config get hookkit.no") == [
        "hookkit.node",
        *complete("hookkit config get hookkit.notify."),
    ]


def test_another_place(complete: Complete, repo: Repository, tmp_path: Path) -> None:
    subprocess.run(["git", "config", "remote.bravo.url", "x"], cwd=repo.git_dir, check=True)
    assert "remote.bravo.hookkit" in complete(f"hookkit -C {repo.git_dir} config get remote.")
    assert complete(f"hookkit -C {tmp_path}/nowhere plugins en") == ["enable"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_tabulator_in_each_shell(shell: str, environment: dict[str, str], repo: Repository, tmp_path: Path) -> None:
    """At a terminal, set up as docs/install.md says."""
    require(shell)
    subprocess.run(["git", "config", "remote.bravo.url", "x"], cwd=repo.git_dir, check=True)
    folder = tmp_path / "a folder"
    folder.mkdir()
    (folder / "lines.txt").touch()
    with Terminal(shell, tmp_path / "home", tmp_path, environment) as terminal:
        for typed, line in {
            "hookkit pl": "hookkit plugins",
            "hookkit plugins en": "hookkit plugins enable",
            "hookkit plugins enable sc": "hookkit plugins enable scripts",
            "hookkit run post-rec": "hookkit run post-receive",
            "hookkit install --dry": "hookkit install --dry-run",
            "hookkit -C project.git config set hookkit.mirror.wa": (
                "hookkit -C project.git config set hookkit.mirror.wait"
            ),
            "hookkit -C ~/../project.git config get remote.b": (
                f"hookkit -C {tmp_path}/home/../project.git config get remote.bravo.hookkit"
            ),
            "hookkit -C pro": "hookkit -C project.git/",
            "hookkit run pre-receive --stdin a\\ folder/l": "hookkit run pre-receive --stdin a folder/lines.txt",
        }.items():
            assert terminal.complete(typed).removesuffix("/") == line.removesuffix("/")


def test_what_a_command_does_is_said_whole(environment: dict[str, str], repo: Repository) -> None:
    """fish shows it beside the names; it has commas in it."""
    require("fish")
    script = 'hookkit completion fish | source; complete -C "hookkit plugins en"'
    command = ["fish", "--no-config", "-c", script]
    done = subprocess.run(command, env=environment, cwd=repo.git_dir, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("enable\tHave plugin NAME run, if it is fit to.\n", "")


def test_a_key_of_no_remote_is_not_offered(complete: Complete, repo: Repository) -> None:
    assert complete("hookkit config set remote.") == []


def test_an_unknown_shell(hookkit) -> None:
    said = hookkit("completion", "tcsh")
    assert said.status == 2
    assert "bash" in said.errors[0]
