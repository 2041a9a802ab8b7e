"""What is a large file, where it goes, what a failure means."""

import pytest

from hookkit.api import Failure, GitConfig, Kind, NetworkResult, RefUpdate, Said
from hookkit.gitconfig import Entry
from hookkit_plugins.lfs import bringing, memory
from hookkit_plugins.lfs.endpoint import endpoint
from hookkit_plugins.lfs.pointer import large_file
from hookkit_plugins.mirror.plan import Change
from hookkit_plugins.mirror.preparing import failure_in, updates_of

ODD = Failure(Kind.UNREADY, "plugin lfs answered neither with a Failure nor with None")
OID = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{OID}\nsize 12345\n".encode()
ONE, TWO, ZERO = "1" * 40, "2" * 40, "0" * 40


@pytest.mark.parametrize(
    ("blob", "expected"),
    [
        (POINTER, OID),
        (POINTER.replace(b"git-lfs", b"hawser"), OID),
        (POINTER.replace(b"oid", b"ext-0-foo sha256:" + b"a" * 64 + b"\noid"), OID),
        (POINTER.replace(b"12345", b"0"), None),
        (POINTER.replace(b"oid sha256", b"oid md5"), None),
        (POINTER + b"x" * 1024, None),
        (b"an ordinary file\n" + POINTER, None),
        (b"", None),
    ],
)
def test_pointers_are_told_from_other_files(blob: bytes, expected: str | None) -> None:
    assert large_file(blob) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("ssh://git@bravo/~/project.git", "ssh://git@bravo/~/project.git"),
        ("git@bravo:project.git", "git@bravo:project.git"),
        ("https://x:y@bravo/project.git", "https://x:y@bravo/project.git/info/lfs"),
        ("https://bravo/project/", "https://bravo/project.git/info/lfs"),
        ("/srv/git/project.git", "file:///srv/git/project.git"),
        ("file:///srv/git/project.git", "file:///srv/git/project.git"),
    ],
)
def test_where_large_files_go(url: str, expected: str) -> None:
    assert endpoint(GitConfig([]), "bravo", url) == expected


def test_the_owner_may_say_where_they_go() -> None:
    config = GitConfig([Entry("local", "file:config", "remote.bravo.lfsurl", "https://lfs.example.org/p")])
    assert endpoint(config, "bravo", "git@bravo:p.git") == "https://lfs.example.org/p"
    assert endpoint(config, "bravo:2", "git@charlie:p.git") == "git@charlie:p.git"


def test_a_remote_that_was_made_anew_is_noticed() -> None:
    known = {"refs/heads/main": ONE}
    assert memory.is_outdated(known, [RefUpdate("refs/heads/main", ZERO, TWO)])
    assert not memory.is_outdated(known, [RefUpdate("refs/heads/main", ONE, TWO), RefUpdate("refs/heads/b", ZERO, ONE)])


@pytest.mark.parametrize(
    ("status", "stderr", "elsewhere", "kind", "words"),
    [
        (None, "", False, Kind.LATE, "2 large files could not be brought in 9s"),
        (1, "git: 'lfs' is not a git command. See 'git --help'.", False, Kind.UNREADY, "not installed here"),
        (2, "batch request: ssh: connect to host bravo port 22: Connection refused", False, Kind.OFFLINE, "refused"),
        (2, "dial tcp 127.0.0.1:9: connect: Connection refused", True, Kind.UNREADY, "refused"),
        (2, "LFS: quota of project exceeded", False, Kind.UNREADY, "2 large files could not be brought: LFS: quota"),
    ],
)
def test_what_a_failure_means(status: int | None, stderr: str, elsewhere: bool, kind: Kind, words: str) -> None:
    failure = bringing.judge(NetworkResult(status, "", stderr, 9.0), 2, elsewhere=elsewhere)
    assert failure.kind is kind
    assert words in failure.cause


def test_what_is_missing_is_named_and_not_without_end() -> None:
    assert bringing.lacking([OID]).cause == "1 large file is not here: 4d7a214614ab"
    assert bringing.lacking([OID] * 5).cause.endswith("4d7a214614ab and others")


def test_deletions_need_nothing() -> None:
    changes = [Change("refs/heads/a", ONE, None), Change("refs/heads/b", None, ONE), Change("refs/heads/c", TWO, ONE)]
    assert updates_of(changes) == (RefUpdate("refs/heads/a", ZERO, ONE), RefUpdate("refs/heads/c", ONE, TWO))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], None),
        ([Said("lfs")], None),
        ([Said("lfs"), Said("other", ["offline", "no route", None])], Failure(Kind.OFFLINE, "no route")),
        ([Said("lfs", failed="raised")], Failure(Kind.UNREADY, "plugin lfs raised")),
        (
            [Said("lfs", ["odd", "x", None])],
            Failure(Kind.UNREADY, "plugin lfs answered neither with a Failure nor with None"),
        ),
        ([Said("lfs", True)], ODD),
    ],
)
def test_one_plugin_that_is_not_ready_keeps_everything_back(said: list[Said], expected: Failure | None) -> None:
    assert failure_in(said) == expected
