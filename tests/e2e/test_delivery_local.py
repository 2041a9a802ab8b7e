"""Deliveries between repositories on one disk: what a remote ends up with, whatever happened to it or to us meanwhile."""

import os
import shlex
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookkit.api import Push, RefUpdate, Repository
from hookkit.failures import Kind
from hookkit_plugins.mirror import calling, delivery, remotes, settings, trail
from hookkit_plugins.mirror.delivery import Delivery, Report
from hookkit_plugins.mirror.fanout import deliver
from hookkit_plugins.mirror.hook import after_push
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.link import Link
from hookkit_plugins.mirror.locks import remote_lock
from hookkit_plugins.mirror.outbox_file import open_outbox
from hookkit_plugins.mirror.porcelain import RefResult
from hookkit_plugins.mirror.retry import Deadline
from hookkit_plugins.mirror.status import standings
from hookkit_plugins.mirror.store import Outbox
from hookkit_plugins.mirror.trail import Trail
from hookkit_plugins.mirror.waiting import opened

MAIN, DEV, TAG = "refs/heads/main", "refs/heads/dev", "refs/tags/v1"


class Place:
    """A bare repository that somebody else has."""

    def __init__(self, path: Path, *init: str) -> None:
        self.path = path
        self.away = path.with_suffix(".away")
        subprocess.run(("git", "init", "--quiet", "--bare", *init, str(path)), check=True)

    def git(self, *args: str, stdin: str = "", check: bool = True) -> str:
        done = subprocess.run(
            ("git", "-C", str(self.path), *args),
            input=os.fsencode(stdin),
            capture_output=True,
            check=check,
        )
        return os.fsdecode(done.stdout).strip()

    def refs(self, *patterns: str) -> dict[str, str]:
        listed = self.git("for-each-ref", "--format=%(objectname) %(refname)", *patterns)
        return {ref: oid for oid, ref in (line.split(" ", 1) for line in listed.split("\n") if line)}

    def commit(self, message: str, *parents: str) -> str:
        tree = self.git("mktree")
        return self.git("commit-tree", tree, "-m", message, *(word for parent in parents for word in ("-p", parent)))

    def hook(self, name: str, script: str) -> Path:
        path = self.path / "hooks" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def leave(self) -> None:
        self.path.rename(self.away)

    def come_back(self) -> None:
        self.away.rename(self.path)


class Here(Place):
    """The repository that is mirrored."""

    def __init__(self, path: Path, *init: str) -> None:
        super().__init__(path, *init)
        self.repo = Repository.discover(path)
        self.outbox = open_outbox(self.repo, print)

    def owe(self, *updates: RefUpdate, outbox: Outbox | None = None) -> None:
        names = [remote.name for remote in self.remotes()]
        (outbox or self.outbox).owe(updates, names)

    def set(self, *changes: tuple[str, str | None]) -> None:
        """Change refs as a push does, and write down what that means for the remotes."""
        zero = "0" * len(self.git("hash-object", "-t", "tree", "/dev/null"))
        before = self.refs()
        updates = [RefUpdate(ref, before.get(ref, zero), new or zero) for ref, new in changes]
        self.git("update-ref", "--stdin", "-z", stdin="".join(f"update {u.ref}\0{u.new}\0\0" for u in updates))
        self.owe(*updates)

    def remotes(self) -> list[remotes.Remote]:
        self.repo.reload()
        return remotes.select(self.repo.config, self.repo.settings("mirror"), ())

    def config(self, key: str, value: str) -> None:
        self.git("config", key, value)

    def deliver(
        self,
        *,
        full: bool = False,
        told: Trail | None = None,
        name: str = "bravo",
        wait: float = 30,
        patient: bool = False,
    ) -> Report:
        (remote,) = (each for each in self.remotes() if each.name == name)
        deadline = Deadline(wait, patient=patient)
        return Delivery(self.repo, settings.read(self.repo), remote, self.outbox, told, deadline).run(full=full)

    def state(self, name: str = "bravo") -> str:
        self.repo.reload()
        (standing,) = (each for each in standings(self.repo) if each.remote.name == name)
        return standing.state


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    here = Here(tmp_path / "here.git")
    yield here
    here.outbox.close()


