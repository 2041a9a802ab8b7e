"""install and uninstall where real git and real gitolite call the hooks: what a push sets off, and what is left of it."""

import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support.client import Client, WorkingCopy
from support.gitolite import GitoliteNode
from support.node import Node
from support.poll import until
from support.trees import Tree, differences, snapshot

SERVER_HOOKS = ("pre-receive", "update", "reference-transaction", "post-receive", "post-update")
GITEA = """#!/usr/bin/env bash
data=$(cat)
exitcodes=""
hookname=$(basename $0)
GIT_DIR=${GIT_DIR:-$(dirname $0)/..}
for hook in ${GIT_DIR}/hooks/${hookname}.d/*; do
  test -x "${hook}" && test -f "${hook}" || continue
  echo "${data}" | "${hook}" "$@"
  exitcodes="${exitcodes} $?"
done
for i in ${exitcodes}; do
  [ ${i} -eq 0 ] || exit ${i}
done
"""
GITLAB = GITEA.replace("hooks/${hookname}.d", "custom_hooks/${hookname}.d")


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def recording(who: str, hook: str, log: Path) -> str:
    """A hook that writes down what it got, on one line, and says that it was there."""
    return f'#!/bin/sh\necho "{who} {hook} $* | $(tr "\\n" ";")" >> {log}\necho "{who} {hook} was here"\n'


def standing(repository: Path) -> Tree:
    """The repository without what a push changes, and without scripts."""
    others = ("objects", "refs", "packed-refs", "logs", "info/refs", "index", "hooks.d")
    return {path: file for path, file in snapshot(repository).items() if not path.startswith(others)}


@pytest.fixture
def server(nodes: Callable[..., list[Node]]) -> Node:
    (node,) = nodes("alpha", kind="path")
    node.create_repository("project")
    return node


@pytest.fixture
def work(server: Node, client: Client) -> WorkingCopy:
    work = client.init("project")
    work.git("remote", "add", "alpha", server.url("project"))
    work.commit("first")
    return work


def with_scripts(node: Node, repository: str, *hooks: str, log: Path) -> None:
    """The scripts plugin on, with a script for each of ``hooks``."""
    for hook in hooks:
        script(node.path(repository) / "hooks.d" / hook / "mine", recording("plugin", hook, log))
    node.git(repository, "config", "hookkit.scripts.enabled", "true")


def test_kept_hooks_get_what_git_gave_them_and_run_before_the_plugins(server, work, tmp_path):
    """Compared, word for word, with a repository that has the same hooks and no hookkit."""
    log, control = tmp_path / "log", tmp_path / "control"
    for name in ("project", "control"):
        server.create_repository(name)
        for hook in SERVER_HOOKS:
            script(server.path(name) / "hooks" / hook, recording("kept", hook, log if name == "project" else control))
    with_scripts(server, "project", *SERVER_HOOKS, log=log)
    before = standing(server.path("project"))
    server.hookkit("project", "install")
    refs = ("HEAD:refs/heads/main", "HEAD:refs/heads/größe", "HEAD:refs/tags/v1")
    said = work.git("push", "alpha", *refs).stderr
    work.git("push", server.url("control"), *refs)

    alone = control.read_text().splitlines()
    assert len(alone) > len(SERVER_HOOKS)
    assert log.read_text().splitlines() == [
        line.replace("kept", who, 1) for line in alone for who in ("kept", "plugin")
    ]
    assert "kept pre-receive was here" in said
    assert "plugin post-receive was here" in said

    server.hookkit("project", "uninstall")
    server.git("project", "config", "--unset", "hookkit.scripts.enabled")
    assert differences(before, standing(server.path("project"))).keys() <= {"config"}
    log.unlink()
    work.commit("second")
    work.push("alpha", "HEAD:refs/heads/main")
    assert log.read_text().count("kept post-receive") == 1
    assert "plugin" not in log.read_text()


@pytest.mark.parametrize("who", ["kept", "plugin"])
def test_whoever_refuses_the_push_is_refused_and_the_other_is_heard(server, work, tmp_path, who):
    log = tmp_path / "log"
    texts = {each: recording(each, "pre-receive", log) for each in ("kept", "plugin")}
    texts[who] += "exit 1\n"
    script(server.path("project") / "hooks/pre-receive", texts["kept"])
    script(server.path("project") / "hooks.d/pre-receive/mine", texts["plugin"])
    server.git("project", "config", "hookkit.scripts.enabled", "true")
    server.hookkit("project", "install")
    done = work.push("alpha", "HEAD:refs/heads/main", check=False)
    assert done.status == 1
    assert "[remote rejected] HEAD -> main (pre-receive hook declined)" in done.stderr
    assert "kept pre-receive was here" in done.stderr
    assert "plugin pre-receive was here" in done.stderr
    assert server.refs("project") == {}


def test_a_hook_that_does_not_read_its_input(server, work):
    script(server.path("project") / "hooks/pre-receive", "#!/bin/sh\nexit 0\n")
    server.hookkit("project", "install")
    refs = [f"HEAD:refs/heads/{number:04}-{'x' * 150}" for number in range(1000)]
    work.push("alpha", *refs)
    assert len(server.refs("project")) == 1000


