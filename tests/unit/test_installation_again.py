"""Installing where hookkit is installed already, and uninstalling where others have been at work since."""

import os
import sys
from pathlib import Path

import pytest
from support.fakes import install_plugins
from support.trees import differences, snapshot

from hookkit import process
from hookkit.api import HookkitError, Refusal, UsageError
from hookkit.catalogue import HOOKS
from hookkit.installation import config_method, install, installed_hooks, needed_hooks, stub, uninstall
from hookkit.repository import Repository

MINE = "#!/bin/sh\necho mine\n"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    process.git("init", "-q", "--bare", str(tmp_path / "x.git"))
    return tmp_path / "x.git"


@pytest.fixture
def repo(bare: Path) -> Repository:
    return Repository.discover(bare)


def config(bare: Path, *args: str) -> str:
    return process.git("-C", str(bare), "config", *args, check=False).text()


def hook(path: Path, text: str = MINE) -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


# ---- what plugins need ----


def hookkit_commit_msg() -> None: ...


def hookkit_post_receive() -> None: ...


def hookkit_update() -> Refusal | None: ...


def test_the_stubs_of_the_core_are_there_without_any_plugin(repo, monkeypatch):
    install_plugins(monkeypatch, {})
    assert install(repo).hooks == ("pre-receive", "post-receive")


def test_a_plugin_gets_the_hooks_that_it_implements(repo, monkeypatch):
    install_plugins(monkeypatch, {"lint": [hookkit_commit_msg, hookkit_post_receive]})
    assert install(repo).hooks == ("commit-msg", "pre-receive", "post-receive")
    assert needed_hooks(repo) == installed_hooks(repo) == ["commit-msg", "pre-receive", "post-receive"]


def test_a_plugin_may_say_which_hooks_it_needs(repo, bare, monkeypatch):
    config(bare, "hookkit.scripts.folder", "pre-push")

    def hookkit_hooks(repo: Repository) -> list[str]:
        return [repo.config.last("hookkit.scripts.folder").value]

    install_plugins(monkeypatch, {"scripts": [hookkit_hooks, hookkit_commit_msg]})
    assert install(repo).hooks == ("pre-push", "pre-receive", "post-receive")


def test_a_plugin_that_does_not_know_gets_all_that_it_implements(repo, monkeypatch):
    def hookkit_hooks() -> None: ...

    install_plugins(monkeypatch, {"lint": [hookkit_hooks, hookkit_commit_msg]})
    assert "commit-msg" in install(repo).hooks


def test_a_plugin_that_was_enabled_gets_its_stub_with_the_next_install(repo, monkeypatch):
    install_plugins(monkeypatch, {})
    install(repo)
    install_plugins(monkeypatch, {"lint": [hookkit_commit_msg]})
    assert install(repo).changes == ("commit-msg: stub written",)


def test_a_hook_that_nobody_needs_any_more_goes_and_the_kept_one_is_back(repo, bare, monkeypatch):
    hook(bare / "hooks/commit-msg")
    before = snapshot(bare)
    install_plugins(monkeypatch, {"lint": [hookkit_commit_msg]})
    install(repo)
    install_plugins(monkeypatch, {})
    assert install(repo).changes == ("commit-msg: stub in hooks removed; the hook from before is back",)
    assert (bare / "hooks/commit-msg").read_text() == MINE
    uninstall(repo)
    assert differences(before, snapshot(bare)) == {}


def raises() -> list[str]:
    raise RuntimeError("boom")


def exits() -> list[str]:
    sys.exit(3)


def unknown() -> list[str]:
    return ["post-recieve"]


def nonsense() -> int:
    return 7


@pytest.mark.parametrize(
    ("broken", "says"),
    [(raises, "boom"), (exits, "exit"), (unknown, "did you mean post-receive"), (nonsense, "no git hook 7")],
)
def test_a_broken_plugin_is_named_and_takes_no_hook_away(repo, monkeypatch, broken, says):
    install_plugins(monkeypatch, {"lint": [hookkit_commit_msg], "other": []})
    install(repo)
    broken.__name__ = "hookkit_hooks"
    install_plugins(monkeypatch, {"lint": [broken], "other": [hookkit_update]})
    report = install(repo)
    assert says in report.notes[0]
    assert "lint" in report.notes[0]
    assert report.changes == ("update: stub written",)
    assert "commit-msg" in report.hooks


