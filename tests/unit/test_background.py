"""Work in the background: one process at a time, and nothing that was left to it is forgotten."""

import os
from pathlib import Path

import pytest
from filelock import FileLock
from support.poll import until

from hookkit.background import work_alone
from hookkit.detached import start_background


def test_what_comes_after_the_last_look_is_done_too(tmp_path: Path) -> None:
    left = [True, True, False]
    done = []
    work_alone(tmp_path / "lock", lambda: done.append(1), lambda: left.pop(0))
    assert len(done) == 3


def test_only_one_works(tmp_path: Path) -> None:
    with FileLock(tmp_path / "lock"):
        work_alone(tmp_path / "lock", lambda: pytest.fail("it works"), lambda: True)


def test_what_stops_it_is_logged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise OSError("disk\nfull")

    with pytest.raises(SystemExit):
        work_alone(tmp_path / "lock", fail, lambda: True)
    assert capsys.readouterr().err.endswith(" it ends: disk full\n")


def test_it_starts_without_what_belongs_to_the_login_and_keeps_one_old_log(tmp_path: Path) -> None:
    log = tmp_path / "some.log"
    log.write_text("old\n" * 100_000)
    code = "import os, sys; print(sorted(os.environ), sys.argv[1:])"
    start_background(code, "an argument", env={"PATH": os.environ["PATH"], "GL_USER": "dana", "SSH_TTY": "x"}, log=log)
    until(lambda: log.exists() and "an argument" in log.read_text(), "it does not start")
    assert "GL_USER" not in log.read_text()
    assert "SSH_TTY" not in log.read_text()
    assert "old" in (tmp_path / "some.log.1").read_text()


def test_a_log_stays_small_while_it_is_written(tmp_path: Path) -> None:
    """Two that write to one log for a year; what one of them begins anew the other goes on in."""
    log = tmp_path / "logs" / "some.log"
    log.parent.mkdir()
    code = (
        "import sys; from hookkit.background import log_line\n"
        "for number in range(6000): log_line(f'{number} of ' + 'x' * 60)\n"
        "open(sys.argv[1], 'w')"
    )
    ended = [tmp_path / "first", tmp_path / "second"]
    for file in ended:
        start_background(code, str(file), env={"PATH": os.environ["PATH"]}, log=log)
    until(lambda: all(file.exists() for file in ended), "they do not end", 60)
    assert sorted(path.name for path in log.parent.iterdir()) == ["some.log", "some.log.1"]
    assert all(path.stat().st_size < 300_000 for path in log.parent.iterdir())
    assert " 5999 of " in log.read_text()
