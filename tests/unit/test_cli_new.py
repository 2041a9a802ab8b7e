"""``hookkit plugins new``: what it writes, and what it refuses. What it writes works: tests/e2e/test_new_plugin.py."""

import ast
import configparser
import tomllib
from pathlib import Path

import pytest

from hookkit import discovery
from hookkit.cli.project import project
from hookkit.errors import UsageError

FILES = [
    *(".gitignore", "README.md", "ci", "hookkit_no_wip.py", "pyproject.toml", "setup.cfg"),
    *("tests/conftest.py", "tests/test_hookkit_no_wip.py"),
]


def written(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_project(hookkit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = hookkit("-C", str(tmp_path), "plugins", "new", "no-wip")
    folder = tmp_path / "hookkit-no-wip"
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[0] == f"{folder}: the plugin no-wip, with its test"
    assert said.out.splitlines()[1:-1] == [f"  {name}" for name in FILES]
    assert written(folder) == sorted(FILES)
    assert (folder / "ci").stat().st_mode & 0o111
    assert not (folder / "setup.cfg").stat().st_mode & 0o111
    assert not [path for path in folder.rglob("*") if path.is_file() and "@NAME@" in path.read_text()]


def test_every_file_is_what_it_claims_to_be() -> None:
    files = project("no-wip", ()).files
    for name, content in files.items():
        if name.endswith(".py"):
            ast.parse(content)
    tomllib.loads(files["pyproject.toml"])
    metadata = configparser.ConfigParser()
    metadata.read_string(files["setup.cfg"])
    assert metadata["metadata"]["name"] == "hookkit-no-wip"
    assert metadata["options.entry_points"]["hookkit.plugins"].strip() == "no-wip = hookkit_no_wip"


@pytest.mark.parametrize(
    ("name", "cause", "hint"),
    [
        ("No_WIP", "lower-case letters", "hookkit plugins new no-wip"),
        ("no--wip", "lower-case letters", "hookkit plugins new no-wip"),
        ("no-", "lower-case letters", "hookkit plugins new no"),
        ("4eyes", "lower-case letters", "hookkit plugins new eyes"),
        ("", "lower-case letters", None),
        ("Mirror", "lower-case letters", None),
        ("../../etc", "lower-case letters", "hookkit plugins new etc"),
        ("tópic", "lower-case letters", "hookkit plugins new t-pic"),
        ("hookkit-wip", "is put before its name", "hookkit plugins new wip"),
        ("plugins", "hookkit_plugins is hookkit's own", None),
        ("templates", "hookkit_templates is hookkit's own", None),
        ("mirror", "belongs to a plugin that ships with hookkit", None),
        ("scripts", "belongs to a plugin that ships with hookkit", None),
    ],
)
def test_names_that_are_refused(name: str, cause: str, hint: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        project(name, discovery.scan())
    assert cause in (caught.value.cause or "")
    assert caught.value.hint == hint


def test_the_name_of_somebody_elses_plugin_is_refused(hookkit, site, tmp_path: Path) -> None:
    site.plugin("check", "", distribution="acme")
    said = hookkit("-C", str(tmp_path), "plugins", "new", "check")
    assert (said.status, said.errors[1]) == (2, "caused by: the name belongs to the plugin of acme")
    assert not (tmp_path / "hookkit-check").exists()


def test_a_plugin_of_ones_own_may_be_started_again(hookkit, site, tmp_path: Path) -> None:
    site.plugin("check", "", distribution="hookkit-check")
    assert hookkit("-C", str(tmp_path), "plugins", "new", "check").status == 0


@pytest.mark.parametrize("given", ["here", "a/b/c", "."])
def test_a_folder_that_is_not_there_or_empty(hookkit, tmp_path: Path, given: str) -> None:
    place = tmp_path / "empty"
    place.mkdir()
    assert hookkit("-C", str(place), "plugins", "new", "no-wip", "--dir", given).status == 0
    assert written(place / given) == sorted(FILES)


def test_a_folder_that_is_not_empty_is_refused(hookkit, tmp_path: Path) -> None:
    (tmp_path / "hookkit-no-wip").mkdir()
    (tmp_path / "hookkit-no-wip" / "mine").write_text("mine")
    said = hookkit("-C", str(tmp_path), "plugins", "new", "no-wip")
    assert said.status == 2
    assert said.errors == [
        f"error: {tmp_path}/hookkit-no-wip is not empty; nothing was written",
        "hint: hookkit plugins new no-wip --dir FOLDER",
    ]
    assert written(tmp_path / "hookkit-no-wip") == ["mine"]
    said = hookkit("-C", str(tmp_path), "plugins", "new", "no-wip", "--dir", "hookkit-no-wip/mine")
    assert said.errors[0] == f"error: {tmp_path}/hookkit-no-wip/mine is not a folder; nothing was written"


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hookkit) -> None:
    (tmp_path / "file").write_text("")
    said = hookkit("-C", str(tmp_path), "plugins", "new", "no-wip", "--dir", "file/below")
    assert (said.status, said.errors[-1]) == (1, "caused by: Not a directory")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "chmod", full)
    said = hookkit("-C", str(tmp_path), "plugins", "new", "no-wip")
    assert (said.status, said.errors[-1]) == (1, "caused by: No space left on device")
    assert not (tmp_path / "hookkit-no-wip").exists()
    (tmp_path / "empty").mkdir()
    said = hookkit("-C", str(tmp_path), "plugins", "new", "no-wip", "--dir", "empty")
    assert said.status == 1
    assert list((tmp_path / "empty").iterdir()) == []
