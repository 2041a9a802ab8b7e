"""Reading many objects at once."""

from hookkit import repository
from hookkit.repository import Repository


def blob(repo: Repository, content: bytes) -> str:
    return repo.git("hash-object", "-w", "--stdin", stdin=content).text()


def test_contents_may_look_like_what_stands_between_them(repo: Repository, monkeypatch) -> None:
    monkeypatch.setattr(repository, "_AT_ONCE", 2)
    contents = [b"a\n\n" + b"1" * 40 + b" blob 3\nxyz", b"", b"last\n", b"x missing\n"]
    oids = [blob(repo, each) for each in contents]
    assert list(repo.contents([oids[0], "2" * 40, *oids[1:]])) == contents
    assert list(repo.contents([])) == []
