"""Where install refuses, it says why and what to do, and leaves no trace."""

import errno
import os
import sys
from pathlib import Path
from unittest.mock import Mock

import pytest
from support.fakes import install_plugins
from support.trees import differences, snapshot

from hookkit import process
from hookkit.api import HookkitError, UsageError
from hookkit.installation import config_method, install, installer, session, uninstall
from hookkit.repository import Repository


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    process.git("init", "-q", "--bare", str(tmp_path / "x.git"))
    return tmp_path / "x.git"


def git(path: Path, *args: str) -> None:
    process.git("-C", str(path), *args)


def folder_named_like_a_hook(repo: Path) -> None:
    (repo / "hooks/post-receive").mkdir()


def fifo_named_like_a_hook(repo: Path) -> None:
    os.mkfifo(repo / "hooks/post-receive")


def hooks_that_is_a_file(repo: Path) -> None:
    process.run(("rm", "-r", str(repo / "hooks")))
    (repo / "hooks").write_text("")


def linked_hooks(repo: Path) -> None:
    (repo / "hooks").rename(repo.parent / "shared")
    (repo / "hooks").symlink_to("../shared")


def hooks_elsewhere(repo: Path) -> None:
    git(repo, "config", "core.hooksPath", "/etc/git-hooks")


def foreign_drop_in(repo: Path) -> None:
    git(repo, "config", "gitlab.fullpath", "a/b")
    (repo / "custom_hooks/post-receive.d").mkdir(parents=True)
    (repo / "custom_hooks/post-receive.d/hookkit").write_text("#!/bin/sh\n")


def locked_configuration(repo: Path) -> None:
    (repo / "config.lock").touch()


def no_room_for_the_state(repo: Path) -> None:
    (repo / "hookkit").write_text("a file where the state folder goes\n")


@pytest.mark.parametrize(
    ("situation", "says"),
    [
        (folder_named_like_a_hook, "is in the way"),
        (fifo_named_like_a_hook, "is in the way"),
        (hooks_that_is_a_file, "cannot change"),
        (linked_hooks, "are not its own"),
        (hooks_elsewhere, "not hookkit's to change"),
        (foreign_drop_in, "is in the way"),
        (locked_configuration, "cannot change"),
        (no_room_for_the_state, "cannot change"),
    ],
)
def test_refused_without_a_trace(bare, situation, says, monkeypatch):
    from hookkit.installation import config_file

    monkeypatch.setattr(config_file, "_LOCK_WAIT", 0.1)
    situation(bare)
    before = snapshot(bare.parent)
    with pytest.raises(HookkitError, match=says) as caught:
        install(Repository.discover(bare), node="alpha")
    assert caught.value.cause
    assert caught.value.hint
    assert differences(before, snapshot(bare.parent)) == {}


def test_the_way_out_of_a_hooks_path_works(bare, tmp_path, monkeypatch):
    (tmp_path / "account").write_text("[core]\n\thooksPath = /etc/git-hooks\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "account"))
    with pytest.raises(UsageError) as caught:
        install(Repository.discover(bare))
    command = caught.value.hint.partition(": ")[2]
    process.run(("sh", "-c", command))
    assert "post-receive" in install(Repository.discover(bare)).hooks
    assert (bare / "hooks/post-receive").exists()


def test_the_way_out_of_a_linked_folder_works(bare):
    (bare / "hooks/update").write_text("#!/bin/sh\n")
    linked_hooks(bare)
    with pytest.raises(UsageError) as caught:
        install(Repository.discover(bare))
    process.run(("sh", "-c", caught.value.hint.partition(": ")[2]))
    install(Repository.discover(bare))
    assert (bare / "hooks/update").exists()
    assert not (bare.parent / "shared/post-receive").exists()


def hookkit_proc_receive() -> None: ...


def hookkit_update() -> None: ...


def test_proc_receive_is_not_shared(bare, monkeypatch):
    (bare / "hooks/proc-receive").write_text("#!/bin/sh\n")
    before = snapshot(bare)
    with pytest.raises(UsageError, match="proc-receive cannot be had"):
        install(Repository.discover(bare), hooks=("proc-receive",))
    assert differences(before, snapshot(bare)) == {}
    install_plugins(monkeypatch, {"review": [hookkit_proc_receive]})
    report = install(Repository.discover(bare))
    assert "proc-receive" not in report.hooks
    assert report.notes[0].startswith("proc-receive is left out: ")
    assert (bare / "hooks/proc-receive").read_text() == "#!/bin/sh\n"


def test_update_is_gitolites(bare, monkeypatch):
    (bare / "gl-conf").touch()
    with pytest.raises(UsageError, match="update cannot be had") as caught:
        install(Repository.discover(bare), hooks=("update",))
    assert "pre-receive" in caught.value.hint
    install_plugins(monkeypatch, {"guard": [hookkit_update]})
    report = install(Repository.discover(bare))
    assert report.notes == ("update is left out (in this repository update is gitolite's own), but guard would use it",)
    assert "update" not in report.hooks


def test_an_unknown_hook(bare):
    before = snapshot(bare)
    with pytest.raises(UsageError) as caught:
        install(Repository.discover(bare), hooks=("post-recieve",))
    assert caught.value.hint == "did you mean post-receive?"
    assert differences(before, snapshot(bare)) == {}


def test_the_configuration_method_needs_a_newer_git(bare, monkeypatch):
    monkeypatch.setattr(config_method, "git_version", lambda: (2, 53, 1))
    with pytest.raises(UsageError, match=r"git 2\.53\.1 does not") as caught:
        install(Repository.discover(bare), method="config")
    assert "2.54" in caught.value.cause


WITHOUT_PRIVILEGE = (
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
)


@pytest.mark.parametrize("folder", ["hooks", "."])
def test_a_folder_that_may_not_be_written(bare, folder):
    before = snapshot(bare)
    (bare / folder).chmod(0o555)
    command = (sys.executable, "-m", "hookkit", "-C", str(bare), "install")
    done = process.run((*WITHOUT_PRIVILEGE, *command) if os.geteuid() == 0 else command)
    (bare / folder).chmod(0o755)
    lines = done.stderr.decode().splitlines()
    assert done.status == 1
    assert lines[0] == f"error: cannot change {bare}"
    assert lines[1].startswith("caused by: Permission denied: ")
    assert lines[2] == "hint: run hookkit as the account that owns the repository"
    assert differences(before, snapshot(bare)) == {}


@pytest.mark.parametrize(
    "step",
    [
        "hookkit.installation.installer.ConfigFile.keep_original",
        "hookkit.installation.manifest.save",
        "hookkit.installation.installer.ConfigFile.swap",
        "hookkit.installation.slot.Slot.put",
        "hookkit.discovery.remember",
    ],
)
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), KeyboardInterrupt(), HookkitError("x")], ids=repr
)
def test_what_fails_half_way_is_undone(bare, step, error, monkeypatch):
    process.run(("rm", "-r", str(bare / "hooks")))
    before = snapshot(bare)
    with monkeypatch.context() as patch:
        patch.setattr(step, Mock(side_effect=[error, True, True]))
        with pytest.raises((HookkitError, KeyboardInterrupt)):
            install(Repository.discover(bare), node="alpha")
    if step == "hookkit.discovery.remember":
        assert not install(Repository.discover(bare), node="alpha").changes
        uninstall(Repository.discover(bare))
    assert differences(before, snapshot(bare)) == {}