def test_an_outsider_with_the_name_of_a_shipped_plugin_is_not_asked(repo, bare, site):
    config(bare, "hookkit.mirror.enabled", "true")
    site.plugin("mirror", "raise SystemExit('asked')", distribution="acme")
    report = install(repo)
    assert report.plugins == ("mirror",)
    assert report.notes == ()


def test_a_plugin_that_is_on_but_gone_takes_no_hook_away(repo, bare, monkeypatch):
    config(bare, "hookkit.lint.enabled", "true")
    install_plugins(monkeypatch, {"lint": [hookkit_commit_msg]})
    install(repo)
    install_plugins(monkeypatch, {})
    repo.reload()
    report = install(repo)
    assert report.changes == ()
    assert "no such plugin is installed" in report.notes[0]
    assert "commit-msg" in report.hooks


def test_a_broken_plugin_takes_nothing_out_of_the_configuration_either(repo, bare, monkeypatch):
    monkeypatch.setattr(config_method, "git_version", lambda: (2, 54))
    install_plugins(monkeypatch, {"lint": [hookkit_commit_msg]})
    install(repo, method="config")
    monkeypatch.setattr(raises, "__name__", "hookkit_hooks")
    install_plugins(monkeypatch, {"lint": [raises]})
    report = install(repo)
    assert report.changes == ()
    assert report.hooks == ("commit-msg", "pre-receive", "post-receive")
    assert config(bare, "hook.hookkit-commit-msg.event") == "commit-msg"


def test_the_hooks_need_not_look_for_plugins_even_if_there_are_none(repo, bare, monkeypatch):
    install_plugins(monkeypatch, {})
    install(repo)
    assert (bare / "hookkit/plugins.json").exists()


def test_what_plugins_implement_is_known_to_the_hooks_from_then_on(repo):
    from hookkit import discovery

    install(repo)
    cache = discovery.cached(repo)
    mirror = next(found for found in cache.plugins if found.name == "mirror")
    assert "hookkit_post_receive" in cache.implemented(mirror)


# ---- configuration that plugins want ----


def test_settings_come_and_go_with_the_plugin(repo, bare, monkeypatch):
    def hookkit_install() -> dict[str, str]:
        return {"receive.maxInputSize": "10m", "core.fsync": "committed"}

    config(bare, "core.fsync", "none")
    before = snapshot(bare)
    install_plugins(monkeypatch, {"limits": [hookkit_install]})
    install(repo)
    assert config(bare, "receive.maxInputSize") == "10m"
    install_plugins(monkeypatch, {})
    assert install(repo).changes == (
        "receive.maxInputSize: taken back (was 10m)",
        "core.fsync: taken back (was committed)",
    )
    assert config(bare, "core.fsync") == "none"
    uninstall(repo)
    assert differences(before, snapshot(bare)) == {}


def test_two_plugins_that_want_different_things_are_named(repo, bare, monkeypatch):
    def one() -> dict[str, str]:
        return {"core.fsync": "all"}

    def other() -> dict[str, str]:
        return {"core.fsync": "none"}

    one.__name__ = other.__name__ = "hookkit_install"
    install_plugins(monkeypatch, {"one": [one], "other": [other]})
    assert install(repo).notes == ("other wants core.fsync = none, another plugin all",)
    assert config(bare, "core.fsync") == "all"


def test_what_holds_for_the_account_is_not_repeated(repo, bare, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(bare / "account"))
    (bare / "account").write_text("[core]\n\tfsync = committed\n[receive]\n\tadvertisePushOptions\n")
    repo = Repository.discover(bare)
    assert not any(":" in line and "set to" in line for line in install(repo).changes)


# ---- --hooks, --node ----


def test_exactly_the_hooks_that_are_asked_for(repo):
    assert install(repo, hooks=("post-receive",)).hooks == ("post-receive",)
    assert install(repo, hooks=("pre-push", "post-receive")).changes == ("pre-push: stub written",)
    assert install(repo, hooks=("pre-push",)).changes == ("post-receive: stub in hooks removed",)


def test_hooks_that_were_asked_for_once_stay(repo):
    install(repo, hooks=("pre-push", "post-receive"))
    assert install(repo).hooks == ("pre-push", "pre-receive", "post-receive")
    assert install(repo).changes == ()


