"""``setup enroll`` on real servers: gitolite, a double of gitosis, and what happens when something goes wrong between."""

import json
import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from support import faults
from support.account import BIN
from support.client import Client, WorkingCopy
from support.commands import Done
from support.gitolite import GitoliteNode
from support.gitosis import GitosisNode
from support.lab import Lab
from support.sshd import make_key

Server = GitoliteNode | GitosisNode

GITOLITE = """# our servers
@devs = alice

repo gitolite-admin
    RW+     =   {admin}

repo site team/tools
    - refs/tags/v = @all   # tags stay
    RW = @devs

repo other
    RW+CD = alice
"""
GITOSIS = """; our servers
[gitosis]
[group gitosis-admin]
members = {admin}
writable = gitosis-admin

[group devs]
members = alice
writable = site team/tools
    other
"""
FILES = {"gitolite": "conf/gitolite.conf", "gitosis": "gitosis.conf"}
ADMIN = {"gitolite": "gitolite-admin", "gitosis": "gitosis-admin"}


class Site:
    """Servers of one kind that share an admin repository, its administrator, and keys of accounts to be enrolled."""

    def __init__(self, lab: Lab, kind: str, *names: str) -> None:
        self.kind = kind
        self.lab = lab
        self.servers: list[Server] = [*lab.several(names, kind)]  # type: ignore[list-item]
        first = self.servers[0]
        self.admin: Client = first.admin
        conf = (GITOLITE if kind == "gitolite" else GITOSIS).format(admin=self.admin.name)
        self.work = self.admin.clone(first.url(ADMIN[kind]), "clone")
        self.work.commit("as it was", {FILES[kind]: conf})
        self.work.push("origin", "HEAD:master")
        self.work.git("remote", "rename", "origin", first.name)
        for other in self.servers[1:]:
            # Theirs was made by another administrator: from now on it is the same.
            url = other.url(ADMIN[kind])
            other.admin.run("git", "clone", "--quiet", url, "theirs")
            theirs = WorkingCopy(other.admin, other.admin.home / "theirs")
            theirs.git("fetch", "--quiet", str(self.work.path), "master")
            theirs.git("reset", "--quiet", "--hard", "FETCH_HEAD")
            theirs.push("--force", "origin", "HEAD:master")
            self.work.git("remote", "add", other.name, url)

    def key(self, name: str) -> Path:
        """A key pair of its own; the public half."""
        path = self.lab.root / "keys" / name
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            make_key(path)
        return path.with_suffix(".pub")

    def enroll(self, *names: str, repos: str = "site", args: tuple[str, ...] = (), check: bool = True) -> Done:
        return self.admin.run(*self.command(*names, repos=repos, args=args), check=check)

    def command(self, *names: str, repos: str = "site", args: tuple[str, ...] = ()) -> list[str]:
        given = [name if "=" in name else f"{name}={self.key(name)}" for name in names]
        globs = [word for glob in repos.split() for word in ("--repos", glob)]
        return [str(BIN / "hookkit"), "setup", "enroll", "--admin", str(self.work.path), *globs, *args, *given]

    def git(self, account: str, *args: str, check: bool = False) -> Done:
        """git, with the key of an account and no other."""
        config = self.lab.root / "keys" / f"{account}.config"
        identity = f"IdentityFile {self.key(account).with_suffix('')}"
        config.write_text(self.admin.ssh_config.read_text().replace(f"IdentityFile {self.admin.key}", identity))
        return self.work.git("-c", f"core.sshCommand=ssh -F {config}", *args, check=check)

    def may(self, account: str, server: Server, repository: str) -> str:
        """What an account may do: ``fetch``, ``push``, ``delete``."""
        url = server.url(repository)
        found = []
        if self.git(account, "ls-remote", url).status == 0:
            found.append("fetch")
        ref = f"refs/tags/v-{account}"
        if self.git(account, "push", "-q", url, f"HEAD:{ref}", f"HEAD:refs/heads/b-{account}").status == 0:
            found.append("push")
        if self.git(account, "push", "-q", url, f":{ref}").status == 0:
            found.append("delete")
        return " ".join(found)

    def state(self) -> tuple[str, str, list[str]]:
        """What must not change when nothing may be written."""
        status = self.work.git("status", "--porcelain", "--ignored").stdout
        tips = [server.refs(ADMIN[self.kind]).get("refs/heads/master", "") for server in self.servers]
        return self.work.oid(), status, tips


