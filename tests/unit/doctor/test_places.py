"""Folders, owners, disks, file systems, the account and git itself: broken, and found."""

import contextlib
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.requirements import require

from hookkit.doctor import mounts

NOBODY = 65534


@contextlib.contextmanager
def mounted(place: Path, size: str, options: str = "rw") -> Iterator[None]:
    """What is in ``place`` on a small file system of its own."""
    require("mount")
    copy = place.with_name(f"{place.name}.copy")
    shutil.copytree(place, copy, symlinks=True)
    subprocess.run(("mount", "-t", "tmpfs", "-o", f"mode=755,size={size}", "tmpfs", place), check=True)
    try:
        shutil.copytree(copy, place, symlinks=True, dirs_exist_ok=True)
        subprocess.run(("mount", "-o", f"remount,{options}", place), check=True)
        yield
    finally:
        subprocess.run(("umount", place), check=True)


def test_a_folder_that_cannot_be_written(bare, doctor):
    with mounted(bare / "hookkit", "8m", "ro"):
        status, found = doctor()
    assert status == 1
    assert found["the repository's folder"]["verdict"] == "problem"
    assert "Read-only file system" in found["the repository's folder"]["cause"]
    assert found["file system"]["cause"] == "tmpfs"


def test_a_disk_that_is_full(bare, doctor):
    with mounted(bare, "8m"):
        status, found = doctor()
    assert status == 1
    assert "pushes are about to fail" in found["disk"]["cause"]


def test_a_disk_that_is_nearly_full(bare, doctor):
    with mounted(bare, "100m"):
        status, found = doctor()
    assert status == 0
    assert found["disk"]["verdict"] == "warning"


def test_a_disk_that_has_room_for_no_more_files(bare, doctor):
    files = sum(1 for _ in bare.rglob("*")) + 50
    with mounted(bare, f"500m,nr_inodes={files}"):
        status, found = doctor()
    assert status == 1
    assert "more files fit on it" in found["disk"]["cause"]


def test_the_disk_of_the_accounts_folder_is_full(bare, doctor, monkeypatch, tmp_path):
    """The repository's has room: it is another one."""
    own = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(own))
    assert "the account's disk" not in doctor()[1], "they are one"
    with mounted(own / "hookkit", "8m"):
        status, found = doctor()
    assert status == 1
    assert found["disk"]["verdict"] == "ok"
    assert "cannot be written down" in found["the account's disk"]["cause"]
    assert found["the account's disk"]["hint"] == f"df {own}/hookkit"


def test_an_account_without_a_folder(bare, doctor, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/state")
    status, found = doctor()
    assert status == 1
    assert found["the account's folder"]["verdict"] == "problem"
    assert "XDG_STATE_HOME" in found["the account's folder"]["hint"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_root_has_left_is_given_back(bare, doctor):
    path = bare / "hookkit/mirror/outbox.sqlite"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")
    os.chown(path, NOBODY, -1)
    status, found = doctor()
    assert status == 1
    assert f"{path} belongs to nobody" in found["owners"]["cause"]
    assert found["owners"]["hint"] == f"chown -R root {bare}/hookkit"
    assert doctor("--fix")[1]["owners"]["fixed"]
    assert path.stat().st_uid == bare.stat().st_uid


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_shared_repository_has_many_owners(bare, doctor):
    subprocess.run(("git", "-C", bare, "config", "core.sharedRepository", "group"), check=True)
    os.chown(bare / "hookkit/plugins.json", NOBODY, -1)
    assert "owners" not in doctor()[1]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_another_account_than_the_owner(bare, doctor, isolated_account, monkeypatch, tmp_path):
    configuration = tmp_path / "gitconfig"
    configuration.write_text("[safe]\n\tdirectory = *\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    for path in (bare, *bare.rglob("*")):
        os.chown(path, NOBODY, -1, follow_symlinks=False)
    status, found = doctor()
    assert status == 0
    assert found["account"]["verdict"] == "warning"
    assert found["account"]["hint"] == f"sudo -u nobody hookkit -C {bare} doctor"


def test_a_file_system_that_several_machines_share(bare, doctor, monkeypatch, tmp_path):
    table = tmp_path / "mountinfo"
    table.write_text(f"1 1 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:5 / {bare} rw - nfs4 server:/git rw\n")
    monkeypatch.setattr(mounts, "MOUNTS", table)
    status, found = doctor()
    assert status == 0
    assert found["file system"]["verdict"] == "warning"
    assert "is on nfs4" in found["file system"]["cause"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/srv", "ext4"),
        ("/srv/git", "nfs4"),
        ("/srv/git/x.git", "nfs4"),
        ("/srv/gitolite", "ext4"),
        ("/a b/c", "cifs"),
        ("/covered/x", "xfs"),
    ],
)
def test_the_kind_of_a_file_system(path, kind):
    table = (
        "1 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
        "2 1 0:5 / /srv/git rw shared:2 master:1 - nfs4 server:/git rw\n"
        "3 1 0:6 / /a\\040b rw - cifs //server/share rw\n"
        "4 1 0:7 / /covered rw - nfs server:/x rw\n"
        "5 1 0:8 / /covered rw - xfs /dev/sdb rw\n"
    )
    assert mounts.kind_among(path, table) == kind


def test_a_git_that_is_too_old(bare, doctor, monkeypatch, tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    fake = folder / "git"
    real = shutil.which("git")
    fake.write_text(f'#!/bin/sh\n[ "$1" = version ] && echo git version 2.30.1 && exit\nexec {real} "$@"\n')
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    status, found = doctor()
    assert status == 1
    assert found["git"]["cause"] == "git is 2.30.1; hookkit needs 2.39 or newer"