@pytest.fixture
def bravo(here: Here, tmp_path: Path) -> Place:
    bravo = Place(tmp_path / "bravo.git")
    here.config("remote.bravo.url", str(bravo.path))
    return bravo


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every network command, in order."""
    made: list[str] = []
    real = Link._git

    def counted(link: Link, *args: str) -> object:
        made.append(args[0])
        return real(link, *args)

    monkeypatch.setattr(Link, "_git", counted)
    return made


MIRRORED = ("refs/heads", "refs/tags", "refs/notes")


def equal(here: Here, *others: Place) -> bool:
    return all(other.refs(*MIRRORED) == here.refs(*MIRRORED) for other in others)


# ---- what is sent ----


def test_first_contact_and_what_comes_after(here: Here, bravo: Place, calls: list[str]) -> None:
    one = here.commit("one")
    assert here.state() == "unknown"
    here.set((MAIN, one))
    assert here.deliver().ok
    assert equal(here, bravo)
    assert calls == ["ls-remote", "push"]
    calls.clear()
    here.set((MAIN, here.commit("two", one)))
    report = here.deliver()
    assert report.ok
    assert [sent.forced for sent in report.sent] == [False]
    assert calls == ["push"]
    assert here.state() == "in-sync"


def test_everything_that_can_happen_to_refs(here: Here, bravo: Place) -> None:
    one, other = here.commit("one"), here.commit("other")
    two = here.commit("two", one)
    tag = here.git("mktag", stdin=f"object {one}\ntype commit\ntag v1\ntagger t <t@t> 1 +0000\n\nv1\n")
    blob = here.git("hash-object", "-w", "--stdin", stdin="text")
    tree = here.git("mktree", stdin=f"100644 blob {blob}\tfile\n")
    steps: list[list[tuple[str, str | None]]] = [
        [(MAIN, one), (DEV, two), (TAG, tag), ("refs/notes/commits", one), ("refs/tags/light", one)],
        [(MAIN, two), (TAG, one), ("refs/tags/light", tag), ("refs/notes/commits", two)],  # tags move
        [(MAIN, other), ("refs/notes/commits", other)],  # forced
        [(MAIN, one), (DEV, None), (TAG, None)],  # rewound and deleted
        [("refs/tags/blob", blob), ("refs/tags/tree", tree)],
        [("refs/tags/blob", tree), ("refs/tags/tree", None)],
        [(DEV, other), (TAG, tag)],  # made again
        [(MAIN, None), (DEV, None), (TAG, None), ("refs/tags/blob", None), ("refs/tags/light", None)],
    ]
    bravo.git("symbolic-ref", "HEAD", "refs/heads/none")
    for step in steps:
        here.set(*step)
        report = here.deliver()
        assert report.ok, report
        assert len(report.sent) == len(step)
        assert equal(here, bravo)
    assert here.outbox.owed("bravo")[0] == 0


def test_while_it_was_away(here: Here, bravo: Place) -> None:
    one, other = here.commit("one"), here.commit("other")
    here.set((MAIN, one), (DEV, one), (TAG, one))
    here.deliver()
    bravo.leave()
    here.set((MAIN, other), (DEV, None), (TAG, other))
    report = here.deliver()
    assert report.failure
    assert report.failure.kind is Kind.MISSING
    assert report.queued == 3
    here.set((MAIN, here.commit("third")), ("refs/heads/new", one))
    here.deliver()
    assert here.state() == "refused"
    bravo.come_back()
    here.set(("refs/heads/new", None))
    assert here.deliver().ok
    assert equal(here, bravo)
    assert here.state() == "in-sync"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_both_kinds_of_object_names(tmp_path: Path, algorithm: str) -> None:
    here = Here(tmp_path / "here.git", f"--object-format={algorithm}")
    bravo = Place(tmp_path / "bravo.git", f"--object-format={algorithm}")
    here.config("remote.bravo.url", str(bravo.path))
    one = here.commit("one")
    for step in ([(MAIN, one), (DEV, one)], [(MAIN, here.commit("other"))], [(DEV, None)]):
        here.set(*step)  # type: ignore[arg-type]
        assert here.deliver().ok
        assert equal(here, bravo)


def test_a_remote_with_other_object_names(tmp_path: Path) -> None:
    here = Here(tmp_path / "here.git")
    Place(tmp_path / "bravo.git", "--object-format=sha256")
    here.config("remote.bravo.url", str(tmp_path / "bravo.git"))
    here.set((MAIN, here.commit("one")))
    report = here.deliver()
    assert report.failure
    assert report.failure.kind is Kind.REFUSED
    assert report.queued == 1


@pytest.mark.parametrize(
    "name", ["--upload-pack=x", "a'b\"c", "p%c", "ünï", "line\u2028separator", "bytes-\udcff\udc80", "#x"]
)
def test_odd_names(here: Here, bravo: Place, name: str) -> None:
    ref = f"refs/heads/{name}"
    one, other = here.commit("one"), here.commit("other")
    for value in (one, other, None):
        here.set((ref, value))
        assert here.deliver().ok
        assert bravo.refs() == ({ref: value} if value else {})
    here.set((ref, one))
    assert here.deliver(full=True).ok
    assert bravo.refs() == {ref: one}


def test_2000_refs(here: Here, bravo: Place, calls: list[str]) -> None:
    one = here.commit("one")
    here.set(*((f"refs/heads/topic/{number}", one) for number in range(2000)))
    assert here.deliver().ok
    assert len(bravo.refs()) == 2000
    here.set(*((f"refs/heads/topic/{number}", None) for number in range(2000)))
    assert here.deliver().ok
    assert bravo.refs() == {}
    assert calls == ["ls-remote", "push", "push"]


def test_a_name_that_becomes_a_folder_and_back(here: Here, bravo: Place) -> None:
    one = here.commit("one")
    for changes in ([("refs/heads/a", one)], [("refs/heads/a", None), ("refs/heads/a/b", one)]):
        for change in changes:
            here.set(change)
        assert here.deliver().ok
        assert equal(here, bravo)
    here.set(("refs/heads/a/b", None))
    here.set(("refs/heads/a", one))
    assert here.deliver().ok
    assert equal(here, bravo)


def test_names_that_exclude_each_other(here: Here, bravo: Place) -> None:
    """The remote has ``a`` of its own: ours cannot go there, which is said, and does not stop the others."""
    theirs = bravo.commit("theirs")
    bravo.git("update-ref", "refs/heads/a", theirs)
    one = here.commit("one")
    here.set(("refs/heads/a/b", one), (MAIN, one))
    report = here.deliver()
    assert report.failure is None
    assert [(held.ref, held.verdict) for held in report.held] == [("refs/heads/a/b", "refused")]
    assert "exists" in report.held[0].detail
    assert bravo.refs() == {"refs/heads/a": theirs, MAIN: one}
    bravo.git("update-ref", "-d", "refs/heads/a")
    assert here.deliver(full=True).ok
    assert equal(here, bravo)


# ---- what is left alone ----


def test_what_only_the_remote_has(here: Here, bravo: Place) -> None:
    theirs = bravo.commit("theirs")
    bravo.git("update-ref", "refs/heads/theirs", theirs)
    bravo.git("update-ref", "refs/pull/1/head", theirs)
    one = here.commit("one")
    here.set((DEV, one))
    here.deliver()
    here.set((DEV, None))
    here.deliver()
    here.deliver(full=True)
    assert bravo.refs() == {"refs/heads/theirs": theirs, "refs/pull/1/head": theirs}


@pytest.mark.parametrize("change", ["forward", "forced", "deleted"])
def test_what_moved_there_is_left_alone(here: Here, bravo: Place, change: str) -> None:
    one = here.commit("one")
    here.set((MAIN, one), (DEV, one))
    here.deliver()
    theirs = bravo.commit("theirs", one)
    bravo.git("update-ref", MAIN, theirs)
    new = {"forward": here.commit("two", one), "forced": here.commit("other"), "deleted": None}[change]
    here.set((MAIN, new), (DEV, here.commit("three", one)))
    report = here.deliver()
    assert [(held.ref, held.verdict, held.detail) for held in report.held] == [(MAIN, "diverged", theirs)]
    assert [sent.change.ref for sent in report.sent] == [DEV]
    assert bravo.refs()[MAIN] == theirs
    assert here.state() == "diverged"
    # Again, by hand: it stays.
    here.deliver(full=True)
    assert bravo.refs()[MAIN] == theirs
    # A merge that contains it heals it.
    here.git("fetch", "--quiet", str(bravo.path), MAIN)
    here.set((MAIN, here.commit("merge", theirs, new or one)))
    assert here.deliver().ok
    assert equal(here, bravo)
    assert here.state() == "in-sync"


def test_a_hold_heals_when_the_remote_comes_to_its_senses(here: Here, bravo: Place) -> None:
    one = here.commit("one")
    here.set((MAIN, one))
    here.deliver()
    bravo.git("update-ref", MAIN, bravo.commit("theirs", one))
    two = here.commit("two", one)
    here.set((MAIN, two))
    assert here.deliver().held
    bravo.git("update-ref", MAIN, one)
    assert here.deliver(full=True).ok
    assert bravo.refs()[MAIN] == two


def test_overwrite_keeps_what_it_replaces(here: Here, bravo: Place) -> None:
    here.config("hookkit.mirror.diverged", "overwrite")
    one = here.commit("one")
    here.set((MAIN, one), (TAG, one), (DEV, one))
    here.deliver()
    theirs = bravo.commit("theirs", one)
    for ref in (MAIN, TAG, DEV):
        bravo.git("update-ref", ref, theirs)
    two = here.commit("two", one)
    here.config("fetch.prune", "true")
    here.set((MAIN, two), (TAG, two), (DEV, None))
    report = here.deliver()
    assert report.ok
    assert equal(here, bravo)
    kept = here.refs("refs/hookkit/keep")
    assert set(kept.values()) == {theirs}
    assert {ref.split("/", 5)[-1] for ref in kept} == {"heads/main", "heads/dev", "tags/v1"}
    assert here.git("cat-file", "-t", theirs) == "commit"
    assert not any(ref.startswith("refs/hookkit") for ref in bravo.refs())


def test_overwrite_does_not_overwrite_what_it_could_not_keep(
    here: Here, bravo: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The remote's ref moves on between the look at it and the fetch: the next look keeps that."""
    here.config("hookkit.mirror.diverged", "overwrite")
    one = here.commit("one")
    here.set((MAIN, one))
    here.deliver()
    values = [bravo.commit(f"theirs {number}", one) for number in range(2)]
    bravo.git("update-ref", MAIN, values[0])
    real = Link.fetch

    def moved(link: Link, wanted: dict[str, tuple[str, str]]) -> None:
        bravo.git("update-ref", MAIN, values[1])
        real(link, wanted)

    monkeypatch.setattr(Link, "fetch", moved)
    here.set((MAIN, here.commit("two", one)))
    assert here.deliver().ok
    assert equal(here, bravo)
    assert values[1] in here.refs("refs/hookkit/keep").values()