@pytest.fixture
def site(nodes: Callable[..., object], lab: Lab) -> Callable[..., Site]:
    def make(kind: str, *names: str) -> Site:
        nodes(kind=kind)
        return Site(lab, kind, *(names or ("alpha",)))

    return make


@pytest.mark.parametrize("kind", ["gitolite", "gitosis"])
def test_two_servers_then_a_third_account(site, kind: str) -> None:
    place = site(kind, "alpha", "bravo")
    file = FILES[kind]
    before = (place.work.path / file).read_text()
    dry = place.enroll("git_alpha", "git_bravo", repos="site team/*", args=("--dry-run",))
    assert "+++ b/keydir/git_alpha.pub" in dry.stdout
    assert f"--- a/{file}" in dry.stdout
    assert "alpha: would be pushed to" in dry.stdout
    assert (place.work.path / file).read_text() == before
    assert place.work.git("status", "--porcelain").stdout == ""
    done = place.enroll("git_alpha", "git_bravo", repos="site team/*")
    assert done.stdout.splitlines() == [
        "keydir/git_alpha.pub: added",
        "keydir/git_bravo.pub: added",
        f"{file}: changed",
        "alpha: pushed, it answers",
        "bravo: pushed, it answers",
    ]
    for server in place.servers:
        assert server.refs(ADMIN[kind])["refs/heads/master"] == place.work.oid()
        for repository in ("site", "team/tools"):
            assert place.may("git_alpha", server, repository) == "fetch push delete"
        assert place.may("git_bravo", server, "site") == "fetch push delete"
        assert place.may("git_alpha", server, "other") == ""
        assert place.may("git_alpha", server, ADMIN[kind]) == ""
    again = place.enroll("git_alpha", "git_bravo", repos="site team/*")
    assert again.stdout == "nothing changed\n"
    third = place.enroll("git_charlie", repos="site team/*")
    assert third.status == 0
    changed = place.work.git("show", "--format=", "--numstat").stdout.splitlines()
    assert sorted(changed) == sorted([f"1\t1\t{file}", "1\t0\tkeydir/git_charlie.pub"])
    assert place.may("git_charlie", place.servers[1], "team/tools") == "fetch push delete"


def test_json(site) -> None:
    place = site("gitosis")
    said = json.loads(place.enroll("git_alpha", args=("--json", "--dry-run")).stdout)
    assert said["backend"] == "gitosis"
    assert said["changed"]
    assert said["dry_run"]
    assert said["files"] == {"keydir/git_alpha.pub": "added", "gitosis.conf": "changed"}
    assert said["diff"].count("+++ ") == 2
    real = json.loads(place.enroll("git_alpha", args=("--json",)).stdout)
    assert real["commit"] == place.work.oid()
    assert [(each["server"], each["result"]) for each in real["servers"]] == [("alpha", "pushed")]
    again = json.loads(place.enroll("git_alpha", args=("--json",)).stdout)
    assert not again["changed"]
    assert again["commit"] is None


def test_one_server_is_down_and_gets_it_later(site) -> None:
    place = site("gitosis", "alpha", "bravo")
    with faults.stopped(place.servers[0]):
        done = place.enroll("git_alpha", check=False)
    assert done.status == 1
    assert "bravo: pushed, it answers" in done.stdout
    assert "alpha: failed, offline: " in done.stdout
    assert "error: 1 of 2 servers do not have it" in done.stderr
    later = place.enroll("git_alpha")
    assert later.stdout == "alpha: pushed, it answers\n"
    assert place.may("git_alpha", place.servers[0], "site") == "fetch push delete"


def test_nobody_answers_and_nothing_is_written(site) -> None:
    place = site("gitosis")
    before = place.state()
    with faults.stopped(place.servers[0]):
        done = place.enroll("git_alpha", check=False)
    assert done.status == 1
    assert "error: no server answers, nothing is changed" in done.stderr
    assert place.state() == before


