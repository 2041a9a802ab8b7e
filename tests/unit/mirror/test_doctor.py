"""What the mirror plugin looks at without asking anybody, and how it reads what remotes say."""

import sqlite3
import subprocess
import time
from pathlib import Path

import pytest

from hookkit import failures
from hookkit.api import RefUpdate, Repository
from hookkit.failures import Failure, Kind
from hookkit.options import Settings
from hookkit.probing import Probed, read
from hookkit_plugins.mirror import settings, starting
from hookkit_plugins.mirror.doctor import (
    access,
    background,
    backlog,
    checks,
    itself,
    leftovers,
    limits,
    next_step,
    outbox,
    refspecs,
)
from hookkit_plugins.mirror.doctor.subject import Subject
from hookkit_plugins.mirror.locks import remote_lock
from hookkit_plugins.mirror.outbox_file import open_outbox, outbox_path
from hookkit_plugins.mirror.remotes import Remote, select
from hookkit_plugins.mirror.stamps import stamp
from hookkit_plugins.mirror.store import Held

ZERO = "0" * 40
URL = "ssh://git@bravo.example.org/srv/project.git"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    path = tmp_path / "x.git"
    subprocess.run(("git", "init", "-q", "--bare", path), check=True)
    git(path, "config", "remote.bravo.url", URL)
    return path


def git(path: Path, *args: str) -> str:
    return subprocess.run(("git", "-C", path, *args), check=True, stdout=-1, text=True).stdout.strip()


def subject(path: Path) -> Subject:
    repo = Repository.discover(path)
    chosen = settings.read(repo)
    return Subject(repo, chosen, tuple(select(repo.config, Settings(repo.config, "mirror"), chosen.remotes)))


def commit(path: Path, ref: str, *parents: str, message: str = "a change") -> str:
    tree = git(path, "hash-object", "-t", "tree", "-w", "/dev/null")
    oid = git(path, "commit-tree", "-m", message, *(word for parent in parents for word in ("-p", parent)), tree)
    git(path, "update-ref", ref, oid)
    return oid


def found(look, path):
    return {check.name: check for check in look(subject(path))}


# ---- the outbox ----


def written(path: Path) -> Path:
    box = open_outbox(Repository.discover(path), print)
    for number in range(200):
        box.owe([RefUpdate(f"refs/heads/of-{number}", ZERO, "a" * 40)], ["bravo"])
    box.close()
    return outbox_path(Repository.discover(path))


def test_no_outbox_is_nothing_to_say(bare):
    assert found(outbox.checks, bare) == {}
    assert not outbox_path(Repository.discover(bare)).exists()


def test_an_outbox_that_can_be_read(bare):
    written(bare)
    assert found(outbox.checks, bare)["outbox"].verdict == "ok"


@pytest.mark.parametrize("part", ["all of it", "a page in the middle"])
def test_a_damaged_outbox_is_started_anew(bare, part):
    path = written(bare)
    data = path.read_bytes()
    path.write_bytes(b"nonsense" * 1000 if part == "all of it" else data[:8192] + b"\xff" * 4096 + data[12288:])
    check = found(outbox.checks, bare)["outbox"]
    assert check.verdict == "problem"
    assert "is damaged" in check.cause
    assert check.hint == "hookkit mirror sync"
    check.fix()
    assert found(outbox.checks, bare)["outbox"].verdict == "ok"
    (aside,) = path.parent.glob("outbox.damaged-*.sqlite")
    assert aside.stat().st_size >= 8000


def test_an_outbox_that_cannot_be_opened(bare):
    path = written(bare)
    path.unlink()
    path.mkdir()
    check = found(outbox.checks, bare)["outbox"]
    assert check.verdict == "problem"
    assert "unable to open" in check.cause
    assert check.fix is None


# ---- what is owed ----


def test_nothing_is_overdue(bare):
    written(bare)
    assert found(backlog.checks, bare)["deliveries"].verdict == "ok"


def test_a_debt_that_is_days_old(bare):
    path = written(bare)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE debt SET since = ?", (time.time() - 2 * 86400 - 60,))
    database.close()
    check = found(backlog.checks, bare)["deliveries to bravo"]
    assert check.verdict == "warning"
    assert check.cause == "200 refs behind since 2d"
    assert check.hint == "hookkit mirror sync bravo"