# ---- memory ----


@pytest.mark.parametrize("change", ["new", "forward", "same"])
def test_a_lost_outbox_loses_nothing(here: Here, bravo: Place, change: str) -> None:
    one = here.commit("one")
    here.set((MAIN, one))
    here.deliver()
    here.set(*{"new": [(DEV, one)], "forward": [(MAIN, here.commit("two", one))], "same": []}[change])
    here.outbox.close()
    for file in (here.path / "hookkit" / "mirror").iterdir():
        file.unlink()
    here.outbox = open_outbox(here.repo, print)
    assert here.deliver().ok
    assert equal(here, bravo)


def test_a_lost_outbox_does_not_guess(here: Here, bravo: Place) -> None:
    """Rewound and deleted here while it was away, and then the memory is gone: what it has stays, and is seen."""
    one = here.commit("one")
    two = here.commit("two", one)
    other = here.commit("other")
    here.set((MAIN, two), (DEV, one), (TAG, one))
    here.deliver()
    here.set((MAIN, one), (DEV, None), (TAG, other))
    here.outbox.close()
    for file in (here.path / "hookkit" / "mirror").iterdir():
        file.unlink()
    here.outbox = open_outbox(here.repo, print)
    report = here.deliver()
    assert bravo.refs() == {MAIN: two, DEV: one, TAG: one}
    assert [held.ref for held in report.held] == [TAG]


