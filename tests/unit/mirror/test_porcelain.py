"""The command line of a push, and git's answers to it, from a real git."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit_plugins.mirror import porcelain
from hookkit_plugins.mirror.plan import Change
from hookkit_plugins.mirror.porcelain import Fate, arguments, batches, parse, parse_refs
from hookkit_plugins.mirror.remotes import ALIAS

ODD = [
    "--upload-pack=x",
    "-f",
    "+plus",
    "with'quote",
    'with"quotes"',
    "per%cent",
    "semi;colon",
    "$(touch${IFS}pwned)",
    "back`tick",
    "ünïcödé",
    "line\u2028separator",
    "next\u0085line",
    "no\u00a0break",
    "not-utf8-\udcff",
    "a(b)c",
]

oids = st.text("0123456789abcdef", min_size=40, max_size=40)
changes = st.builds(
    Change,
    st.sampled_from([f"refs/heads/{name}" for name in ODD]) | st.text(min_size=1).map(lambda name: f"refs/tags/{name}"),
    st.none() | oids,
    st.none() | oids,
)


@given(st.lists(changes, min_size=1), st.lists(st.text(max_size=10), max_size=2))
def test_never_force(changes: list[Change], options: list[str]) -> None:
    args = arguments(changes, options)
    assert args.count("--") == 1 or any("--" in change.ref for change in changes)
    end = args.index("--")
    before, target, refspecs = args[1:end], args[end + 1], args[end + 2 :]
    assert target == ALIAS
    assert len(refspecs) == len(changes)
    assert not any(spec.startswith("+") for spec in refspecs)
    assert not set(before) & {"--force", "-f", "--mirror", "--force-with-lease", "--prune", "--all", "--tags"}
    for arg in before:
        assert arg.startswith("--")
    leases = [arg for arg in before if arg.startswith("--force-with-lease=")]
    assert leases == [f"--force-with-lease={c.ref}:{c.lease}" for c in changes if c.lease is not None]


@given(st.lists(changes, max_size=30), st.integers(200, 2000))
def test_batches_keep_order_and_size(changes: list[Change], limit: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(porcelain, "_ARGUMENT_BYTES", limit)
        parts = list(batches(changes))
    assert [change for part in parts for change in part] == changes
    assert all(parts)
    for part in parts:
        assert len(part) == 1 or sum(len(arg.encode("utf-8", "surrogateescape")) for arg in specs(part)) <= limit


def specs(changes: list[Change]) -> list[str]:
    args = arguments(changes, ())
    return args[args.index("--") + 2 :] + [arg for arg in args if arg.startswith("--force-with-lease")]


def test_2000_refs_are_one_push() -> None:
    many = [Change(f"refs/heads/a/rather/long/name/of/a/branch/{n:04}", "a" * 64, "b" * 64) for n in range(2000)]
    assert len(list(batches(many))) == 1


Git = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    def run(*args: str, check: bool = True) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(("git", *args), cwd=tmp_path, capture_output=True, check=check)

    run("init", "--quiet", "--bare", "there.git")
    run("init", "--quiet", ".")
    run("commit", "--quiet", "--allow-empty", "-m", "one")
    run("config", f"remote.{ALIAS}.url", str(tmp_path / "there.git"))
    return run


def oid(git: Git, revision: str = "HEAD") -> str:
    return git("rev-parse", revision).stdout.decode().strip()


def push(git: Git, *changes: Change) -> dict[str, porcelain.RefResult]:
    return parse(git(*arguments(changes, ()), check=False).stdout.decode("utf-8", "surrogateescape"))


def test_odd_names_arrive_and_come_back(git: Git, tmp_path: Path) -> None:
    one = oid(git)
    names = [f"refs/heads/{name}" for name in ODD]
    results = push(git, *(Change(name, one, None) for name in names))
    assert {name: result.fate for name, result in results.items()} == dict.fromkeys(names, Fate.DONE)
    listed = git("ls-remote", "--refs", "--", ALIAS).stdout.decode("utf-8", "surrogateescape")
    assert parse_refs(listed) == dict.fromkeys(names, one)
    assert not (tmp_path / "pwned").exists()
    results = push(git, *(Change(name, None, one) for name in names))
    assert {result.fate for result in results.values()} == {Fate.DONE}
    assert set(results) == set(names)
    assert git("ls-remote", ALIAS).stdout == b""


def test_fates(git: Git, tmp_path: Path) -> None:
    one = oid(git)
    git("commit", "--quiet", "--allow-empty", "-m", "two")
    two = oid(git)
    git("commit", "--quiet", "--amend", "--allow-empty", "-m", "other two")
    other = oid(git)
    ref, tag = "refs/heads/work", "refs/tags/v1"
    assert push(git, Change(ref, two, None))[ref] == (Fate.DONE, "", False, False)
    assert push(git, Change(ref, two, None))[ref].fate is Fate.DONE  # up to date
    assert push(git, Change(ref, two, other))[ref].fate is Fate.DONE  # so it is, whatever was thought before
    assert push(git, Change(ref, other, None))[ref] == (Fate.MOVED, "non-fast-forward", False, False)
    assert push(git, Change(ref, other, one))[ref] == (Fate.MOVED, "stale info", False, False)
    assert push(git, Change(ref, None, one))[ref] == (Fate.MOVED, "stale info", False, False)
    assert push(git, Change(ref, other, two))[ref] == (Fate.DONE, "", True, False)
    push(git, Change(tag, one, None))
    assert push(git, Change(tag, two, None))[tag] == (Fate.MOVED, "already exists", False, False)
    there = tmp_path / "there.git"
    hook = there / "hooks" / "update"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert push(git, Change(ref, None, other))[ref] == (Fate.REFUSED, "hook declined", False, False)
    hook.rename(there / "hooks" / "pre-receive")
    assert push(git, Change(ref, None, other))[ref] == (Fate.REFUSED, "pre-receive hook declined", False, True)
    (there / "hooks" / "pre-receive").unlink()
    (there / "refs" / "heads" / "work.lock").touch()
    assert push(git, Change(ref, None, other))[ref].fate is Fate.BUSY


def test_one_bad_ref_beside_a_good_one(git: Git) -> None:
    one = oid(git)
    git("commit", "--quiet", "--allow-empty", "--amend", "-m", "other")
    push(git, Change("refs/heads/a", one, None))
    results = push(git, Change("refs/heads/a", oid(git), None), Change("refs/heads/b", one, None))
    assert {ref: result.fate for ref, result in results.items()} == {
        "refs/heads/a": Fate.MOVED,
        "refs/heads/b": Fate.DONE,
    }


def test_the_account_cannot_add_to_what_is_sent(git: Git) -> None:
    git("tag", "-a", "-m", "a tag", "v1")
    for key, value in (("push.followTags", "true"), ("push.gpgSign", "if-asked"), ("push.default", "matching")):
        git("config", key, value)
    assert set(push(git, Change("refs/heads/x", oid(git), None))) == {"refs/heads/x"}
    assert b"v1" not in git("ls-remote", ALIAS).stdout


@pytest.mark.parametrize(
    ("summary", "fate", "reason"),
    [
        ("[rejected] (stale info)", Fate.MOVED, "stale info"),
        ("[rejected] (fetch first)", Fate.MOVED, "fetch first"),
        ("[rejected] (needs force)", Fate.MOVED, "needs force"),
        ("[remote rejected] (non-fast-forward)", Fate.REFUSED, "non-fast-forward"),  # receive.denyNonFastForwards
        ("[remote rejected] (failed to update ref)", Fate.BUSY, "failed to update ref"),
        ("[remote rejected] (a (nested) reason)", Fate.REFUSED, "a (nested) reason"),
        ("[remote failure] (remote failed to report status)", Fate.BUSY, "remote failed to report status"),
        ("[remote rejected] (with\ttab)", Fate.REFUSED, "with\ttab"),
        ("[no match]", Fate.REFUSED, "[no match]"),
    ],
)
def test_reasons(summary: str, fate: Fate, reason: str) -> None:
    answer = f"To somewhere\n!\t{'a' * 40}:refs/heads/x\t{summary}\nDone\n"
    assert parse(answer)["refs/heads/x"][:2] == (fate, reason)


@given(st.text())
def test_parse_takes_anything(text: str) -> None:
    parse(text)
    parse_refs(text)
    parse(f"!\t:refs/heads/x\t{text}")


def test_the_worst_of_two_answers_counts() -> None:
    good, bad = "*\tx:refs/heads/x\t[new branch]\n", "!\tx:refs/heads/x\t[remote rejected] (hook declined)\n"
    for answer in (good + bad, bad + good):
        assert parse(answer)["refs/heads/x"].fate is Fate.REFUSED