def test_held_refs_need_somebody(bare):
    box = open_outbox(Repository.discover(bare), print)
    now = time.time() - 3700
    box.hold("bravo", [(Held("refs/heads/main", now, "diverged", "b" * 40), None)])
    box.hold("bravo", [(Held("refs/heads/next", now, "refused", "refused: hook declined: no"), None)])
    box.close()
    checks = found(backlog.checks, bare)
    assert (checks["main at bravo"].verdict, checks["next at bravo"].verdict) == ("problem", "problem")
    assert checks["main at bravo"].cause == "diverged 1h ago: it has bbbbbbbbbbbb, which was never here"
    assert "git fetch bravo refs/heads/main" in checks["main at bravo"].hint
    assert checks["next at bravo"].cause == "not taken since 1h: refused: hook declined: no"
    assert checks["next at bravo"].hint == "change that, then: hookkit mirror sync bravo"


# ---- refspecs ----


def test_a_remote_without_a_refspec(bare):
    assert found(refspecs.checks, bare)["refspecs"].verdict == "ok"


@pytest.mark.parametrize(
    ("key", "value", "name", "verdict"),
    [
        ("fetch", "+refs/heads/*:refs/remotes/bravo/*", "fetch refspec of bravo", "warning"),
        ("fetch", "+refs/*:refs/*", "fetch refspec of bravo", "problem"),
        ("fetch", "+refs/heads/*:refs/heads/*", "fetch refspec of bravo", "problem"),
        ("mirror", "true", "mirror = true of bravo", "warning"),
    ],
)
def test_a_refspec_that_does_harm(bare, key, value, name, verdict):
    git(bare, "config", f"remote.bravo.{key}", value)
    check = found(refspecs.checks, bare)[name]
    assert check.verdict == verdict
    assert check.hint == f"git -C {bare} config --unset-all remote.bravo.{key}"
    subprocess.run(check.hint, shell=True, check=True)
    assert found(refspecs.checks, bare)["refspecs"].verdict == "ok"


@pytest.mark.parametrize(
    ("key", "value"), [("mirror", "false"), ("fetch", "refs/heads/main"), ("fetch", "^refs/heads/wip/*")]
)
def test_a_refspec_that_does_none(bare, key, value):
    git(bare, "config", f"remote.bravo.{key}", value)
    assert list(found(refspecs.checks, bare)) == ["refspecs"]


def test_remotes_that_are_off_and_repositories_with_a_work_tree_are_left_alone(bare, tmp_path):
    git(bare, "config", "remote.bravo.fetch", "+refs/*:refs/*")
    git(bare, "config", "remote.bravo.hookkit", "off")
    assert found(refspecs.checks, bare) == {}
    git(bare, "config", "core.bare", "false")
    git(bare, "config", "core.worktree", str(tmp_path))
    git(bare, "config", "--unset", "remote.bravo.hookkit")
    assert found(refspecs.checks, bare) == {}


# ---- refs/remotes ----


