import errno
import os
from pathlib import Path

import pytest
from support.trees import snapshot

from hookkit.catalogue import HOOKS
from hookkit.installation import stub
from hookkit.installation.layout import slot_at
from hookkit.installation.slot import Kind, Slot, alike, kind

STUB = stub.text(HOOKS["post-receive"], "/usr/bin/python3")
MODE = 0o755


@pytest.fixture
def slot(tmp_path: Path) -> Slot:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    return slot_at(hooks / "post-receive", "post-receive")


def nothing(path: Path) -> None:
    pass


def script(path: Path) -> None:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o751)


def not_executable(path: Path) -> None:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o640)


def unreadable(path: Path) -> None:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o111)


def binary(path: Path) -> None:
    path.write_bytes(b"\x7fELF\xff\xfe\0" * 20000)
    path.chmod(0o755)


def relative_link(path: Path) -> None:
    script(path.with_name("shared"))
    path.symlink_to("shared")


def dead_link(path: Path) -> None:
    path.symlink_to("/no/such/file")


def link_to_stub(path: Path) -> None:
    path.with_name("shared").write_bytes(STUB)
    path.symlink_to("shared")


SITUATIONS = [nothing, script, not_executable, unreadable, binary, relative_link, dead_link, link_to_stub]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_is_taken_back_is_what_was_there(slot, situation):
    situation(slot.path)
    before = snapshot(slot.path.parent)
    slot.put(STUB, MODE)
    assert slot.holds is Kind.STUB
    assert slot.path.stat().st_mode & 0o7777 == MODE
    assert slot.keeps is (situation is not nothing)
    assert not slot.scratch.exists()
    assert slot.take_back()
    assert snapshot(slot.path.parent) == before


@pytest.mark.parametrize("situation", SITUATIONS)
def test_putting_a_stub_twice_keeps_the_hook_from_before(slot, situation):
    situation(slot.path)
    before = snapshot(slot.path.parent)
    slot.put(STUB, MODE)
    slot.put(STUB, MODE)
    slot.take_back()
    assert snapshot(slot.path.parent) == before


@pytest.mark.parametrize("situation", SITUATIONS)
@pytest.mark.parametrize("reason", [errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK])
def test_without_hard_links(slot, situation, reason, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError(reason, os.strerror(reason))

    situation(slot.path)
    before = snapshot(slot.path.parent)
    monkeypatch.setattr(os, "link", refuse)
    slot.put(STUB, MODE)
    assert slot.holds is Kind.STUB
    slot.take_back()
    assert snapshot(slot.path.parent) == before


def test_a_shared_file_is_never_written_through_a_link(slot):
    relative_link(slot.path)
    shared = slot.path.with_name("shared")
    slot.put(STUB, MODE)
    assert shared.read_text() == "#!/bin/sh\n"
    assert slot.kept.resolve() == shared


def test_at_no_instant_is_the_hook_not_in_force(slot, monkeypatch):
    """Before and after each step, the name that git calls is an executable: the hook or the stub, with the hook kept."""
    seen = []

    def watched(name, function):
        def step(*args, **kwargs):
            seen.append((name, slot.holds, slot.keeps))
            function(*args, **kwargs)
            seen.append((name, slot.holds, slot.keeps))

        return step

    script(slot.path)
    for name in ("link", "replace", "rename", "unlink"):
        monkeypatch.setattr(os, name, watched(name, getattr(os, name)))
    slot.put(STUB, MODE)
    slot.take_back()
    assert {"link", "replace"} <= {name for name, _, _ in seen}
    assert all(holds is Kind.HOOK or (holds is Kind.STUB and keeps) for _, holds, keeps in seen)


def test_somebody_elses_hook_stays_and_what_is_kept_too(slot):
    script(slot.path)
    slot.put(STUB, MODE)
    slot.path.unlink()
    slot.path.write_text("#!/bin/sh\necho new\n")
    before = snapshot(slot.path.parent)
    assert not slot.take_back()
    assert snapshot(slot.path.parent) == before


def test_an_edited_stub_is_somebody_elses_hook(slot):
    slot.put(STUB, MODE)
    slot.path.write_bytes(STUB + b"echo mine\n")
    assert slot.take_back()
    assert slot.path.read_bytes() == STUB + b"echo mine\n"


def test_a_stub_that_somebody_removed(slot):
    script(slot.path)
    before = snapshot(slot.path.parent)
    slot.put(STUB, MODE)
    slot.path.unlink()
    assert slot.take_back()
    assert snapshot(slot.path.parent) == before


def test_a_hook_that_somebody_put_back_by_hand(slot):
    script(slot.path)
    slot.put(STUB, MODE)
    before = snapshot(slot.path.parent)
    slot.path.unlink()
    script(slot.path)
    assert slot.is_double
    slot.put(STUB, MODE)
    assert snapshot(slot.path.parent) == before


def test_drop_ins_leave_everything_else_alone(tmp_path):
    folder = tmp_path / "hooks" / "post-receive.d"
    folder.mkdir(parents=True)
    script(folder / "gitea")
    script(tmp_path / "hooks" / "post-receive")
    before = snapshot(tmp_path)
    slot = slot_at(folder / "hookkit", "post-receive")
    slot.put(STUB, MODE)
    assert snapshot(tmp_path).keys() - before.keys() == {"hooks/post-receive.d/hookkit"}
    slot.take_back()
    assert snapshot(tmp_path) == before


def test_nothing_is_written_where_a_platform_would_run_it(tmp_path):
    slot = slot_at(tmp_path / "hooks" / "post-receive.d" / "hookkit", "post-receive")
    assert slot.scratch == tmp_path / "hooks" / "hookkit-new-post-receive"
    assert not slot_at(tmp_path / "hooks" / "post-receive", "post-receive").scratch.name.startswith("post-receive")


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_not_a_file(tmp_path, make):
    make(tmp_path / "post-receive")
    assert kind(tmp_path / "post-receive") is Kind.ODD


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (script, script, True),
        (script, not_executable, False),
        (script, binary, False),
        (dead_link, dead_link, True),
        (dead_link, relative_link, False),
        (script, dead_link, False),
    ],
)
def test_alike(tmp_path, one, other, expected):
    one(tmp_path / "one")
    other(tmp_path / "other")
    assert alike(tmp_path / "one", tmp_path / "other") is expected