def test_a_hook_that_git_ignored_before_is_ignored_still(server, work, tmp_path):
    path = server.path("project") / "hooks/post-receive"
    path.write_text(recording("kept", "post-receive", tmp_path / "log"))
    path.chmod(0o644)
    (server.path("project") / "hooks/pre-receive").symlink_to("/no/such/place")
    server.hookkit("project", "install")
    work.push("alpha", "HEAD:refs/heads/main")
    assert not (tmp_path / "log").exists()


def test_without_its_interpreter_nothing_is_pushed_past_the_plugins(server, work, tmp_path):
    (tmp_path / "venv").mkdir()
    stub = server.path("project") / "hooks/pre-receive"
    server.hookkit("project", "install")
    text = stub.read_text()
    python = next(line for line in text.splitlines() if line.startswith("python="))
    stub.write_text(text.replace(python, "python=/no/such/python"))
    done = work.push("alpha", "HEAD:refs/heads/main", check=False)
    assert done.status == 1
    assert "hookkit: /no/such/python is gone: run `hookkit install` again" in done.remote


def test_not_one_push_misses_its_hook_while_hookkit_comes_and_goes(server, work, tmp_path):
    log = tmp_path / "log"
    script(server.path("project") / "hooks/post-receive", recording("kept", "post-receive", log))
    server.hookkit("project", "install")
    before = standing(server.path("project"))
    ended = threading.Event()

    def come_and_go() -> None:
        while not ended.is_set():
            server.hookkit("project", "uninstall")
            server.hookkit("project", "install")

    thread = threading.Thread(target=come_and_go)
    thread.start()
    try:
        for number in range(15):
            until(lambda ref=f"HEAD:refs/heads/b{number}": _is_accepted(work, ref), "the push is accepted")
    finally:
        ended.set()
        thread.join()
    assert log.read_text().count("kept post-receive") == 15
    changed = differences(before, standing(server.path("project")))
    # What is made again whenever a hook runs.
    assert {path for path in changed if "/plugins." not in path and "/quiet-" not in path} == set()


def _is_accepted(work, refspec):
    """Git looks whether a hook is there, and starts it then: where it has gone in between, git refuses the push."""
    done = work.push("alpha", refspec, check=False)
    assert done.status == 0 or re.search(r"hooks/\S+: No such file", done.stderr), done.stderr
    return done.status == 0


