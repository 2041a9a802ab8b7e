"""Nothing that is pushed, and nothing in the caller's environment or directory, loads code or chooses a plugin."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import Done
from support.distributions import Environment

# What Python, hookkit and its dependencies import, and what Python looks for by itself.
NAMES = (
    *(
        "sitecustomize",
        "usercustomize",
        "site",
        "os",
        "json",
        "typing",
        "pathlib",
        "subprocess",
        "selectors",
        "encodings",
    ),
    *("pluggy", "click", "sh", "filelock", "tenacity", "hookkit_plugins", "hookkit_templates", "acme_check"),
)
_APPEND = os.O_CREAT | os.O_WRONLY | os.O_APPEND
CHECK = """
@hookimpl
def hookkit_pre_receive(repo, push):
    print("the check ran")

@hookimpl
def hookkit_pre_commit(repo):
    print("the check ran")
"""


class Trap:
    """Code that leaves a mark when it is loaded, under many names."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.mark = root / "loaded"

    def set(self, folder: Path) -> None:
        """Set it in ``folder``: modules, packages, and a distribution that claims to be enabled."""
        folder.mkdir(parents=True, exist_ok=True)
        # With what is there before Python has started: that early some of these are imported.
        code = (
            f"import posix; posix.write(posix.open({str(self.mark)!r}, {_APPEND}, 0o644), __name__.encode() + b' ')\n"
        )
        for name in NAMES:
            (folder / f"{name}.py").write_text(code)
        for package in ("hookkit", "rich"):
            (folder / package).mkdir()
            for module in ("__init__", "start", "runner", "shortcut", "kept"):
                (folder / package / f"{module}.py").write_text(code)
        (folder / "evil.pth").write_text(f"import os; exec({code!r})\n")
        metadata = folder / "evil-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text("[hookkit.plugins]\ncheck2 = acme_check\nmirror = acme_check\n")

    @property
    def sprung(self) -> str:
        return self.mark.read_text() if self.mark.exists() else ""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("trust"))
    environment.install(environment.distribution("acme-check", check=CHECK))
    return environment


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path)


class Place:
    """A server and a clone, both with hookkit installed, in stubs for pushing and committing."""

    def __init__(self, environment: Environment, root: Path) -> None:
        self.environment = environment
        self.server = root / "server.git"
        self.work = root / "work"
        environment.run("git", "init", "-q", "--bare", str(self.server), cwd=root)
        environment.run("git", "clone", "-q", str(self.server), str(self.work), cwd=root)
        environment.hookkit(
            "install", "--hooks", "pre-receive,update,post-receive,reference-transaction", cwd=self.server
        )
        environment.hookkit("install", "--hooks", "pre-commit,commit-msg,pre-push", cwd=self.work)

    def enable(self) -> None:
        for path in (self.server, self.work):
            self.environment.hookkit("plugins", "enable", "check", cwd=path)

    def commit(self, *flags: str, env: dict[str, str] | None = None) -> Done:
        self.environment.run("git", "add", "--all", cwd=self.work)
        commit = ("git", *flags, "commit", "-q", "--allow-empty", "-m", "a change")
        return self.environment.run(*commit, cwd=self.work, env=env)

    def push(self, *flags: str, options: tuple[str, ...] = (), env: dict[str, str] | None = None) -> Done:
        push = ("git", *flags, "push", "-q", *options, "origin", "HEAD:main")
        return self.environment.run(*push, cwd=self.work, env=env)

    def ran(self, *done: Done) -> int:
        """How often the plugin spoke."""
        return sum(each.stderr.count("the check ran") for each in done)


@pytest.fixture
def place(environment: Environment, tmp_path: Path) -> Place:
    return Place(environment, tmp_path)


def test_the_trap_works(trap: Trap, tmp_path: Path) -> None:
    trap.set(tmp_path / "here")
    subprocess.run(
        [sys.executable, "-c", "pass"], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path / "here")}, check=False
    )
    assert "encodings" in trap.sprung


