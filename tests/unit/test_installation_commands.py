"""``hookkit install`` and ``hookkit uninstall`` as they are typed."""

from pathlib import Path

import pytest
from support.trees import differences, snapshot

from hookkit import process
from hookkit.cli import main
from hookkit.installation import layout

HOOKS = ["pre-receive", "post-receive"]


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    process.git("init", "-q", "--bare", str(tmp_path / "x.git"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "x.git"


def test_what_is_said(bare, capsys):
    assert main(["-C", "x.git", "install", "--node", "alpha"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{bare}: hookkit is installed",
        "  pre-receive: stub written",
        "  post-receive: stub written",
        "  receive.advertisePushOptions: set to true (was not set)",
        "  core.fsync: set to committed (was not set)",
        "  hookkit.node: set to alpha (was not set)",
        "  git starts hookkit in pre-receive, post-receive, for mirror",
    ]
    assert main(["-C", ".", "install"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{bare}: hookkit is installed already, nothing to change",
        "  git starts hookkit in pre-receive, post-receive, for mirror",
    ]
    assert main(["uninstall"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{bare}: hookkit is uninstalled",
        "  pre-receive: stub removed",
        "  post-receive: stub removed",
        "  receive.advertisePushOptions: taken back (was true)",
        "  core.fsync: taken back (was committed)",
        "  hookkit.node: taken back (was alpha)",
    ]
    assert main(["uninstall"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{bare}: hookkit is not installed, nothing to change"]


def test_a_dry_run_says_the_same_and_does_nothing(bare, capsys):
    before = snapshot(bare)
    assert main(["-C", "x.git", "install", "--dry-run"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{bare}: would change (--dry-run: nothing was changed)"
    assert lines[1] == "  pre-receive: stub written"
    assert lines[-1] == "  git would start hookkit in pre-receive, post-receive, for mirror"
    assert differences(before, snapshot(bare)) == {}


@pytest.mark.parametrize("text", ["post-receive,commit-msg", "post-receive, commit-msg", "commit-msg,,post-receive,"])
def test_a_list_of_hooks(bare, text):
    assert main(["-C", "x.git", "install", "--hooks", text]) == 0
    files = {each.name for each in (bare / "hooks").iterdir() if each.suffix != ".sample"}
    assert files == {"commit-msg", "post-receive"}


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["--hooks", ","], "--hooks names no hook"),
        (["--hooks", "post-recieve"], "did you mean post-receive?"),
        (["--node", "a b"], "letters, digits"),
        (["--method", "magic"], "stub"),
        (["--all", "/no/such/folder"], "does not exist"),
    ],
)
def test_wrong_usage(bare, args, says, capsys):
    before = snapshot(bare)
    assert main(["-C", "x.git", "install", *args]) == 2
    assert says in capsys.readouterr().err
    assert differences(before, snapshot(bare)) == {}


def test_outside_of_a_repository(bare, capsys):
    for command in ("install", "uninstall"):
        assert main(["-C", str(bare.parent), command]) == 2
        assert "is not in a git repository" in capsys.readouterr().err


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with repositories of all kinds, one of which cannot be installed in."""
    root = tmp_path / "srv"
    for name in ("a.git", "group/b.git", "group/sub group/c"):
        process.git("init", "-q", "--bare", str(root / name))
    process.git("init", "-q", str(root / "work"))
    process.git("-C", str(root / "work"), "commit", "-q", "--allow-empty", "-m", "first")
    process.git("-C", str(root / "work"), "worktree", "add", "-q", "../linked")
    process.git("init", "-q", "--bare", str(root / "broken.git"))
    (root / "broken.git/hooks/pre-receive").mkdir()
    (root / "alias.git").symlink_to("a.git")
    (root / "empty").mkdir()
    (root / "almost.git/objects").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    return root


def test_every_repository_below_a_folder(server, capsys):
    before = snapshot(server)
    assert main(["install", "--all", "srv"]) == 1
    said = capsys.readouterr()
    headers = [line for line in said.out.splitlines() if line.startswith(str(server))]
    assert headers == [
        f"{server}/a.git: hookkit is installed",
        f"{server}/group/b.git: hookkit is installed",
        f"{server}/group/sub group/c: hookkit is installed",
        f"{server}/linked: hookkit is installed",
        f"{server}/work: hookkit is installed already, nothing to change",
    ]
    assert said.out.splitlines()[-1] == "6 repositories below srv: 5 done, 1 failed"
    assert said.err.splitlines()[0] == f"error: srv/broken.git: {server}/broken.git/hooks/pre-receive is in the way"
    (server / "broken.git/hooks/pre-receive").rmdir()
    assert main(["install", "--all", "srv"]) == 0
    assert main(["uninstall", "--all", "srv"]) == 0
    (server / "broken.git/hooks/pre-receive").mkdir()
    assert differences(before, snapshot(server)) == {}


def test_all_of_one_is_that_one(server, capsys):
    assert main(["install", "--all", "srv/a.git"]) == 0
    assert capsys.readouterr().out.endswith("1 repository below srv/a.git: 1 done, 0 failed\n")


def test_a_dry_run_below_a_folder(server):
    before = snapshot(server)
    main(["install", "--all", "srv", "--dry-run"])
    assert differences(before, snapshot(server)) == {}


def test_a_bug_in_one_does_not_stop_the_others(server, capsys, monkeypatch):
    look = layout.look

    def fail(repo):
        if repo.name == "a":
            raise ZeroDivisionError("oh")
        return look(repo)

    monkeypatch.setattr(layout, "look", fail)
    assert main(["install", "--all", "srv/group"]) == 0
    assert main(["install", "--all", "srv"]) == 1
    said = capsys.readouterr()
    assert "error: srv/a.git: hookkit has a bug, sorry" in said.err.splitlines()
    assert said.out.endswith("6 repositories below srv: 4 done, 2 failed\n")


def test_no_repository_below_a_folder(server, capsys):
    assert main(["install", "--all", "srv/empty"]) == 0
    assert capsys.readouterr().out == "0 repositories below srv/empty: 0 done, 0 failed\n"