def test_another_url_is_compared_anew(here: Here, bravo: Place, tmp_path: Path) -> None:
    here.set((MAIN, here.commit("one")))
    here.deliver()
    elsewhere = Place(tmp_path / "elsewhere.git")
    here.config("remote.bravo.url", str(elsewhere.path))
    assert here.state() == "unknown"
    here.set((DEV, here.commit("two")))
    assert here.deliver().ok
    assert equal(here, elsewhere)


def test_refs_that_were_excluded_meanwhile_are_not_sent(here: Here, bravo: Place) -> None:
    one = here.commit("one")
    here.set((MAIN, one))
    here.deliver()
    here.set(("refs/heads/secret/x", one), (DEV, one))
    here.config("hookkit.mirror.refs", "!refs/heads/secret/*")
    assert here.deliver().ok
    assert bravo.refs() == {MAIN: one, DEV: one}
    assert here.outbox.owed("bravo")[0] == 0


# ---- configuration of remotes ----


def test_a_fetch_refspec_leaves_no_tracking_refs(here: Here, bravo: Place) -> None:
    here.config("remote.bravo.fetch", "+refs/heads/*:refs/remotes/bravo/*")
    here.set((MAIN, here.commit("one")))
    assert here.deliver(full=True).ok
    assert list(here.refs()) == [MAIN]


def test_mirror_true_does_not_get_in_the_way(here: Here, bravo: Place) -> None:
    theirs = bravo.commit("theirs")
    bravo.git("update-ref", "refs/heads/theirs", theirs)
    here.config("remote.bravo.mirror", "true")
    here.config("remote.bravo.fetch", "+refs/*:refs/*")
    here.set((MAIN, here.commit("one")))
    assert here.deliver().ok
    assert set(bravo.refs()) == {MAIN, "refs/heads/theirs"}


def test_two_urls_are_two_places(here: Here, bravo: Place, tmp_path: Path) -> None:
    second = Place(tmp_path / "second.git")
    here.git("config", "--add", "remote.bravo.url", str(second.path))
    assert [remote.name for remote in here.remotes()] == ["bravo", "bravo:2"]
    one = here.commit("one")
    here.set((MAIN, one))
    second.leave()
    assert here.deliver().ok
    assert here.deliver(name="bravo:2").failure
    assert bravo.refs() == {MAIN: one}
    assert (here.state(), here.state("bravo:2")) == ("in-sync", "refused")
    second.come_back()
    assert here.deliver(name="bravo:2").ok
    assert equal(here, bravo, second)
    # One of them is changed behind our back: the other one does not speak for it.
    second.git("update-ref", MAIN, second.commit("theirs"))
    here.set((MAIN, here.commit("two", one)))
    assert here.deliver().ok
    assert here.deliver(name="bravo:2").held