@pytest.mark.parametrize("on", [False, True])
def test_pythonpath_and_its_relatives(place: Place, trap: Trap, tmp_path: Path, on: bool) -> None:
    if on:
        place.enable()
    trap.set(tmp_path / "lib" / "site-packages")
    env = {
        "PYTHONPATH": str(tmp_path / "lib" / "site-packages"),
        "PYTHONSTARTUP": str(tmp_path / "lib" / "site-packages" / "os.py"),
        "PYTHONUSERBASE": str(tmp_path),
        "PYTHONINSPECT": "1",
        "PYTHONHOME": str(tmp_path),
        "PYTHONPLATLIBDIR": "lib",
        "PYTHONBREAKPOINT": "sitecustomize.x",
    }
    assert place.ran(place.commit(env=env), place.push(env=env)) == (2 if on else 0)
    assert not trap.sprung


@pytest.mark.parametrize("on", [False, True])
def test_the_directory_that_a_hook_runs_in(place: Place, trap: Trap, on: bool) -> None:
    if on:
        place.enable()
    shutil.rmtree(place.server / "hookkit")
    trap.set(place.server)
    trap.set(place.work)
    assert place.ran(place.commit(), place.push()) == (2 if on else 0)
    assert not trap.sprung


def test_what_is_pushed(place: Place, trap: Trap, environment: Environment) -> None:
    trap.set(place.work)
    trap.set(place.work / "lib" / "site-packages")
    for name in ("hooks.d/pre-receive/10-evil", "hookkit/hooks.d/pre-commit/10-evil", "hooks/pre-receive"):
        path = place.work / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\necho script >> {trap.mark}\n")
        path.chmod(0o755)
    (place.work / "config").write_text('[hookkit "check"]\n\tenabled = true\n')
    (place.work / ".gitconfig").write_text('[hookkit "check"]\n\tenabled = true\n')
    for path in (place.server, place.work):
        environment.hookkit("plugins", "enable", "scripts", cwd=path)
    assert place.ran(place.commit(), place.push()) == 0
    assert not trap.sprung
    # and neither does it once it is checked out on the server
    environment.run("git", "clone", "-q", str(place.server), "again", cwd=place.server.parent)
    place.work = place.server.parent / "again"
    environment.hookkit("install", "--hooks", "pre-commit", cwd=place.work)
    assert place.ran(place.commit()) == 0
    assert not trap.sprung


COUNT = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "hookkit.check.enabled"}


@pytest.mark.parametrize(
    ("flags", "env"),
    [
        (("-c", "hookkit.check.enabled=true"), {}),
        ((), COUNT | {"GIT_CONFIG_VALUE_0": "true"}),
        ((), {"GIT_CONFIG_PARAMETERS": "'hookkit.check.enabled'='true'"}),
        ((), {"GIT_CONFIG": "/dev/null"}),
    ],
)
def test_who_calls_git_cannot_switch_a_plugin_on(place: Place, flags: tuple[str, ...], env: dict[str, str]) -> None:
    assert place.ran(place.commit(*flags, env=env), place.push(*flags, env=env)) == 0


@pytest.mark.parametrize(
    ("flags", "env"),
    [
        (("-c", "hookkit.check.enabled=false"), {}),
        ((), COUNT | {"GIT_CONFIG_VALUE_0": "false"}),
        ((), {"GIT_CONFIG_PARAMETERS": "'hookkit.check.enabled'='false'"}),
        ((), {"GIT_CONFIG": "/dev/null"}),
    ],
)
def test_nor_off(place: Place, flags: tuple[str, ...], env: dict[str, str]) -> None:
    place.enable()
    assert place.ran(place.commit(*flags, env=env), place.push(*flags, env=env)) == 2


def test_push_options_choose_nothing(place: Place) -> None:
    place.commit()
    assert place.ran(place.push(options=("-o", "hookkit.check.enabled=true"))) == 0


def test_a_folder_of_the_callers_is_not_searched_by_commands_either(
    place: Place, trap: Trap, environment: Environment, tmp_path: Path
) -> None:
    folder = tmp_path / "lib" / "site-packages"
    trap.set(folder)
    for name in ("sitecustomize.py", "usercustomize.py"):
        (folder / name).unlink()  # those are between the caller and Python
    for module in NAMES[2:]:
        if module != "acme_check":
            (folder / f"{module}.py").unlink()
    shutil.rmtree(folder / "hookkit")
    shutil.rmtree(folder / "rich")
    listed = environment.hookkit("plugins", "list", cwd=place.server, env={"PYTHONPATH": str(folder)}).stdout
    assert "acme-check" in listed
    assert "evil" not in listed
    assert not trap.sprung
