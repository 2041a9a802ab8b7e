"""A project as ``hookkit plugins new`` makes it: installed, tested, listed, switched on, seen working in a push."""

import json
import shutil
from pathlib import Path

import pytest
from support.distributions import Environment

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    return Environment(tmp_path_factory.mktemp("new"))


def sources(folder: Path) -> Path:
    """A clone of hookkit, as far as pip needs it: what it builds stays in it."""
    folder.mkdir()
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for name in ("hookkit", "plugins", "templates"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def project(environment: Environment) -> Path:
    """A new project, installed by its own CI script, which runs its tests."""
    environment.hookkit("plugins", "new", "few-refs", cwd=environment.root)
    folder = environment.root / "hookkit-few-refs"
    # What builds a plugin, and what it needs, is here already (0: pip reads this variable as build_isolation).
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    variables = {"PYTHON": str(environment.python), "HOOKKIT": str(sources(environment.root / "hookkit")), **offline}
    done = environment.run("./ci", cwd=folder, env=variables, check=False)
    assert done.status == 0, done.stdout + done.stderr
    # Not the one that the tests run in.
    assert (environment.site / "hookkit" / "__init__.py").exists()
    assert "2 passed" in done.stdout
    assert "warning" not in done.stdout
    return folder


def test_its_tests_pass_and_would_fail(environment: Environment, project: Path) -> None:
    code = (project / "hookkit_few_refs.py").read_text()
    environment.uninstall("hookkit-few-refs")
    (project / "hookkit_few_refs.py").write_text(code.replace("> most", "> most + 1"))
    environment.install(project)
    done = environment.run(str(environment.python), "-m", "pytest", "-q", cwd=project, check=False)
    (project / "hookkit_few_refs.py").write_text(code)
    environment.install(project)
    assert "1 failed, 1 passed" in done.stdout


def test_it_works_in_a_push(environment: Environment, project: Path, tmp_path: Path) -> None:
    environment.run("git", "init", "-q", "--bare", "server.git", cwd=tmp_path)
    server = tmp_path / "server.git"
    environment.hookkit("install", cwd=server)
    (row,) = (
        row
        for row in json.loads(environment.hookkit("plugins", "list", "--json", cwd=server).stdout)
        if row["name"] == "few-refs"
    )
    assert (row["distribution"], row["state"], row["hooks"], row["problem"]) == (
        *("hookkit-few-refs", "off"),
        *(["pre-receive"], None),
    )
    said = environment.hookkit("plugins", "enable", "few-refs", cwd=server).stdout
    assert said.splitlines()[0] == "few-refs (hookkit-few-refs 0.1.0) is on in this repository"
    environment.hookkit("config", "set", "hookkit.few-refs.most", "1", cwd=server)
    environment.run("git", "clone", "-q", "server.git", "work", cwd=tmp_path)
    work = tmp_path / "work"
    environment.run("git", "commit", "-q", "--allow-empty", "-m", "one", cwd=work)
    refused = environment.run("git", "push", "origin", "HEAD:main", "HEAD:topic", cwd=work, check=False)
    assert refused.status == 1
    assert (
        "hookkit: refused by few-refs: this push changes 2 refs, the limit is 1: push fewer at once" in refused.remote
    )
    assert environment.run("git", "push", "origin", "HEAD:main", cwd=work).status == 0