def test_what_is_listed_is_what_is_pushed_to(here: Here, bravo: Place, tmp_path: Path) -> None:
    upstream = Place(tmp_path / "upstream.git")
    one = here.commit("one")
    here.git("push", "--quiet", str(upstream.path), f"{one}:{MAIN}")
    here.config("remote.bravo.url", str(upstream.path))
    here.config("remote.bravo.pushurl", str(bravo.path))
    here.set((MAIN, one))
    assert here.deliver().ok
    assert bravo.refs() == {MAIN: one}


def test_a_remote_of_our_own_name(here: Here, bravo: Place, tmp_path: Path) -> None:
    """Nothing for bravo goes anywhere else, whatever the remotes are called."""
    other = Place(tmp_path / "other.git")
    here.config("remote.hookkit.url", str(other.path))
    here.set((MAIN, here.commit("one")))
    assert here.deliver().ok
    assert other.refs() == {}


def test_url_rewriting_is_respected(here: Here, bravo: Place, tmp_path: Path) -> None:
    here.config("remote.bravo.url", "short:bravo.git")
    here.config(f"url.{tmp_path}/.insteadOf", "short:")
    here.set((MAIN, here.commit("one")))
    assert here.deliver().ok
    assert equal(here, bravo)


def test_the_account_cannot_add_to_what_is_sent(here: Here, bravo: Place) -> None:
    here.config("push.pushOption", "ci.skip")
    here.config("push.followTags", "true")
    here.config("push.gpgSign", "if-asked")
    here.set((MAIN, here.commit("one")))
    assert here.deliver().ok
    assert equal(here, bravo)


def test_a_checked_out_branch(here: Here, tmp_path: Path) -> None:
    subprocess.run(("git", "init", "--quiet", str(tmp_path / "work")), check=True)
    here.config("remote.bravo.url", str(tmp_path / "work"))
    one = here.commit("one")
    here.set((MAIN, one), (DEV, one))
    here.deliver()
    here.set((MAIN, here.commit("two", one)), (DEV, here.commit("three", one)))
    report = here.deliver()
    assert [sent.change.ref for sent in report.sent] in ([DEV], [DEV, MAIN])
    if report.held:
        assert "checked out" in report.held[0].detail
        assert here.state() == "refused"


# ---- push options ----


def test_push_options_are_sent_where_they_are_taken(here: Here, bravo: Place, tmp_path: Path, calls: list[str]) -> None:
    bravo.git("config", "receive.advertisePushOptions", "true")
    bravo.hook("post-receive", f'echo "$GIT_PUSH_OPTION_0" > {tmp_path}/said')
    told = Trail("push", ("a",), ("alpha",))
    here.set((MAIN, here.commit("one")))
    assert here.deliver(told=told).ok
    assert trail.read([(tmp_path / "said").read_text().strip()]) == told
    assert calls == ["ls-remote", "push"]


def test_where_they_are_not_taken_that_is_learned_once(here: Here, bravo: Place, calls: list[str]) -> None:
    one = here.commit("one")
    told = Trail("push", ("a",), ("alpha",))
    here.config("remote.bravo.url", f"file://nobody:secret@{bravo.path}")
    here.config("remote.bravo.url", str(bravo.path))
    here.set((MAIN, one))
    assert here.deliver(told=told).ok
    here.set((DEV, one))
    assert here.deliver(told=told).ok
    assert calls == ["ls-remote", "push", "push", "push"]
    assert equal(here, bravo)
    assert here.state() == "in-sync"


def test_what_is_learned_of_a_url_with_a_secret_is_found_again(here: Here) -> None:
    here.config("remote.bravo.url", "https://robot:hunter2@bravo.example/x.git")
    (remote,) = here.remotes()
    here.outbox.met("bravo", remote.shown_url)
    link = Link(here.repo, settings.read(here.repo), remote, here.outbox, Deadline(5))
    link._outbox.learn_push_options(remote.name, remote.shown_url, takes=False)
    assert here.outbox.known("bravo", remote.shown_url).compared
    here.outbox.close()
    assert b"hunter2" not in (here.path / "hookkit" / "mirror" / "outbox.sqlite").read_bytes()
    here.outbox = open_outbox(here.repo, print)


# ---- refusals ----