def test_one_at_a_time(bare, monkeypatch):
    repo = Repository.discover(bare)
    monkeypatch.setattr(session, "_WAIT", 0.1)
    with session.exclusive(repo):
        for action in (install, uninstall):
            with pytest.raises(HookkitError, match="another hookkit is at work"):
                action(repo)
    install(repo)


def test_whoever_waits_for_an_uninstallation_does_not_lose_the_folder(bare):
    """Many at once, on and off: each ends well, and the last word holds."""
    command = f"for i in 1 2 3; do {sys.executable} -m hookkit -C {bare} %s || exit 1; done"
    both = f"({command % 'install'}) & one=$!; ({command % 'uninstall'}) & wait $one && wait $!"
    before = snapshot(bare)
    done = process.run(("sh", "-c", both))
    assert (done.status, done.stderr) == (0, b"")
    uninstall(Repository.discover(bare))
    assert differences(before, snapshot(bare)) == {}
    assert installer.install(Repository.discover(bare)).changes


GITOLITES_DRIVER = """#!/bin/sh
type=args
[ $0 != hooks/post-update ] && {
    type=stdin
    stdin=`cat`
}
for h in $0.*; do
    [ -x $h ] || continue
    echo "$stdin" | $h || { [ $0 = hooks/pre-receive ] && exit 1; }
done
"""


@pytest.mark.parametrize(
    "text",
    [GITOLITES_DRIVER, '#!/bin/sh\nrun-parts "$0.d"\n', '#!/bin/bash\nfor x in "${0}".d/*; do "$x"; done\n'],
    ids=["gitolite", "run-parts", "quoted"],
)
def test_a_hook_that_runs_its_namesakes_is_not_given_another_name(bare, text):
    """Kept, it would find none of them, and a pre-receive that refused would refuse no more."""
    (bare.parent / "multi-hook-driver").write_text(text)
    (bare / "hooks/pre-receive").symlink_to("../../multi-hook-driver")
    before = snapshot(bare.parent)
    with pytest.raises(UsageError, match="runs the files that are named after it") as caught:
        install(Repository.discover(bare))
    assert "hooks.d/pre-receive" in caught.value.hint
    assert differences(before, snapshot(bare.parent)) == {}
    assert install(Repository.discover(bare), hooks=("post-receive",)).hooks == ("post-receive",)


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ('#!/bin/sh\nname=$(basename "$0")\n', True),
        ("#!/bin/sh\nname=`basename $0`\n", True),
        ("#!/bin/bash\nexec hooks ${0##*/}\n", True),
        ("#!/usr/bin/perl\nmy $name = basename($0);\n", True),
        ("#!/usr/bin/python3\nname = sys.argv[0]\n", True),
        ('#!/bin/sh\ncd "$(dirname "$0")"\n', False),
        ('#!/bin/sh\necho "usage: $0 <ref>"\necho "see $0."\nexit $?\n', False),
        ("#!/bin/sh\nawk '{print $0}'\n", False),
    ],
)
def test_a_hook_that_asks_for_its_own_name_is_mentioned(bare, text, asks):
    (bare / "hooks/post-receive").write_text(text)
    notes = install(Repository.discover(bare)).notes
    assert (
        any("post-receive asks for its own name, which is hookkit-kept-post-receive now" in note for note in notes)
        is asks
    )


def test_whoever_waits_may_be_quicker_than_the_end(bare, monkeypatch):
    """The folder cannot be removed: somebody has just put a new lock file into it."""
    with session.exclusive(Repository.discover(bare)):
        monkeypatch.setattr(Path, "rmdir", Mock(side_effect=OSError(errno.ENOTEMPTY, "Directory not empty")))
    assert not (bare / "hookkit" / session.LOCK).exists()


def test_a_repository_that_is_gone(bare):
    repo = Repository.discover(bare)
    process.run(("rm", "-r", str(bare)))
    with pytest.raises(HookkitError), session.exclusive(repo):
        pass