def test_client_hooks_in_linked_work_trees_and_submodules(client, tmp_path):
    log = tmp_path / "log"
    first = client.init("first")
    first.commit("first")
    first.git("worktree", "add", "--quiet", "../linked")
    outer = client.init("outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(first.path), "sub")
    for folder, git_dir in (("linked", first.path / ".git"), ("outer/sub", outer.path / ".git/modules/sub")):
        log.unlink(missing_ok=True)
        script(git_dir / "hooks/pre-commit", recording("kept", "pre-commit", log))
        script(git_dir / "hooks.d/pre-commit/mine", recording("plugin", "pre-commit", log))
        tree = WorkingCopy(client, client.home / folder)
        tree.git("config", "hookkit.scripts.enabled", "true")
        client.run("git", "hookkit", "-C", str(tree.path), "install")
        tree.commit("more")
        assert log.read_text() == "kept pre-commit  | \nplugin pre-commit  | \n"


# ---- platforms ----


def test_gitea_keeps_its_hooks(server, work, tmp_path):
    log, hooks = tmp_path / "log", server.path("project") / "hooks"
    for hook in ("pre-receive", "update", "post-receive"):
        script(hooks / hook, GITEA)
        script(hooks / f"{hook}.d/gitea", recording("gitea", hook, log))
    with_scripts(server, "project", "pre-receive", "update", "post-receive", log=log)
    before = standing(server.path("project"))
    server.hookkit("project", "install")
    added = differences(before, standing(server.path("project"))).keys()
    drop_ins = {f"hooks/{hook}.d/hookkit" for hook in ("pre-receive", "update", "post-receive")}
    assert {path for path in added if path.startswith("hooks")} == drop_ins
    work.push("alpha", "HEAD:refs/heads/main")
    said = [line.split()[:2] for line in log.read_text().splitlines()]
    assert said == [[who, hook] for hook in ("pre-receive", "update", "post-receive") for who in ("gitea", "plugin")]
    server.hookkit("project", "uninstall")
    assert differences(before, standing(server.path("project"))) == {}


def test_gitlab_calls_its_drop_ins(server, work, tmp_path):
    """Gitaly has git look for hooks in a folder of its own, for each push."""
    log, own = tmp_path / "log", tmp_path / "gitaly"
    for hook in ("pre-receive", "post-receive"):
        script(own / hook, GITLAB)
    server.git("project", "config", "gitlab.fullpath", "group/project")
    with_scripts(server, "project", "pre-receive", "post-receive", log=log)
    before = standing(server.path("project"))
    server.hookkit("project", "install")
    work.git("push", f"--receive-pack=git -c core.hooksPath={own} receive-pack", "alpha", "HEAD:refs/heads/main")
    assert [line.split()[:2] for line in log.read_text().splitlines()] == [
        ["plugin", "pre-receive"],
        ["plugin", "post-receive"],
    ]
    server.hookkit("project", "uninstall")
    assert differences(before, standing(server.path("project"))) == {}


@pytest.fixture
def gitolite(nodes: Callable[..., list[Node]]) -> GitoliteNode:
    (node,) = nodes("alpha", kind="gitolite")
    assert isinstance(node, GitoliteNode)
    return node


def pushed(client: Client, node: Node, repository: str) -> list[str]:
    """Clone, commit and push over ssh; what the server said."""
    work = client.clone(node.url(repository))
    work.commit(f"to {repository}")
    return work.push("origin", "HEAD:refs/heads/main").remote


def test_gitolite_repositories_come_and_go_byte_for_byte(gitolite, client, tmp_path):
    log = tmp_path / "log"
    gitolite.create_repository("project")
    before = {name: standing(gitolite.path(name)) for name in ("project", "testing", "gitolite-admin")}
    done = gitolite.run("hookkit", "install", "--all", str(gitolite.repositories), "--node", "alpha")
    assert "3 repositories" in done.stdout
    for name in before:
        assert (gitolite.path(name) / "hooks/update").is_symlink()
        assert not list((gitolite.path(name) / "hooks").glob("post-receive.*"))
    with_scripts(gitolite, "project", "post-receive", log=log)
    gitolite.hookkit("project", "install")
    assert "plugin post-receive was here" in pushed(client, gitolite, "project")
    # The admin repository still does what it is for, and gitolite's own set-up does not undo what was installed.
    gitolite.create_repository("another")
    gitolite.run("gitolite", "setup")
    pushed(client, gitolite, "another")
    assert "nothing to change" in gitolite.hookkit("project", "install").stdout
    gitolite.git("project", "config", "--unset", "hookkit.scripts.enabled")
    gitolite.run("hookkit", "uninstall", "--all", str(gitolite.repositories))
    for name, tree in before.items():
        changed = {path for path in differences(tree, standing(gitolite.path(name))) if path != "gl-conf"}
        assert changed == set(), name


def test_gitolite_keeps_update(gitolite):
    done = gitolite.hookkit("testing", "install", "--hooks", "update", check=False)
    assert done.status == 2
    assert done.stderr.splitlines() == [
        "error: the hook update cannot be had here",
        "caused by: in this repository update is gitolite's own",
        "hint: use pre-receive: it sees all refs of a push, and can refuse",
    ]
    script(gitolite.path("testing") / "hooks.d/update/mine", "#!/bin/sh\n")
    gitolite.git("testing", "config", "hookkit.scripts.enabled", "true")
    done = gitolite.hookkit("testing", "install")
    assert "note: update is left out" in done.stdout
    assert "gitolite" in (gitolite.path("testing") / "hooks/update").read_text().lower()


def test_a_hook_that_gitolite_links_everywhere(gitolite, client, tmp_path):
    log = tmp_path / "log"
    shared = gitolite.home / ".gitolite/hooks/common/post-receive"
    script(shared, recording("common", "post-receive", log))
    gitolite.run("gitolite", "setup")
    gitolite.create_repository("project")
    link = gitolite.path("project") / "hooks/post-receive"
    assert link.is_symlink()
    before, content = standing(gitolite.path("project")), shared.read_bytes()
    with_scripts(gitolite, "project", "post-receive", log=log)
    done = gitolite.hookkit("project", "install")
    assert "post-receive was a link that `gitolite setup` makes again" in done.stdout
    said = pushed(client, gitolite, "project")
    assert [line for line in said if "was here" in line] == [
        "common post-receive was here",
        "plugin post-receive was here",
    ]
    gitolite.run("gitolite", "setup")
    assert link.is_symlink()
    assert "post-receive: stub written" in gitolite.hookkit("project", "install").stdout
    assert not link.is_symlink()
    assert shared.read_bytes() == content
    gitolite.hookkit("project", "uninstall")
    gitolite.git("project", "config", "--unset", "hookkit.scripts.enabled")
    changed = {path for path in differences(before, standing(gitolite.path("project"))) if path != "gl-conf"}
    assert changed == set()


@pytest.mark.parametrize(
    ("before", "after"), [(None, "committed"), ("none", "committed"), ("committed", "committed"), ("all", "all")]
)
def test_what_is_flushed_is_never_less_than_before(
    nodes: Callable[..., list[Node]], before: str | None, after: str
) -> None:
    (alpha,) = nodes("alpha", kind="path")
    alpha.create_repository("project")
    if before:
        alpha.git("project", "config", "core.fsync", before)
    for _ in range(2):
        alpha.hookkit("project", "install")
        assert alpha.git("project", "config", "core.fsync").stdout.strip() == after
    alpha.hookkit("project", "uninstall")
    assert alpha.git("project", "config", "core.fsync", check=False).stdout.strip() == (before or "")