@pytest.mark.parametrize("hook", ["pre-receive", "update"])
def test_one_bad_ref_among_many(here: Here, bravo: Place, hook: str) -> None:
    """Also where the remote refuses a push as a whole."""
    script = {
        "pre-receive": 'while read old new ref; do case $ref in *bad*) echo "$ref is bad"; exit 1;; esac; done; exit 0',
        "update": 'case $1 in *bad*) echo "$1 is bad"; exit 1;; esac; exit 0',
    }[hook]
    bravo.hook(hook, script)
    one = here.commit("one")
    names = [f"refs/heads/topic-{number}" for number in range(30)]
    here.set(*((name, one) for name in names), ("refs/heads/bad", one))
    report = here.deliver()
    assert sorted(bravo.refs()) == sorted(names)
    assert [(held.ref, held.verdict) for held in report.held] == [("refs/heads/bad", "refused")]
    assert "refs/heads/bad is bad" in report.held[0].detail
    assert here.state() == "refused"
    (bravo.path / "hooks" / hook).unlink()
    assert here.deliver(full=True).ok
    assert equal(here, bravo)


def test_all_refused_costs_few_pushes(here: Here, bravo: Place, calls: list[str]) -> None:
    bravo.hook("pre-receive", "exit 1")
    one = here.commit("one")
    here.set(*((f"refs/heads/{number}", one) for number in range(200)))
    report = here.deliver()
    assert len(report.held) == 200
    assert len(calls) < 30


def test_a_ref_whose_object_is_lost_does_not_stop_the_others(here: Here, bravo: Place) -> None:
    one, two = here.commit("one"), here.commit("two")
    here.set((MAIN, one), (DEV, two))
    (here.path / "objects" / two[:2] / two[2:]).unlink()
    report = here.deliver()
    assert bravo.refs() == {MAIN: one}
    assert [held.ref for held in report.held] == [DEV]


def test_a_lock_that_stays(here: Here, bravo: Place) -> None:
    one = here.commit("one")
    here.set((MAIN, one), (DEV, one))
    here.deliver()
    lock = bravo.path / "refs" / "heads" / "main.lock"
    lock.touch()
    two = here.commit("two", one)
    here.set((MAIN, two), (DEV, two))
    report = here.deliver()
    assert report.failure
    assert report.failure.kind is Kind.BUSY
    assert "main.lock" in report.failure.cause
    assert bravo.refs()[DEV] == two
    assert report.queued == 1
    assert here.state() == "pending"
    lock.unlink()
    assert here.deliver().ok
    assert equal(here, bravo)


def test_what_the_disk_there_does_not_take_is_waiting_not_held(here: Here, bravo: Place) -> None:
    bravo.hook("pre-receive", "echo 'cannot write: No space left on device'; exit 1")
    one = here.commit("one")
    here.set((MAIN, one), (DEV, one))
    report = here.deliver()
    assert report.failure
    assert report.failure.kind is Kind.DISK_FULL
    assert report.queued == 2
    (bravo.path / "hooks" / "pre-receive").unlink()
    here.set((TAG, one))
    assert here.deliver().ok
    assert equal(here, bravo)


def test_the_branch_that_head_names_there_cannot_be_deleted(here: Here, bravo: Place) -> None:
    head = bravo.git("symbolic-ref", "HEAD")
    one = here.commit("one")
    here.set((head, one), (TAG, one))
    here.deliver()
    here.set((head, None), (TAG, None))
    report = here.deliver()
    assert bravo.refs() == {head: one}
    assert "deletion of the current branch prohibited" in report.held[0].detail
    # Made again, there is nothing left to refuse.
    here.set((head, one))
    assert here.deliver().ok
    assert here.state() == "in-sync"


# ---- the hook ----


def pushed(here: Here, *changes: tuple[str, str | None], told: Trail | None = None) -> None:
    """Change refs, and call the hook as receive-pack does."""
    before = here.refs()
    updates = tuple(RefUpdate(ref, before.get(ref, "0" * 40), new or "0" * 40) for ref, new in changes)
    here.git("update-ref", "--stdin", "-z", stdin="".join(f"update {u.ref}\0{u.new}\0\0" for u in updates))
    here.repo.reload()
    after_push(here.repo, Push(updates, (told.option(),) if told else ()))


def test_a_push(here: Here, bravo: Place, capsys: pytest.CaptureFixture[str]) -> None:
    one = here.commit("one")
    pushed(here, (MAIN, one))
    assert equal(here, bravo)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("hookkit: bravo  main new  ok ")
    pushed(here, ("refs/pull/1/head", one))
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("output", ["all", "failures", "none"])
def test_what_the_pusher_sees(here: Here, bravo: Place, capsys: pytest.CaptureFixture[str], output: str) -> None:
    here.config("hookkit.output", output)
    here.config("hookkit.mirror.worker", "false")
    one = here.commit("one")
    pushed(here, (MAIN, one))
    assert ("main new" in capsys.readouterr().err) is (output == "all")
    bravo.leave()
    pushed(here, (DEV, one))
    assert ("no such repository" in capsys.readouterr().err) is (output != "none")