def test_leftovers_that_other_refs_contain_are_deleted(bare):
    first = commit(bare, "refs/heads/main")
    second = commit(bare, "refs/heads/main", first)
    git(bare, "update-ref", "refs/remotes/bravo/main", first)
    git(bare, "update-ref", "refs/remotes/bravo/next", second)
    git(bare, "symbolic-ref", "refs/remotes/bravo/HEAD", "refs/remotes/bravo/main")
    check = found(leftovers.checks, bare)["leftover copies"]
    assert check.verdict == "warning"
    assert check.cause.startswith("3 refs below refs/remotes/")
    check.fix()
    assert git(bare, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
    assert found(leftovers.checks, bare) == {}


def test_leftovers_that_are_the_last_of_their_kind_stay(bare):
    first = commit(bare, "refs/heads/main")
    alone = commit(bare, "refs/remotes/bravo/lost", first, message="somebody's only copy")
    git(bare, "update-ref", "refs/remotes/bravo/main", first)
    # That these contain it does not count: they are deleted one day.
    git(bare, "update-ref", "refs/hookkit/keep/bravo/x", alone)
    git(bare, "update-ref", "refs/remotes/charlie/lost", alone)
    checks = found(leftovers.checks, bare)
    assert "refs/remotes/bravo/lost, refs/remotes/charlie/lost" in checks["leftovers"].cause
    assert checks["leftovers"].fix is None
    assert checks["leftover copies"].cause.endswith(": refs/remotes/bravo/main")
    checks["leftover copies"].fix()
    assert git(bare, "for-each-ref", "--format=%(refname)", "refs/remotes").split() == [
        "refs/remotes/bravo/lost",
        "refs/remotes/charlie/lost",
    ]


def test_what_is_no_commit_stays_unless_another_ref_has_it(bare):
    commit(bare, "refs/heads/main")
    git(bare, "update-ref", "refs/remotes/bravo/tree", git(bare, "rev-parse", "main^{tree}"))
    git(bare, "tag", "-m", "a tag", "v1", "main")
    git(bare, "update-ref", "refs/remotes/bravo/v1", git(bare, "rev-parse", "v1"))
    checks = found(leftovers.checks, bare)
    assert checks["leftovers"].cause.endswith(": refs/remotes/bravo/tree")
    assert checks["leftover copies"].cause.endswith(": refs/remotes/bravo/v1")


def test_a_leftover_that_became_the_last_of_its_kind_meanwhile_stays(bare):
    commit(bare, "refs/heads/main")
    first = commit(bare, "refs/heads/next", message="another")
    git(bare, "update-ref", "refs/remotes/bravo/next", first)
    check = found(leftovers.checks, bare)["leftover copies"]
    git(bare, "update-ref", "-d", "refs/heads/next")
    check.fix()
    assert git(bare, "rev-parse", "refs/remotes/bravo/next") == first


def test_a_work_tree_may_have_them(bare, tmp_path):
    git(bare, "config", "core.bare", "false")
    git(bare, "config", "core.worktree", str(tmp_path))
    commit(bare, "refs/remotes/bravo/main")
    assert found(leftovers.checks, bare) == {}


# ---- what remotes say ----

TRACE = b"""12:10:48.096 pkt-line.c:80   packet: receive-pack> 0000 capabilities^{}\\0report-status agent=git/1.0
12:10:48.097 pkt-line.c:80   packet:         push< 0000000000000000000000000000000000000000 capabilities^{}\\0%s
12:10:48.098 pkt-line.c:80   packet:         push< 0000
"""


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (b"report-status push-options object-format=sha1 agent=git/2.39.5", Probed(None, "git/2.39.5", True)),
        (b"report-status agent=git/github-1234", Probed(None, "git/github-1234")),
        (b"report-status delete-refs", Probed(None)),
        (b"agent=evil\x1b[31m", Probed(None, "evil")),
    ],
)
def test_what_a_remote_tells_about_itself(words, answer):
    assert read(TRACE % words) == answer


@pytest.mark.parametrize("trace", [b"", b"12:10 pkt-line.c:80 packet: push< ERR access denied\n"])
def test_a_remote_that_tells_nothing(trace):
    assert read(trace) is None


@pytest.mark.parametrize(
    ("kind", "answer", "verdict", "says"),
    [
        ("mirror", Probed(None, "git/2.39.5", True), "ok", "(git/2.39.5, takes push options)"),
        ("mirror", Probed(None, "git/1.8.0"), "ok", "takes no push options"),
        ("peer", Probed(None, "git/2.39.5", True), "ok", "takes push options"),
        ("peer", Probed(None, "git/2.39.5"), "warning", "takes no push options: what it was sent it sends on"),
        ("peer", Probed(None, "git/2.30.2", True), "warning", "hookkit needs git 2.39 there as well"),
        ("mirror", Probed(None), "ok", "it does not say what it runs"),
        ("mirror", Probed(Failure(Kind.AUTH, "Permission denied (publickey).")), "problem", "not let in: Permission"),
    ],
)
def test_what_that_means(bare, kind, answer, verdict, says):
    check = access.judged(subject(bare), Remote("bravo", kind, URL, (), "bravo"), answer)
    assert (check.name, check.verdict) == ("remote bravo", verdict)
    assert says in check.cause
    assert check.hint or verdict == "ok"


