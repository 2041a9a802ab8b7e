"""The reference says what the code says, all of it, and no page names what does not exist.

``HOOKKIT_WRITE_DOCS=1 pytest tests/docs`` writes the parts that are made from the code.
"""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support import pages, reference
from support.errors import all_errors

from hookkit import api, hookspecs, options, testing
from hookkit.failures import Kind
from hookkit.manager import SPECS

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
REFERENCE = ROOT / "docs" / "reference"
COMMANDS = reference.all_commands()
ERRORS = {each.message for each in all_errors()}
KEYS = {each.config_key(plugin).lower() for plugin, declared in reference.all_options().items() for each in declared}


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_is_made_from_the_code_is_up_to_date(page: Path) -> None:
    text = page.read_text()
    made = reference.filled(text)
    if os.environ.get("HOOKKIT_WRITE_DOCS") == "1":
        page.write_text(made)
    else:
        assert made == text, f"{name(page)} does not say what the code says; to write it: make docs-write"


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("commands.md", COMMANDS),
        ("options.md", KEYS),
        ("hooks.md", [*SPECS, *(each.__name__ for each in reference.declared_hooks())]),
        ("api.md", api.__all__),
        ("testing.md", testing.__all__),
        ("failures.md", [kind.value for kind in Kind]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_everything_has_its_place(page: str, names: list[str]) -> None:
    assert without_place(page, names) == []


def without_place(page: str, names: list[str]) -> list[str]:
    text = (REFERENCE / page).read_text()
    return [
        each
        for each in names
        if not re.search(rf"`{re.escape(each)}`|:: hookkit\.(?:\w+\.)?{each}$", text, re.MULTILINE)
    ]


def test_what_is_added_without_documentation_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new command, option, hook and name: each is missing from its page, and from what is made from the code."""
    assert without_place("api.md", ["Refusal", "brand_new"]) == ["brand_new"]
    page = {each: (REFERENCE / f"{each}.md").read_text() for each in ("commands", "options", "hooks")}

    def hookkit_brand_new(repo: object) -> None:
        """Something that no page speaks of."""

    brand_new = click.Command("brand-new", help="Something that no page speaks of.")
    monkeypatch.setattr("hookkit.cli.status.status", brand_new)
    monkeypatch.setattr(reference, "CORE", (options.boolean("brand-new", False, "No page speaks of it."),))
    monkeypatch.setattr(hookspecs, "hookkit_brand_new", hookkit_brand_new, raising=False)
    monkeypatch.setattr(reference, "SPECS", (*SPECS, "hookkit_brand_new"))
    assert {each: reference.filled(text) == text for each, text in page.items()} == dict.fromkeys(page, False)
    added = ["hookkit brand-new", "hookkit.brand-new", "hookkit_brand_new"]
    assert [without_place(f"{each}.md", [new]) for each, new in zip(page, added, strict=True)] == [
        [new] for new in added
    ]


@pytest.mark.parametrize("path", ["hookkit", "hookkit install", "hookkit config set", "hookkit mirror sync"])
def test_help_is_what_people_see(path: str, tmp_path: Path) -> None:
    shown = f"```text\n{typed_by_people(f'{path} --help', tmp_path)}```\n"
    assert shown in (REFERENCE / "commands.md").read_text()


@pytest.mark.parametrize("path", COMMANDS)
def test_what_a_command_does_is_said_in_one_line(path: str) -> None:
    """Where its group lists it: not cut in the middle of a sentence."""
    context = COMMANDS[path]
    short = context.command.get_short_help_str(limit=64)
    assert context.parent is None or (len(short) <= 64 and not short.endswith("..."))


def typed_by_people(line: str, place: Path) -> str:
    command = [str(Path(sys.executable).with_name("hookkit")), *line.split()[1:]]
    return subprocess.run(
        command, cwd=place, env={**os.environ, "COLUMNS": "80"}, check=True, stdout=-1, text=True
    ).stdout


def prose(page: Path) -> tuple[str, list[str]]:
    """A page, and its blocks, without what is carried out, and so is known to be right, and what is made from the code."""
    text = reference.without_regions(page.read_text())
    lines = text.split("\n")
    blocks = []
    for block in pages.blocks(text):
        lines[block.line - 1 : block.line - 1 + len(block.lines)] = [""] * len(block.lines)
        if block.kind in ("sh", "text"):
            blocks.append(block.text)
    return re.sub(r"<!-- .*? -->", "", "\n".join(lines)), blocks


def typed(page: Path) -> Iterator[str]:
    """The command lines that a page tells people to type."""
    text, blocks = prose(page)
    for block in blocks:
        yield from re.findall(r"(?:^|/)(hookkit [^#;|>&\n]+)", block, re.MULTILINE)
    yield from re.findall(r"`(?:git )?(hookkit [^`]+)`", " ".join(text.split()))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_that_pages_tell_people_to_type_exist(page: Path) -> None:
    wrong = []
    for line in typed(page):
        if line in ERRORS:
            continue
        path, words = "hookkit", shlex.split(line.replace("'", ""))[1:]
        if words[:1] == ["-C"]:
            words = words[2:]
        while words and f"{path} {words[0]}" in COMMANDS:
            path = f"{path} {words.pop(0)}"
        command = COMMANDS[path].command
        known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)} | {"--help"}
        unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]
        complete = (
            not isinstance(command, click.Group) or not words or words[0].startswith(("-", "...", "COMMAND", "<"))
        )
        if unknown or not complete:
            wrong.append(line)
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_options_that_pages_name_exist(page: Path) -> None:
    text, blocks = prose(page)
    plugins = "|".join(filter(None, reference.all_options()))
    named = re.findall(rf"\bhookkit\.(?:(?:{plugins})\.[\w-]+|node|output|trace)\b", "\n".join((text, *blocks)))
    assert [key for key in named if key.lower() not in KEYS] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_targets_of_make_that_pages_name_exist(page: Path) -> None:
    text, blocks = prose(page)
    named = re.findall(r"(?:^|`)make ([a-z-]+)", "\n".join((text, *blocks)), re.MULTILINE)
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [target for target in named if target not in targets] == []
