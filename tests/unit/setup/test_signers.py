"""The file of signers: what is there stays byte for byte; and files that change."""

import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookkit.errors import HookkitError
from hookkit.repository import Repository
from hookkit_plugins.setup import files, keys, signers
from hookkit_plugins.setup.files import Change

A = keys.parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGKz0bcHUNKEYXPSMQ6lzZ5vhPOsF1yXzv6VxTcU6UPb", "a")
B = keys.parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHKz0bcHUNKEYXPSMQ6lzZ5vhPOsF1yXzv6VxTcU6UPb", "b")
LINE = f"bravo {A.material}\n".encode()


def test_a_line_is_added_once() -> None:
    assert signers.with_key(b"", "bravo", A, "f") == LINE
    assert signers.with_key(LINE, "bravo", A, "f") == LINE
    assert signers.with_key(LINE, "charlie", B, "f").startswith(LINE)


@pytest.mark.parametrize(
    "line",
    [
        f"bravo {A.material} comment",
        f'"bravo" {A.material}',
        f'charlie,bravo\tnamespaces="file,git",valid-after="20200101"  {A.kind}\t{A.base64}\r',
        f'  bravo cert-authority {A.material}',
    ],
)  # fmt: skip
def test_what_says_so_already(line: str) -> None:
    data = f"# first\n\n{line}\nlast".encode()
    assert signers.with_key(data, "bravo", A, "f") == data
    with pytest.raises(HookkitError, match="another key"):
        signers.with_key(data, "bravo", B, "f")
    with pytest.raises(HookkitError, match="is that of"):
        signers.with_key(data, "delta", A, "f")


@pytest.mark.parametrize("line", [f'bravo namespaces="file" {A.material}', f"#bravo {A.material}", "bravo", "x y z"])
def test_what_says_nothing_about_hookkit(line: str) -> None:
    assert signers.with_key(line.encode(), "bravo", B, "f").startswith(line.encode() + b"\nbravo ")


@given(st.binary())
def test_whatever_is_there_stays(data: bytes) -> None:
    after = signers.with_key(data, "bravo", A, "f")
    assert after.startswith(data)
    assert signers.with_key(after, "bravo", A, "f") == after


def test_a_file_changes_in_one_step_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    change = Change(path, None, b"one\ntwo")
    assert list(change.diff()) == ["--- /dev/null", f"+++ {path}", "@@ -0,0 +1,2 @@", "+one", "+two"]
    change.write(0o640)
    assert path.read_bytes() == b"one\ntwo"
    assert path.stat().st_mode & 0o777 == 0o640
    assert not Change(path, files.read(path), b"one\ntwo").needed
    with pytest.raises(HookkitError, match="somebody else"):
        Change(path, b"one", b"x").write(0o600)
    link = tmp_path / "link"
    link.symlink_to(path)
    Change(link, b"one\ntwo", b"three").write(0o600)
    assert link.is_symlink()
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"three", 0o640)
    assert [each.name for each in path.parent.iterdir()] == ["file"]
    with pytest.raises(HookkitError, match="cannot be read"):
        files.read(tmp_path)


def test_two_at_the_same_moment(
    repo: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What the other one has written meanwhile stays."""
    monkeypatch.setenv("HOME", str(tmp_path))
    path = signers.place(repo)
    other = threading.Thread(target=signers.trust, args=(repo, "charlie", B))
    with files.alone(path.parent):
        other.start()
        said = ""
        deadline = time.monotonic() + 10
        while "is at work there, waiting" not in said:
            assert time.monotonic() < deadline
            assert other.is_alive()
            said += capfd.readouterr().err
        path.write_bytes(LINE)
    other.join(10)
    assert path.read_bytes() == LINE + f"charlie {B.material}\n".encode()
    assert not signers.trust(repo, "charlie", B).needed