@pytest.mark.parametrize(
    ("url", "kind", "hint"),
    [
        (URL, Kind.AUTH, "let this account's public key in there; try it: ssh git@bravo.example.org"),
        (
            "ssh://bravo:2222/x.git",
            Kind.OFFLINE,
            "nothing is lost, it is delivered later; to see more: ssh -p 2222 bravo",
        ),
        ("git@bravo:x.git", Kind.TIMEOUT, "nothing is lost, it is delivered later; to see more: ssh git@bravo"),
        ("ssh://git@[::1]:22/x", Kind.AUTH, "let this account's public key in there; try it: ssh -p 22 git@::1"),
        ("ssh://-oProxyCommand=x/y", Kind.AUTH, "the hint of the class"),
        (URL, Kind.MISSING, "create it there, or correct the URL: git -C {path} remote set-url bravo URL"),
        ("https://bravo/x.git", Kind.AUTH, "the hint of the class"),
        ("/srv/x.git", Kind.OFFLINE, "to see more: git -C {path} ls-remote bravo"),
        (URL, Kind.DENIED, "the hint of the class"),
    ],
)
def test_what_to_type_next(bare, url, kind, hint):
    failure = Failure(kind, "why", None if kind in (Kind.OFFLINE, Kind.TIMEOUT) else "the hint of the class")
    said = next_step.next_step(subject(bare), Remote("bravo", "mirror", url, (), "bravo"), failure)
    assert said == hint.format(path=bare)


@pytest.mark.parametrize("status", [128, 141])
def test_a_program_that_is_missing_here_is_not_a_remote_that_is_down(status):
    said = "git: 'remote-gopher' is not a git command. See 'git --help'.\n"
    assert failures.classify(status, said, 0.1).kind is Kind.REFUSED


@pytest.mark.parametrize("kind", [Kind.DISK_FULL, Kind.READ_ONLY, Kind.OFFLINE])
def test_what_only_a_push_meets_is_found_at_once(bare, kind):
    """Asked by doctor, the remote says that it can be pushed to."""
    owed_since(bare, 5)
    box = open_outbox(Repository.discover(bare), print)
    box.failed("bravo", URL, kind.value, f"{kind.value}: why")
    box.close()
    said = found(backlog.checks, bare)
    if kind is Kind.OFFLINE:
        assert list(said) == ["deliveries"]
    else:
        check = said["deliveries to bravo"]
        assert (check.verdict, check.cause) == ("problem", f"1 ref not taken since 5s: {kind.value}: why")
        assert check.hint == "change that, then: hookkit mirror sync bravo"


# ---- where remotes lead ----


@pytest.mark.parametrize("url", ["{path}", "file://{path}", "{path}/../x.git", "."])
def test_a_remote_that_leads_back_here(bare, url):
    assert found(itself.checks, bare) == {}
    git(bare, "config", "remote.bravo.url", url.format(path=bare))
    check = found(itself.checks, bare)["target of bravo"]
    assert check.verdict == "problem"
    assert check.hint == f"git -C {bare} remote set-url bravo URL"


def test_all_remotes_are_off(bare):
    git(bare, "config", "remote.bravo.hookkit", "off")
    (check,) = checks(Repository.discover(bare))
    assert "bravo is off" in check.cause
    assert check.hint == "hookkit config set remote.bravo.hookkit mirror"


# ---- limits ----


def test_who_is_to_wait_longer_than_the_hook_may_take(bare):
    assert found(limits.checks, bare) == {}
    git(bare, "config", "hookkit.mirror.wait", "120")
    check = found(limits.checks, bare)["limits"]
    assert (check.verdict, "120 s, but" in check.cause, "for 58 s" in check.cause) == ("warning", True, True)
    git(bare, *check.hint.removeprefix("hookkit ").replace("config set", "config").split())
    assert found(limits.checks, bare) == {}


# ---- what no worker knows of ----