def test_a_node_has_one_name_and_uninstall_takes_it_back(repo, bare):
    config(bare, "hookkit.node", "older")
    before = snapshot(bare)
    install(repo, node="alpha")
    assert install(repo).changes == ()
    assert install(repo, node="bravo").changes == ("hookkit.node: set to bravo (was alpha)",)
    assert repo.node == "bravo"
    uninstall(repo)
    assert differences(before, snapshot(bare)) == {}


@pytest.mark.parametrize("name", ["", "-x", "a b", "a/b", "é", "x" * 64])
def test_a_node_name_that_is_not_allowed(repo, bare, name):
    before = snapshot(bare)
    with pytest.raises(UsageError, match="--node") as caught:
        install(repo, node=name)
    assert caught.value.hint.startswith("allowed:")
    assert differences(before, snapshot(bare)) == {}


# ---- interpreters ----


def test_stubs_follow_the_interpreter(repo, bare, tmp_path, monkeypatch):
    install(repo)
    (tmp_path / "venv").symlink_to(Path(sys.prefix))
    moved = str(tmp_path / "venv" / "bin" / Path(sys.executable).name)
    old, _ = sys.executable, monkeypatch.setattr(sys, "executable", moved)
    changes = install(repo).changes
    assert changes == tuple(f"{name}: stub written anew (it started {old})" for name in ("pre-receive", "post-receive"))
    assert stub.interpreter((bare / "hooks/post-receive").read_bytes()) == moved


def test_a_stub_that_lost_its_permission_gets_it_back(repo, bare):
    install(repo)
    (bare / "hooks/post-receive").chmod(0o644)
    assert installed_hooks(repo) == ["pre-receive"]
    assert install(repo).changes == ("post-receive: stub made executable again",)


@pytest.mark.parametrize("python", ["/usr/bin/false", "/no/such/python", ""])
def test_an_interpreter_without_hookkit_is_refused(repo, bare, monkeypatch, python):
    before = snapshot(bare)
    monkeypatch.setattr(sys, "executable", python)
    with pytest.raises(HookkitError) as caught:
        install(repo)
    assert caught.value.hint is None or "pipx" in caught.value.hint
    assert differences(before, snapshot(bare)) == {}


# ---- others at work ----


def test_a_hook_that_replaced_the_stub_stays(repo, bare):
    install(repo)
    hook(bare / "hooks/post-receive")
    undone = uninstall(repo)
    assert (bare / "hooks/post-receive").read_text() == MINE
    assert undone.notes == ("hooks/post-receive is not hookkit's any more: it stays",)
    assert not (bare / "hooks/pre-receive").exists()
    assert not (bare / "hookkit").exists()


def test_a_hook_that_replaced_the_stub_is_kept_when_installing_again(repo, bare):
    install(repo)
    hook(bare / "hooks/post-receive")
    assert install(repo).changes == (
        "post-receive: stub written; the hook that was there is kept as hookkit-kept-post-receive and runs first",
    )
    uninstall(repo)
    assert (bare / "hooks/post-receive").read_text() == MINE


def test_a_hook_that_replaced_the_stub_of_a_kept_one(repo, bare):
    """There are two hooks now, and hookkit does not choose."""
    hook(bare / "hooks/post-receive", "#!/bin/sh\necho older\n")
    install(repo)
    hook(bare / "hooks/post-receive")
    there = snapshot(bare)
    with pytest.raises(UsageError, match="was replaced after hookkit had been installed") as caught:
        install(repo)
    assert "hookkit-kept-post-receive" in caught.value.cause
    assert differences(there, snapshot(bare)) == {}
    undone = uninstall(repo)
    assert (bare / "hooks/post-receive").read_text() == MINE
    assert (bare / "hooks/hookkit-kept-post-receive").read_text().endswith("older\n")
    assert "it stays" in undone.notes[0]


def test_the_stub_that_another_tool_moved_aside_still_finds_the_kept_hook(repo, bare):
    hook(bare / "hooks/post-receive", "#!/bin/sh\necho older\n")
    install(repo)
    (bare / "hooks/post-receive").rename(bare / "hooks/post-receive.legacy")
    hook(bare / "hooks/post-receive", '#!/bin/sh\nexec "$0.legacy" "$@"\n')
    done = process.run((str(bare / "hooks/post-receive"),), cwd=bare, env={**os.environ, "GIT_DIR": "."})
    assert done.stdout == b"older\n"


