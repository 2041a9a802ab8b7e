"""``kill -9`` before any single step that changes something: what comes after completes it."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.fakes import install_plugins
from support.trees import Tree, differences, snapshot

from hookkit import process
from hookkit.installation import install, installed_hooks, installer, uninstall
from hookkit.repository import Repository

_CHANGING = {"os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.symlink"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """With everything that install has to do with: hooks to keep, a folder to make, configuration to replace."""
    path = tmp_path / "x.git"
    process.git("init", "-q", "--bare", str(path))
    process.git("-C", str(path), "config", "core.hooksPath", str(path / "my/hooks"))
    process.git("-C", str(path), "config", "core.fsync", "none")
    (path / "my").mkdir()
    return path


def with_hooks(path: Path) -> None:
    (path / "my/hooks").mkdir()
    (path / "my/hooks/post-receive").write_text("#!/bin/sh\n")
    (path / "my/hooks/pre-receive").symlink_to("/no/such/place")


def without_folder(path: Path) -> None:
    pass


def killed_before_step(number: int, action: Callable[[], object]) -> bool:
    """Do ``action`` in a process that dies before its ``number``-th change on the disk; False if it had fewer."""
    child = os.fork()
    if child == 0:
        left = number

        def watch(event: str, args: tuple[object, ...]) -> None:
            nonlocal left
            if event in _CHANGING or (event == "open" and int(args[2]) & _WRITING):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        try:
            sys.addaudithook(watch)
            action()
            os._exit(0)
        except BaseException:
            os._exit(99)
    status = os.waitpid(child, 0)[1]
    assert os.waitstatus_to_exitcode(status) in (0, -signal.SIGKILL)
    return os.WIFSIGNALED(status)


def hook_in_force(path: Path) -> bool:
    """Git finds something to run, and the hook from before will run too: it is that, or kept beside the stub."""
    hooks = path / "my/hooks"
    return (hooks / "post-receive").exists() and any(
        (hooks / name).read_bytes() == b"#!/bin/sh\n"
        for name in ("post-receive", "hookkit-kept-post-receive")
        if (hooks / name).exists()
    )


def hookkit_install() -> dict[str, str]:
    return {"receive.advertisePushOptions": "true", "core.fsync": "committed"}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the interpreter nor the plugins change while this runs."""
    monkeypatch.setattr(installer, "_check_interpreter", lambda _: None)
    install_plugins(monkeypatch, {"mirror": [hookkit_install]})


def restore(path: Path, saved: Path) -> None:
    process.run(("rm", "-rf", str(path)))
    process.run(("cp", "-a", str(saved), str(path)))


def every_step(bare: Path, start: Callable[[], object], check: Callable[[int], None]) -> int:
    """Kill ``start`` before each of its steps, each time from the same situation, and ``check`` what is left."""
    saved = bare.with_name("saved")
    process.run(("cp", "-a", str(bare), str(saved)))
    number = 1
    while killed_before_step(number, start):
        check(number)
        restore(bare, saved)
        number += 1
    return number


def opened(bare: Path) -> Repository:
    return Repository.discover(bare)


def finished(bare: Path, expected: Tree, before: Tree) -> None:
    """Installing again completes the installation, and uninstalling that leaves no trace."""
    install(opened(bare), node="alpha")
    # Caches, and a record that may remember more of the way.
    ignored = ("hookkit/plugins.", "hookkit/install.json")
    assert {path for path in differences(expected, snapshot(bare)) if not path.startswith(ignored)} == set()
    uninstall(opened(bare))
    assert differences(before, snapshot(bare)) == {}


@pytest.mark.parametrize("prepare", [with_hooks, without_folder])
def test_installing(bare, prepare):
    prepare(bare)
    before = snapshot(bare)
    install(opened(bare), node="alpha")
    expected = snapshot(bare)
    uninstall(opened(bare))

    def check(number: int) -> None:
        assert prepare is not with_hooks or hook_in_force(bare)
        if number % 2:
            finished(bare, expected, before)
        else:
            uninstall(opened(bare))
            assert differences(before, snapshot(bare)) == {}

    assert every_step(bare, lambda: install(opened(bare), node="alpha"), check) > 20


def test_uninstalling(bare):
    with_hooks(bare)
    before = snapshot(bare)
    install(opened(bare), node="alpha")
    expected = snapshot(bare)

    def check(number: int) -> None:
        assert hook_in_force(bare)
        if number % 2:
            uninstall(opened(bare))
            assert differences(before, snapshot(bare)) == {}
        else:
            finished(bare, expected, before)

    assert every_step(bare, lambda: uninstall(opened(bare)), check) > 10


def test_changing_an_installation(bare):
    with_hooks(bare)
    before = snapshot(bare)
    install(opened(bare), node="alpha")
    wishes = {"node": "bravo", "hooks": ("post-receive", "pre-push")}

    def check(number: int) -> None:
        assert hook_in_force(bare)
        if number % 2:
            install(opened(bare), **wishes)
            assert installed_hooks(opened(bare)) == ["pre-push", "post-receive"]
        uninstall(opened(bare))
        assert differences(before, snapshot(bare)) == {}

    assert every_step(bare, lambda: install(opened(bare), **wishes), check) > 10