@pytest.fixture
def started(tmp_path, monkeypatch):
    """The hosts whose workers would have been started; nothing waits in this account."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    hosts: list[str] = []
    monkeypatch.setattr(starting, "start_background", lambda *args, **_: hosts.append(args[-1]))
    return hosts


def owed_since(path: Path, seconds: float) -> None:
    box = open_outbox(Repository.discover(path), print)
    box.owe([RefUpdate("refs/heads/main", ZERO, "a" * 40)], ["bravo"])
    with box._db as db:
        db.execute("UPDATE debt SET since = ?", (time.time() - seconds,))
    box.close()


def failed(path: Path) -> None:
    box = open_outbox(Repository.discover(path), print)
    box.failed("bravo", URL, "offline", "offline: why")
    box.close()


def test_what_no_worker_knows_of_is_found_and_left_to_one(bare, started):
    """The repository was moved while it waited, say, or the index was lost."""
    owed_since(bare, 600)
    check = found(background.checks, bare)["waiting for bravo"]
    assert check.verdict == "warning"
    assert "1 ref behind since 10m" in check.cause
    assert check.hint == "hookkit mirror sync bravo"
    check.fix()
    assert started == ["bravo.example.org"]
    assert "waiting for bravo" not in found(background.checks, bare)


def test_a_push_that_is_on_its_way_is_not_forgotten(bare, started):
    owed_since(bare, 1)
    assert found(background.checks, bare) == {}, "its hook begins"
    owed_since(bare, 600)
    with remote_lock(Repository.discover(bare), "bravo", 0):
        assert found(background.checks, bare) == {}, "somebody delivers"


def test_a_hook_that_delivers_to_others_first_is_waited_for(bare, started):
    git(bare, "config", "remote.charlie.url", "ssh://charlie/x.git")
    owed_since(bare, 60)
    failed(bare)
    with remote_lock(Repository.discover(bare), "charlie", 0):
        assert "waiting for bravo" not in found(background.checks, bare)
        owed_since(bare, 600)
        assert "waiting for bravo" in found(background.checks, bare)


@pytest.mark.parametrize("has_failed", [False, True])
def test_a_hook_that_was_killed_is_not_waited_for(bare, started, has_failed):
    """Nor one that has failed, and could not leave it to a worker."""
    owed_since(bare, 1 if has_failed else 5)
    if has_failed:
        failed(bare)
    assert "no worker knows of it" in found(background.checks, bare)["waiting for bravo"].cause


def test_where_it_cannot_be_known_who_delivers_hooks_are_waited_for(bare, started, monkeypatch):
    monkeypatch.setattr(background, "held", lambda *_: None)
    owed_since(bare, 60)
    assert "waiting for bravo" not in found(background.checks, bare)
    owed_since(bare, 600)
    assert "waiting for bravo" in found(background.checks, bare)


def test_without_workers_somebody_has_to_type_it(bare, started):
    owed_since(bare, 5)
    git(bare, "config", "hookkit.mirror.worker", "false")
    check = found(background.checks, bare)["waiting for bravo"]
    assert (check.verdict, check.fix) == ("warning", None)
    assert check.cause == "1 ref behind since 5s, workers are off here and no timer runs"
    assert check.hint == "hookkit mirror sync bravo"
    offline = Failure(Kind.OFFLINE, "why")
    bravo = subject(bare).remotes[0]
    said = next_step.next_step(subject(bare), bravo, offline)
    assert said.startswith("nothing is lost; when it answers: hookkit mirror sync; to see more: ")
    stamp(bare.parent)
    assert list(found(background.checks, bare)) == ["timer"]
    assert "it is delivered later" in next_step.next_step(subject(bare), bravo, offline)


def test_a_remote_that_was_never_compared(bare, started):
    """It was renamed, say, or its URL changed: it would get nothing until the next push."""
    assert found(background.checks, bare) == {}, "there is nothing that it could lack"
    commit(bare, "refs/heads/main")
    check = found(background.checks, bare)["waiting for bravo"]
    assert "never compared" in check.cause
    check.fix()
    assert started == ["bravo.example.org"]


def test_a_repository_without_remotes(bare):
    git(bare, "config", "--remove-section", "remote.bravo")
    (check,) = checks(Repository.discover(bare))
    assert (check.name, check.verdict, check.hint) == ("mirroring", "warning", "git remote add NAME URL")


def test_a_dry_run_changes_nothing_and_runs_no_hook(bare, tmp_path):
    there = tmp_path / "there.git"
    subprocess.run(("git", "init", "-q", "--bare", there), check=True)
    commit(bare, "refs/heads/main")
    commit(there, "refs/heads/other")
    git(bare, "config", "remote.bravo.url", str(there))
    # Configuration of the account that a push would obey, and that the other side does not take.
    git(bare, "config", "push.pushOption", "ci.skip")
    for path in (bare / "hooks/pre-push", there / "hooks/pre-receive", there / "hooks/post-receive"):
        path.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
        path.chmod(0o755)
    before = sorted((path, path.stat().st_mtime_ns) for path in there.rglob("*"))
    said = found(access.checks, bare)
    assert said["remote bravo"].verdict == "ok", said
    assert sorted((path, path.stat().st_mtime_ns) for path in there.rglob("*")) == before
    assert not (tmp_path / "ran").exists()