REFUSED = {
    "dirty": ("echo x >>gitosis.conf", "has changes that are not committed: gitosis.conf"),
    "staged": ("echo x >>gitosis.conf; git add .", "has changes that are not committed: gitosis.conf"),
    "deleted": ("rm keydir/*.pub", "has changes that are not committed: keydir/"),
    "in the way": ("echo mine >keydir/git_alpha.pub", "has changes that are not committed: keydir/git_alpha.pub"),
    "detached": ("git checkout -q --detach", "is not on a branch"),
    "merge": ("git rev-parse HEAD >.git/MERGE_HEAD", "is in the middle of a merge"),
    "unpushed": ("git commit -q --allow-empty -m 'my own'", "has commits that no server has: my own"),
    "behind": (
        "git commit -q --allow-empty -m x; git push -q alpha master; git reset -q --hard @~",
        "has commits that",
    ),
    "unparsable": ("echo x >>gitosis.conf; git commit -qam x", "line 11: neither a [section] nor"),
    "nobody": ("git config user.name ''", "does not know who commits"),
    "no remote": ("git remote remove alpha", "this repository has no remote"),
}


def test_refused_and_nothing_written(site) -> None:
    place = site("gitosis")
    clean = place.work.oid()
    for name, (script, said) in REFUSED.items():
        place.admin.run("sh", "-ec", script, cwd=place.work.path)
        before = place.state()
        done = place.enroll("git_alpha", check=False)
        assert (done.status, said in done.stderr) == (2, True), (name, done)
        assert "error: " in done.stderr
        assert place.state() == before, name
        undo = "rm -f .git/MERGE_HEAD; git checkout -q -f master; git clean -qfd"
        undo += "; git config --unset user.name; true"
        place.admin.run("sh", "-c", undo, cwd=place.work.path)
        if name == "behind":
            place.servers[0].git(ADMIN["gitosis"], "update-ref", "refs/heads/master", clean)
        place.work.git("reset", "--quiet", "--hard", clean)
        if name == "no remote":
            place.work.git("remote", "add", "alpha", place.servers[0].url(ADMIN["gitosis"]))
    private = place.key("git_alpha").with_suffix("")
    text = place.lab.root / "text.pub"
    text.write_text("hello\n")
    before = place.state()
    for given, said in {
        f"git_alpha={private}": "is a private key",
        f"git_alpha={text}": "is not a public key of OpenSSH",
        "git_alpha=nowhere.pub": "nowhere.pub cannot be read",
        "git_alpha": "",
        f"1alpha={place.key('git_alpha')}": "gitosis does not take the name '1alpha'",
        f"git_alpha.pub={place.key('git_alpha')}": "ends in .pub",
        f"../x={place.key('git_alpha')}": "is not NAME=FILE.pub",
        f"other={place.admin.key}.pub": "is there already, as alpha-admin",
        f"alpha-admin={place.key('git_alpha')}": "holds another key",
    }.items():
        if said:
            done = place.enroll(given, check=False)
            assert (done.status, said in done.stderr) == (2, True), done
            assert "PRIVATE" not in done.stderr
            assert place.state() == before
    for args, said in {
        ("--backend", "gitoliet"): "did you mean gitolite?",
        ("--backend", "ssh"): "this is not a folder that ssh is configured by",
        ("--backend", "gitolite"): "this is not a folder that gitolite is configured by",
        ("--group", "a b"): "cannot be a group",
        ("--group", "all"): "'all' cannot be a group",
    }.items():
        done = place.enroll("git_alpha", args=args, check=False)
        assert (done.status, said in done.stderr) == (2, True), done
        assert place.state() == before