def test_a_trail_skips_and_ends(here: Here, bravo: Place) -> None:
    one = here.commit("one")
    me = trail.identity(socket.gethostname(), here.repo.node, str(here.path))
    pushed(here, (MAIN, one), told=Trail("p", ("x",), ("bravo",)))
    pushed(here, (DEV, one), told=Trail("p", ("x", me), ("alpha",)))
    assert bravo.refs() == {}


def test_a_forged_trail_does_not_settle_what_is_owed(here: Here, bravo: Place) -> None:
    """Whoever says to be bravo has what bravo is owed, and it is bravo that is asked."""
    one = here.commit("one")
    pushed(here, (MAIN, one))
    bravo.leave()
    two = here.commit("two", one)
    pushed(here, (MAIN, two))
    bravo.come_back()
    pushed(here, (MAIN, here.commit("three", two)), told=Trail("p", ("x",), ("bravo",)))
    assert equal(here, bravo)


def test_an_outbox_that_cannot_be_written(
    here: Here, bravo: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> Outbox:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("hookkit_plugins.mirror.outbox_file._usable", full)
    pushed(here, (MAIN, here.commit("one")))
    assert equal(here, bravo)
    assert "cannot be written down (database or disk is full)" in capsys.readouterr().err


# ---- at the same time ----


def during(monkeypatch: pytest.MonkeyPatch, name: str, action: "list[object]") -> None:
    """Run the actions, one each, right before the next calls of a method of Link."""
    real = getattr(Link, name)

    def wrapped(link: Link, *args: object) -> object:
        if action:
            action.pop(0)()  # type: ignore[operator]
        return real(link, *args)

    monkeypatch.setattr(Link, name, wrapped)


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("method", ["push", "refs"])
def test_a_push_while_we_deliver(
    here: Here, bravo: Place, monkeypatch: pytest.MonkeyPatch, method: str, full: bool
) -> None:
    one = here.commit("one")
    here.set((MAIN, one))
    here.deliver()
    two = here.commit("two", one)
    three, other = here.commit("three", two), here.commit("other")
    here.set((MAIN, two))
    later = iter((three, other))
    during(monkeypatch, method, [lambda: here.set((MAIN, next(later)), (DEV, one))] * 2)
    assert here.deliver(full=full).ok
    if method == "push" or full:
        assert here.refs()[MAIN] in {three, other}
    assert equal(here, bravo)
    assert here.outbox.owed("bravo")[0] == 0


def test_a_push_between_the_look_here_and_the_writing_down(
    here: Here, bravo: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ref that nothing was owed for changes right after the comparison looked at it."""
    one = here.commit("one")
    here.git("update-ref", MAIN, one)
    two = here.commit("two", one)
    real = delivery.compare

    def compare(*args: object) -> object:
        plan = real(*args)  # type: ignore[arg-type]
        if here.refs()[MAIN] == one:
            here.set((MAIN, two))
        return plan

    monkeypatch.setattr(delivery, "compare", compare)
    assert here.deliver(full=True).ok
    assert bravo.refs() == {MAIN: two}


def test_a_push_while_the_last_one_is_being_refused(here: Here, bravo: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    one = here.commit("one")
    here.set((DEV, one))
    here.deliver()
    bravo.hook("update", '[ "$3" != ' + one + " ] || exit 1")
    here.set((MAIN, one))
    two = here.commit("two", one)
    real = Link.push

    def push(link: Link, *args: object) -> dict[str, RefResult]:
        results = real(link, *args)  # type: ignore[arg-type]
        if here.refs()[MAIN] == one:
            here.set((MAIN, two))
        return results

    monkeypatch.setattr(Link, "push", push)
    assert here.deliver().ok
    assert bravo.refs()[MAIN] == two


def test_who_finds_the_lock_taken_leaves_and_the_holder_delivers(
    here: Here, bravo: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = here.commit("one")
    here.set((MAIN, one))
    here.deliver()
    here.set((MAIN, here.commit("two", one)))
    reports: list[Report] = []

    def another_push() -> None:
        def work() -> None:
            outbox = here.outbox.another()
            three = here.commit("three", here.refs()[MAIN])
            before = here.refs()[MAIN]
            here.git("update-ref", MAIN, three)
            here.owe(RefUpdate(MAIN, before, three), outbox=outbox)
            (remote,) = here.remotes()
            reports.append(
                Delivery(here.repo, settings.read(here.repo), remote, outbox, None, Deadline(30)).run(full=False)
            )
            outbox.close()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    during(monkeypatch, "push", [another_push] * 3)
    assert here.deliver().ok
    assert len(reports) == 3
    assert all(report.taken and not report.sent for report in reports)
    assert equal(here, bravo)
    assert here.outbox.owed("bravo")[0] == 0


def test_who_comes_when_the_holder_is_about_to_go(here: Here, bravo: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is delivered, the lock is still held: whoever leaves their part to the holder now is not forgotten."""
    one = here.commit("one")
    here.set((MAIN, one))
    real = Outbox.succeeded
    reports: list[Report] = []

    def succeeded(outbox: Outbox, *args: str) -> None:
        real(outbox, *args)
        if not reports:
            here.set((MAIN, here.commit("two", one)))
            reports.append(here.deliver())

    monkeypatch.setattr(Outbox, "succeeded", succeeded)
    assert here.deliver().ok
    assert [report.taken for report in reports] == [True]
    assert equal(here, bravo)


def test_where_nobody_can_lock_it_is_delivered_all_the_same(
    here: Here, bravo: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object, **__: object) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr("filelock.FileLock.acquire", no_locks)
    here.set((MAIN, here.commit("one")))
    assert here.deliver().ok
    assert equal(here, bravo)
    monkeypatch.undo()
    with remote_lock(here.repo, "bravo", 0) as mine, remote_lock(here.repo, "bravo", 0) as second:
        assert (mine, second) == (True, False)


def test_its_turn_did_not_come(here: Here, bravo: Place) -> None:
    here.set((MAIN, here.commit("one")))
    here.deliver()
    here.set((MAIN, here.commit("other")))
    report = here.deliver(wait=0)
    assert report.failure
    assert report.failure.kind is Kind.LATE
    assert report.queued == 1
    assert here.state() == "pending", "which says nothing about the remote"


def test_all_at_once_in_memory(here: Here, tmp_path: Path) -> None:
    """No disk for the outbox: eight remotes in parallel, from memory."""
    others = [Place(tmp_path / f"other{number}.git") for number in range(8)]
    for number, other in enumerate(others):
        here.config(f"remote.other{number}.url", str(other.path))
    one = here.commit("one")
    here.git("update-ref", MAIN, one)
    outbox = Outbox(None)
    here.owe(RefUpdate(MAIN, "0" * 40, one), outbox=outbox)
    reports: list[Report] = []
    late = deliver(
        here.repo, settings.read(here.repo), here.remotes(), outbox, None, Deadline(60), reports.append, by="sync"
    )
    assert late == []
    assert len(reports) == 8
    assert all(report.ok for report in reports)
    assert equal(here, *others)


def test_a_remote_that_hangs_is_ended_at_the_deadline(here: Here, bravo: Place) -> None:
    here.set((MAIN, here.commit("one")))
    here.deliver()
    bravo.hook("pre-receive", "exec sleep 60")
    here.set((MAIN, here.commit("other")))
    report = here.deliver(wait=2)
    assert report.failure
    # It has said what it has: that one is there.
    assert report.failure.kind is Kind.SLOW
    assert not report.failure.kind.unreachable
    assert report.seconds < 4
    assert here.state() == "pending"


def test_what_goes_on_is_not_ended(here: Here, bravo: Place, tmp_path: Path) -> None:
    """Only silence counts for a worker, and for sync: what takes longer than the deadline would never arrive."""
    slowly = tmp_path / "slowly"
    slowly.write_text(
        "import os, time\nwhile data := os.read(0, 65536):\n os.write(1, data)\n time.sleep(len(data) / 1_000_000)\n"
    )
    here.config("remote.bravo.receivepack", f"{shlex.quote(sys.executable)} {slowly} | git-receive-pack")
    # Of its first object git says nothing before that is sent.
    here.set(
        (MAIN, here.commit("one")),
        (TAG, here.repo.git("hash-object", "-w", "--stdin", stdin=os.urandom(4_000_000)).text()),
    )
    report = here.deliver(wait=2)
    assert report.failure
    assert report.failure.kind is Kind.SLOW
    report = here.deliver(wait=2, patient=True)
    assert report.ok
    assert report.seconds > 2
    assert equal(here, bravo)


def test_a_remote_that_says_nothing_is_not_there(here: Here, bravo: Place) -> None:
    here.set((MAIN, here.commit("one")))
    here.deliver()
    here.config("remote.bravo.receivepack", "sleep 60;")
    here.set((MAIN, here.commit("other")))
    report = here.deliver(wait=2)
    assert report.failure
    assert report.failure.kind is Kind.TIMEOUT
    assert here.state() == "offline"


def test_a_push_that_takes_long_closes_the_way_to_nobody(
    here: Here, bravo: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "account"))
    monkeypatch.setattr(calling, "start", lambda *_: True)
    pushed(here, (MAIN, here.commit("one")))
    bravo.hook("pre-receive", "exec sleep 60")
    here.config("hookkit.mirror.wait", "2")
    pushed(here, (DEV, here.commit("two")))
    assert "bravo  takes long, 1 ref queued: not done after 2s" in capsys.readouterr().err
    with opened() as index:
        assert index.count(host_of(str(bravo.path))) == 1
        assert index.breaker(host_of(str(bravo.path))) is None