def test_configuration_that_was_changed_since_is_undone_key_by_key(repo, bare):
    config(bare, "core.fsync", "none")
    install(repo, node="alpha")
    config(bare, "remote.bravo.url", "ssh://bravo/x.git")
    config(bare, "receive.advertisePushOptions", "false")
    undone = uninstall(repo)
    assert config(bare, "core.fsync") == "none"
    assert config(bare, "hookkit.node") == ""
    assert config(bare, "remote.bravo.url") == "ssh://bravo/x.git"
    assert config(bare, "receive.advertisePushOptions") == "false"
    assert undone.notes == ("receive.advertisePushOptions was changed after install: it stays as it is",)


def test_all_values_of_a_key_come_back(repo, bare, monkeypatch):
    def hookkit_install() -> dict[str, str]:
        return {"transfer.hideRefs": "refs/hidden"}

    install_plugins(monkeypatch, {"hide": [hookkit_install]})
    config(bare, "--add", "transfer.hideRefs", "refs/a")
    config(bare, "--add", "transfer.hideRefs", "!refs/a/b")
    install(repo)
    assert config(bare, "--get-all", "transfer.hideRefs") == "refs/hidden"
    config(bare, "user.name", "later")
    uninstall(repo)
    assert config(bare, "--get-all", "transfer.hideRefs") == "refs/a\n!refs/a/b"
    assert config(bare, "user.name") == "later"


def test_an_installation_after_a_change_by_hand_does_not_forget_the_first_values(repo, bare):
    config(bare, "core.fsync", "none")
    install(repo)
    config(bare, "user.name", "later")
    install(repo, node="alpha")
    uninstall(repo)
    assert config(bare, "core.fsync") == "none"
    assert config(bare, "user.name") == "later"
    assert config(bare, "hookkit.node") == ""


def test_a_change_by_hand_that_was_taken_back_leaves_no_trace(repo, bare):
    before = snapshot(bare)
    install(repo)
    data = (bare / "config").read_bytes()
    config(bare, "user.name", "later")
    (bare / "config").write_bytes(data)
    uninstall(repo)
    assert differences(before, snapshot(bare)) == {}


def test_a_folder_that_install_made_stays_if_others_use_it(repo, bare):
    process.run(("rm", "-r", str(bare / "hooks")))
    install(repo)
    hook(bare / "hooks/update")
    uninstall(repo)
    assert [each.name for each in (bare / "hooks").iterdir()] == ["update"]


def test_without_its_record_uninstall_still_finds_the_hooks(repo, bare):
    hook(bare / "hooks/post-receive")
    hooks = snapshot(bare / "hooks")
    install(repo)
    process.run(("rm", "-r", str(bare / "hookkit")))
    assert uninstall(repo).changes
    assert differences(hooks, snapshot(bare / "hooks")) == {}
    assert not (bare / "hookkit").exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 2}', '{"format": 1, "method": "stub"}'])
def test_a_record_that_cannot_be_read_is_named(repo, bare, content):
    install(repo)
    (bare / "hookkit/install.json").write_text(content)
    for action in (install, uninstall):
        with pytest.raises(HookkitError, match=r"cannot read .*install\.json") as caught:
            action(repo)
        assert "remove that file" in caught.value.hint
    (bare / "hookkit/install.json").unlink()
    uninstall(repo)
    assert not (bare / "hooks/post-receive").exists()


def test_a_hooks_path_that_was_set_since_moves_the_stubs(repo, bare):
    hook(bare / "hooks/post-receive")
    before = snapshot(bare)
    install(repo)
    config(bare, "core.hooksPath", str(bare / "mine"))
    changes = install(repo).changes
    assert "post-receive: stub in hooks removed; the hook from before is back" in changes
    assert (bare / "hooks/post-receive").read_text() == MINE
    assert stub.is_ours((bare / "mine/post-receive").read_bytes())
    config(bare, "--unset", "core.hooksPath")
    uninstall(repo)
    assert not (bare / "mine").exists()
    assert differences(before, snapshot(bare)).keys() <= {"config"}


def test_a_template_may_bring_stubs(repo, bare):
    hook(bare / "hooks/post-receive", stub.text(HOOKS["post-receive"], "/old/python").decode())
    assert any("post-receive: stub written anew (it started /old/python)" in line for line in install(repo).changes)
    uninstall(repo)
    assert not (bare / "hooks/post-receive").exists()
