"""The manual pages: everything is in them, and `man` takes them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from support import manual, reference

from hookkit.manager import SPECS

PAGES = manual.pages()
ROOT = Path(__file__).parents[2]


def test_every_command_has_a_page_and_its_options_are_in_it() -> None:
    for path, context in reference.all_commands().items():
        page = PAGES[f"man1/{path.replace(' ', '-')}.1"].replace("\\-", "-")
        for param in context.command.params:
            record = param.get_help_record(context)
            assert record is None or f"\n.B {record[0]}\n" in page or isinstance(param, click.Argument)


def test_every_option_and_every_hook_is_in_its_page() -> None:
    options = PAGES["man5/hookkit-options.5"].replace("\\-", "-")
    keys = [each.config_key(plugin) for plugin, declared in reference.all_options().items() for each in declared]
    assert [key for key in keys if f"\n.B {key}\n" not in options] == []
    assert [spec for spec in SPECS if f"\n.SS {spec}\n" not in PAGES["man7/hookkit-hooks.7"]] == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as `make docs` writes them."""
    folder = tmp_path_factory.mktemp("man")
    env = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    subprocess.run([sys.executable, "-P", "-m", "support.manual", str(folder)], env=env, check=True)
    return folder


def shown(page: Path) -> str:
    if shutil.which("man") is None:
        pytest.skip("man is not installed")
    command = ["man", "--warnings", "-E", "UTF-8", "-M", str(page.parents[1]), page.stem]
    env = {**os.environ, "MANWIDTH": "100", "MANPAGER": "cat", "MAN_KEEP_FORMATTING": ""}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("name", PAGES)
def test_man_shows_it_without_a_warning(name: str, folder: Path) -> None:
    assert Path(name).stem.removeprefix("git-") in shown(folder / name)


def test_it_reads_as_people_expect(folder: Path) -> None:
    text = shown(folder / "man1" / "hookkit-config-set.1")
    assert "hookkit-config-set - Set KEY to VALUE, if both are valid" in text
    assert "hookkit config set [OPTIONS] KEY VALUE" in text
    assert "--global" in text
    example = shown(folder / "man7" / "hookkit-hooks.7")
    assert '    subject = path.read_text().partition("\\n")[0]' in example
