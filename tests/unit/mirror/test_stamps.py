"""When the timer's command ran last, and what doctor makes of it."""

import io
import sys
import time
from pathlib import Path

import pytest

from hookkit_plugins.mirror import stamps
from hookkit_plugins.mirror.doctor import background


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return tmp_path


def test_it_is_about_everything_below_the_folder(tmp_path: Path) -> None:
    stamps.stamp(tmp_path / "srv")
    assert time.time() - (stamps.last(tmp_path / "srv" / "team" / "a.git") or 0) < 60
    assert stamps.last(tmp_path / "srv") is not None
    assert stamps.last(tmp_path / "srv2" / "a.git") is None
    assert stamps.last(tmp_path) is None


def test_what_somebody_types_is_no_timer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    stamps.stamp(tmp_path)
    assert stamps.last(tmp_path) is None


@pytest.mark.parametrize("content", ["garbage", "[]", '{"/": "soon"}', '{"/": null}'])
def test_what_is_damaged_is_begun_anew(tmp_path: Path, content: str) -> None:
    stamps.stamp(tmp_path)
    stamps._path().write_text(content)
    assert stamps.last(tmp_path) is None
    stamps.stamp(tmp_path)
    assert stamps.last(tmp_path) is not None


@pytest.mark.parametrize(("hours", "verdicts"), [(None, []), (5, ["ok"]), (7, ["warning"])])
def test_doctor_notices_that_it_has_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int | None, verdicts: list[str]
) -> None:
    ran = None if hours is None else time.time() - hours * 3600
    monkeypatch.setattr(background, "last", lambda _: ran)

    class Subject:
        class repo:  # noqa: N801
            path = tmp_path

    found = list(background._timer(Subject()))  # type: ignore[arg-type]
    assert [each.verdict for each in found] == verdicts
    assert all("list-timers" in each.hint for each in found if each.verdict == "warning")