@pytest.mark.parametrize(("kind", "times"), [("gitolite", 3), ("gitosis", 6)])
def test_killed_anywhere_it_is_run_again_and_completes(site, kind: str, times: int) -> None:
    place = site(kind, "alpha", "bravo")
    command = place.command("git_alpha", repos="site other")
    clean = place.work.oid()
    chance = random.Random(times)
    started = time.monotonic()
    place.enroll("git_alpha", repos="site other", args=("--dry-run",))
    whole = (time.monotonic() - started) * 1.6
    for number in range(times):
        child = subprocess.Popen(
            command,
            env=place.admin.environment,
            cwd=place.admin.home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(chance.uniform(0.1, 1.0) * whole)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        # What it had started may still be at work, as after any kill; its locks go with it.
        _wait_until_alone(place)
        done = place.enroll("git_alpha", repos="site other", check=False)
        assert done.status == 0, (number, done)
        assert place.enroll("git_alpha", repos="site other").stdout == "nothing changed\n"
        assert place.work.git("status", "--porcelain").stdout == ""
        for server in place.servers:
            assert server.refs(ADMIN[kind])["refs/heads/master"] == place.work.oid()
        assert not list((place.work.path / ".git").glob(".hookkit-*"))
        assert place.work.git("rev-list", "--count", f"{clean}..HEAD").stdout.strip() == "1"
        place.work.git("reset", "--quiet", "--hard", clean)
        for server in place.servers:
            place.work.push("--quiet", "--force", server.name, "master")
    assert place.enroll("git_alpha", repos="site other").status == 0
    assert place.may("git_alpha", place.servers[1], "other") == "fetch push delete"


def _wait_until_alone(place: Site) -> None:
    deadline = time.monotonic() + 10
    lock = place.work.path / ".git" / "index.lock"
    marks = (str(place.work.path), f"HOME={place.admin.home}")
    while time.monotonic() < deadline:
        listed = subprocess.run(("ps", "axeww", "-o", "command"), capture_output=True, text=True, check=True).stdout
        busy = [line for line in listed.splitlines() if "git" in line and any(mark in line for mark in marks)]
        if not lock.exists() and not busy:
            return
        time.sleep(0.05)
    raise AssertionError("what was killed still works")


def test_a_server_that_does_not_stand_it_gets_it_taken_back(site) -> None:
    place = site("gitosis", "alpha", "bravo")
    before = place.state()
    (place.servers[0].home / "break-upload").write_text("grp_mirror")
    done = place.enroll("git_alpha", check=False)
    assert done.status == 1
    assert "alpha took the push, but does not work with it; the other servers were not touched" in done.stderr
    assert "it was taken back, and alpha works again" in done.stderr
    assert place.servers[1].refs(ADMIN["gitosis"])["refs/heads/master"] == before[2][1]
    assert place.servers[0].refs(ADMIN["gitosis"])["refs/heads/master"] == place.work.oid()
    assert place.work.git("diff", before[0], "HEAD").stdout == ""
    assert place.work.git("status", "--porcelain").stdout == ""
    # The cause is gone: once more.
    (place.servers[0].home / "break-upload").unlink()
    assert place.enroll("git_alpha").stdout.splitlines()[-2:] == [
        "alpha: pushed, it answers",
        "bravo: pushed, it answers",
    ]
    assert place.may("git_alpha", place.servers[1], "site") == "fetch push delete"


def typed_as_the_hint_says(done: Done, server: Server) -> None:
    """Somebody types on ``server`` what the hint of ``done`` says about it."""
    start = f"hint: on {server.name}, as the account that has the repositories: "
    (commands,) = [line.removeprefix(start) for line in done.stderr.splitlines() if line.startswith(start)]
    server.run("sh", "-ec", commands)


def test_of_the_others_two_do_not_stand_it(site) -> None:
    place = site("gitosis", "alpha", "bravo", "charlie")
    old = place.state()[2][1]
    others = place.servers[1:]
    for server, service in product(others, ("upload", "receive")):
        (server.home / f"break-{service}").write_text("grp_mirror")
    done = place.enroll("git_alpha", check=False)
    assert done.status == 1
    assert "alpha: pushed, it answers" in done.stdout
    assert "bravo: failed, refused: " in done.stdout
    assert re.search("error: (bravo, charlie|charlie, bravo) took the push, but do not work with it", done.stderr)
    # Once more, when what was said is gone from the terminal.
    again = place.enroll("git_alpha", check=False)
    assert again.status == 1
    assert "bravo, charlie do not answer as they should, nothing is changed" in again.stderr
    for server, said in zip(others, (done, again), strict=True):
        typed_as_the_hint_says(said, server)
        assert server.refs(ADMIN["gitosis"])["refs/heads/master"] == old
        place.work.git("ls-remote", server.name)
        assert place.may("git_alpha", server, "site") == ""
    # The cause is gone: once more.
    for server, service in product(others, ("upload", "receive")):
        (server.home / f"break-{service}").unlink()
    assert sorted(place.enroll("git_alpha").stdout.splitlines()) == [
        "bravo: pushed, it answers",
        "charlie: pushed, it answers",
    ]
    assert place.may("git_alpha", others[0], "site") == "fetch push delete"


def test_what_others_have_committed_is_not_taken_back(site) -> None:
    """A server that was away lacks more than what is new."""
    place = site("gitosis", "alpha", "bravo")
    conf = (place.work.path / "gitosis.conf").read_text()
    place.work.commit("theirs", {"gitosis.conf": conf + "# theirs\n"})
    place.work.push("bravo", "master")
    theirs = place.work.oid()
    (place.servers[0].home / "break-upload").write_text("grp_mirror")
    place.work.git("branch", "--set-upstream-to", "alpha/master")
    done = place.enroll("git_alpha", check=False)
    assert "it was taken back, and alpha works again" in done.stderr
    assert place.work.git("diff", theirs, "HEAD").stdout == ""


def test_a_server_that_takes_nothing_any_more_is_repaired_by_what_the_hint_says(site) -> None:
    place = site("gitosis")
    server = place.servers[0]
    before = place.state()
    for service in ("upload", "receive"):
        (server.home / f"break-{service}").write_text("grp_mirror")
    done = place.enroll("git_alpha", check=False)
    assert done.status == 1
    assert "alpha does not take that either" in done.stderr
    again = place.enroll("git_alpha", check=False)
    assert "alpha does not answer as it should" in again.stderr
    typed_as_the_hint_says(again, server)
    assert server.refs(ADMIN["gitosis"])["refs/heads/master"] == before[2][0]
    place.work.git("ls-remote", "alpha")
    for service in ("upload", "receive"):
        (server.home / f"break-{service}").unlink()
    assert place.enroll("git_alpha").stdout.splitlines()[-1] == "alpha: pushed, it answers"
    assert place.may("git_alpha", server, "site") == "fetch push delete"


def test_gitolite_refuses_a_configuration_with_exit_status_0(site) -> None:
    place = site("gitolite", "alpha", "bravo")
    server = place.servers[0]
    conf = (place.work.path / FILES["gitolite"]).read_text()
    rc = server.home / ".gitolite.rc"
    allowed = rc.read_text().replace(
        "GIT_CONFIG_KEYS                 =>  ''", "GIT_CONFIG_KEYS                 =>  '.*'"
    )
    assert allowed != rc.read_text()
    closed = rc.read_text()
    for each in place.servers:
        (each.home / ".gitolite.rc").write_text(allowed)
    place.work.commit("a setting", {FILES["gitolite"]: conf + "\nrepo site\n    config hooks.mail = x\n"})
    for each in place.servers:
        place.work.push(each.name, "master")
    # Now alpha's own administrator forbids what the configuration has in it.
    rc.write_text(closed)
    before = place.state()
    done = place.enroll("git_alpha", check=False)
    assert done.status == 1
    assert "git config 'hooks.mail' not allowed" in done.stderr
    assert "the other servers were not touched" in done.stderr
    assert place.servers[1].refs(ADMIN["gitolite"])["refs/heads/master"] == before[2][1]
    assert place.work.git("diff", before[0], "HEAD").stdout == ""
    # It has not taken that back either: somebody does, as the hint says.
    assert "alpha does not take that either" in done.stderr
    rc.write_text(allowed)
    typed_as_the_hint_says(done, server)
    assert server.refs(ADMIN["gitolite"])["refs/heads/master"] == before[2][0]
    assert place.may("git_alpha", server, "site") == ""
    assert place.enroll("git_alpha").status == 0
    assert place.may("git_alpha", server, "site") == "fetch push delete"


def test_a_server_that_answers_wrongly_stops_everything(site) -> None:
    """As after a run that was killed between a push and the look at what it did: the next one must not get it too."""
    place = site("gitosis", "alpha", "bravo")
    (place.servers[0].home / "break-upload").write_text("gitosis")
    before = place.state()
    done = place.enroll("git_alpha", check=False)
    assert done.status == 1
    assert "error: alpha does not answer as it should, nothing is changed" in done.stderr
    assert "gitosis is broken" in done.stderr
    assert place.state() == before


def test_a_remote_with_two_urls_is_two_servers(site) -> None:
    place = site("gitosis", "alpha", "bravo")
    place.work.git("remote", "remove", "bravo")
    for server in place.servers:
        place.work.git("config", "--add", "remote.alpha.pushurl", server.url(ADMIN["gitosis"]))
    done = place.enroll("git_alpha")
    assert "alpha (ssh://bravo/gitosis-admin.git): pushed, it answers" in done.stdout
    assert place.may("git_alpha", place.servers[1], "site") == "fetch push delete"
