"""The plugin messages: refused where somebody commits, and where it is pushed to, by the same rules."""

from collections.abc import Callable
from pathlib import Path

import pytest
from support.account import BIN
from support.client import WorkingCopy
from support.cluster import Cluster
from support.node import Node


@pytest.fixture
def alpha(pair: Cluster) -> Node:
    pair["alpha"].hookkit(pair.repository, "plugins", "enable", "messages")
    return pair["alpha"]


@pytest.fixture
def work(pair: Cluster, pusher: Callable[[Cluster], WorkingCopy]) -> WorkingCopy:
    return pusher(pair)


def test_a_push_with_such_a_commit_is_refused(pair: Cluster, alpha: Node, work: WorkingCopy) -> None:
    work.commit("First")
    work.push("alpha", "HEAD:refs/heads/main")
    alpha.git(pair.repository, "config", "hookkit.messages.forbidden", "wip")
    good = work.commit("Second")
    bad = work.commit("Third is WIP.")
    done = work.push("alpha", "HEAD:refs/heads/main", check=False)
    assert done.status == 1
    assert "hookkit: refused by messages: the message of 1 new commit is not as it must be here (of 2)" in done.remote
    line = f"{bad[:7]} 'Third is WIP.': the subject ends with a full stop (full-stop); it contains 'wip' (forbidden)"
    assert f"hookkit:   {line}" in done.remote
    assert not any(good[:7] in each for each in done.remote)
    work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "Third")
    work.push("alpha", "HEAD:refs/heads/main")
    assert pair.is_equal()


def test_what_is_here_already_is_not_judged_again(pair: Cluster, alpha: Node, work: WorkingCopy) -> None:
    alpha.hookkit(pair.repository, "plugins", "disable", "messages")
    work.commit("Old sin.")
    work.push("alpha", "HEAD:refs/heads/main")
    alpha.hookkit(pair.repository, "plugins", "enable", "messages")
    work.commit("New")
    work.push("alpha", "HEAD:refs/heads/main", "HEAD:refs/heads/topic")
    work.push("alpha", ":refs/heads/topic")
    # Tags and whatever else is not under `refs` bring what they like.
    work.git("checkout", "--quiet", "--detach")
    work.commit("Not on a branch.")
    work.push("alpha", "HEAD:refs/notes/x")
    # That is no way to a branch, neither to one that is there nor to a new one.
    for branch in ("main", "other"):
        done = work.push("alpha", f"HEAD:refs/heads/{branch}", check=False)
        assert any("'Not on a branch.': the subject ends with a full stop" in line for line in done.remote)


def test_what_is_not_checked_elsewhere_is_checked_where_it_goes(pair: Cluster, alpha: Node, work: WorkingCopy) -> None:
    alpha.git(pair.repository, "config", "hookkit.messages.refs", "refs/heads/main")
    work.commit("First")
    work.push("alpha", "HEAD:refs/heads/main")
    work.commit("Just trying.")
    work.push("alpha", "HEAD:refs/heads/topic")
    done = work.push("alpha", "HEAD:refs/heads/main", check=False)
    assert any("'Just trying.': the subject ends with a full stop" in line for line in done.remote)


def test_merges_are_gits_to_word(pair: Cluster, alpha: Node, work: WorkingCopy) -> None:
    work.commit("First")
    work.git("checkout", "--quiet", "-b", "topic")
    work.commit("Second")
    work.git("checkout", "--quiet", "-")
    work.git("merge", "--quiet", "--no-ff", "-m", "Merge branch 'topic'.", "topic")
    work.push("alpha", "HEAD:refs/heads/main")
    work.git("commit", "--quiet", "--amend", "-m", "Merge it.")
    alpha.git(pair.repository, "config", "hookkit.messages.merges", "true")
    assert work.push("alpha", "+HEAD:refs/heads/main", check=False).status == 1


def test_another_server_may_be_exempt(pair: Cluster, alpha: Node, work: WorkingCopy) -> None:
    work.commit("Not as it must be.")
    assert work.push("alpha", "HEAD:refs/heads/main", check=False).status == 1
    who = alpha.run("id", "-un").stdout.strip()
    alpha.git(pair.repository, "config", "hookkit.messages.exempt", f"mirror {who}")
    work.push("alpha", "HEAD:refs/heads/main")


@pytest.fixture
def clone(work: WorkingCopy) -> WorkingCopy:
    """A clone in which the plugin is on."""
    for args in (("install",), ("plugins", "enable", "messages")):
        work.client.run(str(BIN / "hookkit"), "-C", str(work.path), *args)
    return work


def editor(work: WorkingCopy, text: str) -> dict[str, str]:
    """Somebody who writes ``text`` before what git has put into the file."""
    script = work.client.home / "editor"
    script.write_text(f'#!/bin/sh\nprintf \'%s\\n\' \'{text}\' | cat - "$1" >"$1.new" && mv "$1.new" "$1"\n')
    script.chmod(0o755)
    return {"GIT_EDITOR": str(script)}


def test_a_commit_is_refused_before_it_is_made(clone: WorkingCopy) -> None:
    clone.git("config", "hookkit.messages.pattern", "ABC-[0-9]+")
    clone.git("config", "hookkit.messages.pattern-help", "name an issue, such as ABC-7")
    refused = clone.git("commit", "--allow-empty", "-m", "Fix it.", check=False)
    assert refused.status == 1
    assert refused.stderr.splitlines() == [
        "hookkit: refused by messages: the subject ends with a full stop (full-stop)",
        "hookkit:   name an issue, such as ABC-7 (pattern)",
        "hookkit:   the message is kept; to change it: git commit --edit --file .git/COMMIT_EDITMSG",
    ]
    clone.git("commit", "--quiet", "--allow-empty", "-m", "ABC-7 Fix it")
    again = ("commit", "--allow-empty", "--edit", "--file", ".git/COMMIT_EDITMSG")
    clone.git(*again, env={"GIT_EDITOR": "true"})
    assert clone.git("log", "-1", "--format=%s").stdout == "ABC-7 Fix it\n"


def test_what_git_itself_writes_into_the_editor_is_no_message(clone: WorkingCopy) -> None:
    clone.git("config", "hookkit.messages.forbidden", "untracked")
    (clone.path / "x.txt").write_text("Untracked\n")
    clone.git("add", "x.txt")
    (Path(clone.path) / "y.txt").write_text("not added\n")
    clone.git("commit", "--quiet", "--verbose", env=editor(clone, "Add x"))
    assert clone.git("log", "-1", "--format=%B").stdout.strip() == "Add x"
    assert clone.git("commit", "--allow-empty", env=editor(clone, "Untracked"), check=False).status == 1
