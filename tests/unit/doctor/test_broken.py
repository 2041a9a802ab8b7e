"""Every check of the core: that very thing is broken, doctor finds it, and fixes it where it says so."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from hookkit.api import HookkitError
from hookkit.catalogue import HOOKS
from hookkit.doctor import locks
from hookkit.installation import manifest, stub
from hookkit.repository import Repository

from .conftest import git

POST = "hooks/post-receive"
HOURS = 2 * 3600 + 60


class Case(NamedTuple):
    """What is broken, and what doctor says.

    :param finding: the name of the check.
    :param says: words in its cause.
    :param fixed: whether ``--fix`` puts it right.
    """

    damage: Callable[[Path], object]
    finding: str
    says: str
    verdict: str = "problem"
    fixed: bool = False


def write(path: Path, text: str, mode: int = 0o755) -> None:
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def replaced(bare: Path) -> None:
    write(bare / POST, "#!/bin/sh\n")


def replaced_while_one_is_kept(bare: Path) -> None:
    replaced(bare)
    write(bare / "hooks/hookkit-kept-post-receive", "#!/bin/sh\n# older\n")


def in_the_way(bare: Path) -> None:
    (bare / POST).unlink()
    (bare / POST).mkdir()


def kept_hook_gone(bare: Path) -> None:
    noted = manifest.load(Repository.discover(bare))
    manifest.save(Repository.discover(bare), noted.__class__(**{**vars(noted), "kept": ("post-receive",)}))


def starts(interpreter: str) -> Callable[[Path], None]:
    def damage(bare: Path) -> None:
        python = interpreter.format(bare=bare)
        write(bare / POST, stub.text(HOOKS["post-receive"], python).decode())

    return damage


def with_interpreter(script: str) -> Callable[[Path], None]:
    def damage(bare: Path) -> None:
        write(bare.parent / "python", script)
        starts(str(bare.parent / "python"))(bare)

    return damage


def config(*args: str) -> Callable[[Path], None]:
    return lambda bare: git(bare, "config", *args)  # type: ignore[return-value]


def lock(name: str, age: float = HOURS) -> Callable[[Path], None]:
    def damage(bare: Path) -> None:
        write(bare / name, "", 0o644)
        then = time.time() - age
        os.utime(bare / name, (then, then))

    return damage


def registered_in_configuration(bare: Path) -> None:
    noted = manifest.load(Repository.discover(bare))
    manifest.save(Repository.discover(bare), noted.__class__(**{**vars(noted), "method": "config"}))
    git(bare, "config", "hook.hookkit-post-receive.command", "true")


CASES = {
    "a hook is gone": Case(lambda bare: (bare / POST).unlink(), "hook post-receive", "mirror would use it", fixed=True),
    "a hook is not executable": Case(
        lambda bare: (bare / POST).chmod(0o644), "hook post-receive", "not executable", fixed=True
    ),
    "a hook has other permissions": Case(
        lambda bare: (bare / POST).chmod(0o777), "hook post-receive", "as install writes it", "warning", fixed=True
    ),
    "somebody replaced a hook": Case(replaced, "hook post-receive", "not hookkit's", fixed=True),
    "somebody replaced a hook, and one is kept": Case(replaced_while_one_is_kept, "hook post-receive", "still kept"),
    "something that is no hook": Case(in_the_way, "hook post-receive", "is not a file"),
    "the kept hook is gone": Case(kept_hook_gone, "kept hook post-receive", "from before install does not run"),
    "the kept hook is a link to nowhere": Case(
        lambda bare: (bare / "hooks/hookkit-kept-post-receive").symlink_to("/no/such/file"),
        "kept hook post-receive",
        "/no/such/file, which is gone",
    ),
    "the record of the installation is gone": Case(
        lambda bare: (bare / "hookkit/install.json").unlink(), "installation", "uninstall could not", fixed=True
    ),
    "the record of the installation is damaged": Case(
        lambda bare: (bare / "hookkit/install.json").write_text("{"), "hooks", "cannot read"
    ),
    "hooks are looked for elsewhere": Case(
        config("core.hooksPath", "/srv/hooks"), "hooks", "core.hooksPath = /srv/hooks"
    ),
    "git's configuration no longer starts a hook": Case(
        registered_in_configuration, "hook post-receive", "hook.hookkit-post-receive.event is not set"
    ),
    "the interpreter is gone": Case(starts("/no/python"), "interpreter /no/python", "no plugin runs", fixed=True),
    "the interpreter has no hookkit": Case(
        with_interpreter("#!/bin/sh\necho No module named hookkit >&2; exit 1\n"),
        "interpreter {bare.parent}/python",
        "No module named hookkit",
        fixed=True,
    ),
    "the interpreter has another hookkit": Case(
        with_interpreter("#!/bin/sh\necho 0.0.9\n"),
        "interpreter {bare.parent}/python",
        "start hookkit 0.0.9",
        "warning",
    ),
    "push options are not set": Case(
        config("--unset", "receive.advertisePushOptions"), "setting receive.advertisePushOptions", "not set", fixed=True
    ),
    "push options are off": Case(
        config("receive.advertisePushOptions", "off"), "setting receive.advertisePushOptions", "'off'", fixed=True
    ),
    "core.fsync is something else": Case(config("core.fsync", "none"), "setting core.fsync", "'none'", "warning"),
    "an option is misspelt": Case(config("hookkit.mirror.wiat", "1"), "configuration", "no such option"),
    "a plugin is on, and not installed": Case(config("hookkit.lint.enabled", "true"), "plugin lint", "not installed"),
    "HEAD is locked": Case(lock("HEAD.lock"), "lock HEAD.lock", "2h old", fixed=True),
    "packed-refs is locked": Case(lock("packed-refs.lock"), "lock packed-refs.lock", "2h old", fixed=True),
    "config is locked": Case(lock("config.lock"), "lock config.lock", "2h old", fixed=True),
    "a branch is locked": Case(lock("refs/heads/a/b.lock"), "lock refs/heads/a/b.lock", "2h old", fixed=True),
    "a branch was locked minutes ago": Case(lock("refs/heads/main.lock", 610), "lock refs/heads/main.lock", "10m old"),
}


def test_nothing_is_broken(doctor):
    status, found = doctor()
    assert status == 0
    assert {each["verdict"] for each in found.values()} == {"ok"}


@pytest.mark.parametrize("name", CASES)
def test_what_is_broken_is_found(name, bare, doctor):
    case = CASES[name]
    case.damage(bare)
    finding = case.finding.format(bare=bare)
    status, found = doctor()
    assert status == (1 if case.verdict == "problem" else 0)
    assert found[finding]["verdict"] == case.verdict
    assert case.says in found[finding]["cause"]
    assert found[finding]["hint"]
    assert found[finding]["fixable"] or not case.fixed
    status, found = doctor("--fix")
    if case.fixed:
        assert found[finding]["fixed"], found[finding]
        assert found[finding]["verdict"] == "ok"
        assert status == 0
        assert not [each for each in doctor()[1].values() if each["verdict"] != "ok"]
    else:
        assert found[finding]["verdict"] == case.verdict
        assert not found[finding]["fixed"]


def test_what_fix_replaces_is_kept_and_runs(bare, doctor):
    write(bare / POST, "#!/bin/sh\necho mine\n")
    assert doctor("--fix")[0] == 0
    assert (bare / "hooks/hookkit-kept-post-receive").read_text() == "#!/bin/sh\necho mine\n"
    assert doctor()[1]["hook post-receive"]["cause"] == "the hook from before, then plugins"


def test_a_kept_hook_that_is_gone_is_accepted_by_installing_again(bare, doctor):
    write(bare / POST, "#!/bin/sh\n")
    assert doctor("--fix")[0] == 0
    (bare / "hooks/hookkit-kept-post-receive").unlink()
    assert doctor()[1]["kept hook post-receive"]["verdict"] == "problem"
    from hookkit.cli import main

    assert main(["-C", str(bare), "install"]) == 0
    assert "kept hook post-receive" not in doctor()[1]


@pytest.mark.parametrize("name", ["HEAD.lock", "refs/heads/main.lock"])
def test_a_lock_that_a_process_holds_stays(name, bare, doctor):
    lock(name)(bare)
    with (bare / name).open() as file, subprocess.Popen(("sleep", "60"), stdin=file) as holder:
        try:
            status, found = doctor("--fix")
        finally:
            holder.kill()
    assert status == 0
    assert found[f"lock {name}"]["verdict"] == "warning"
    assert str(holder.pid) in found[f"lock {name}"]["cause"] or str(os.getpid()) in found[f"lock {name}"]["cause"]
    assert (bare / name).exists()


def is_at_work(process):
    """A process that has been started need not be what it was started for yet; one that answers is."""
    process.stdin.write(b"something\n")
    process.stdin.flush()
    assert process.stdout.readline()


def test_a_lock_stays_while_a_git_is_at_work(bare, doctor):
    lock("packed-refs.lock")(bare)
    with subprocess.Popen(("git", "cat-file", "--batch"), stdin=-1, stdout=-1, cwd=bare) as work:
        is_at_work(work)
        status, found = doctor("--fix")
        work.stdin.close()
    assert status == 0
    assert f"git (process {work.pid}) is at work here" in found["lock packed-refs.lock"]["cause"]
    assert (bare / "packed-refs.lock").exists()


@pytest.mark.parametrize("meanwhile", ["a git starts", "somebody else takes it"])
def test_a_lock_that_is_taken_between_look_and_fix_stays(meanwhile, bare):
    lock("HEAD.lock")(bare)
    (check,) = locks.checks(Repository.discover(bare))
    command = ("git", "cat-file", "--batch") if meanwhile == "a git starts" else ("cat",)
    if meanwhile == "somebody else takes it":
        lock("HEAD.lock", 0)(bare)
    with subprocess.Popen(command, stdin=-1, stdout=-1, cwd=bare) as work:
        is_at_work(work)
        with pytest.raises(HookkitError, match="is in use now"):
            check.fix()
        work.stdin.close()
    assert (bare / "HEAD.lock").exists()


def test_a_lock_that_is_not_old_enough_is_not_called_fixable(bare, doctor):
    lock("HEAD.lock", 1800)(bare)
    assert not doctor()[1]["lock HEAD.lock"]["fixable"]


def test_a_lock_of_this_moment_is_nobodys_business(bare, doctor):
    lock("HEAD.lock", 0)(bare)
    status, found = doctor("--fix")
    assert status == 0
    assert found["locks"]["verdict"] == "ok"
    assert (bare / "HEAD.lock").exists()


def test_hookkits_own_lock_files_and_branches_with_such_names_are_none(bare, doctor):
    lock("hookkit/mirror/bravo.lock")(bare)
    lock("objects/ab/cd.lock")(bare)
    assert doctor()[1]["locks"]["verdict"] == "ok"
