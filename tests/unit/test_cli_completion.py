"""``hookkit completion``: scripts that shells take, and what they are given to choose from."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_what_other_shells_ask(shell: str, environment: dict[str, str], repo: Repository) -> None:
    """As their scripts do: they say what was typed, and read what comes back."""
    typed = {"zsh": ("hookkit plugins en", "2"), "fish": ("hookkit plugins en", "en")}[shell]
    asked = {"_HOOKKIT_COMPLETE": f"{shell}_complete", "COMP_WORDS": typed[0], "COMP_CWORD": typed[1]}
    done = subprocess.run(["hookkit"], env=environment | asked, cwd=repo.git_dir, stdout=-1, text=True, check=False)
    assert "enable" in done.stdout
    assert "Have plugin NAME run" in done.stdout
    assert "disable" not in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_one_that_the_shell_takes(shell: str, environment: dict[str, str]) -> None:
    done = subprocess.run(["hookkit", "completion", shell], env=environment, stdout=-1, text=True, check=True)
    assert f"_HOOKKIT_COMPLETE={shell}_complete" in done.stdout
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed: its script was made, and not tried")
    subprocess.run([shell, "-n"], input=done.stdout, text=True, check=True)


def test_an_unknown_shell(hookkit) -> None:
    said = hookkit("completion", "tcsh")
    assert said.status == 2
    assert "bash" in said.errors[0]
