"""The cache of what is installed: right at every moment, and never a reason to fail."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hookkit import discovery, distributions
from hookkit.discovery import cached, missing, remember
from hookkit.repository import Repository


def names(repo: Repository) -> set[str]:
    return {found.name for found in cached(repo).plugins if not found.shipped}


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows with every scan."""
    done: list[int] = []
    monkeypatch.setattr(discovery, "scan", lambda: done.append(1) or distributions.scan())
    return done


def test_it_is_stored_once(repo: Repository, site, scans: list[int]) -> None:
    site.distribution("acme", "check = a")
    assert names(repo) == {"check"}
    assert names(repo) == {"check"}
    assert len(scans) == 1


def test_it_follows_what_is_installed_and_removed(repo: Repository, site, scans: list[int]) -> None:
    assert names(repo) == set()
    folder = site.distribution("acme", "check = a")
    _let_time_pass(site.path)
    assert names(repo) == {"check"}
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    _let_time_pass(site.path)
    assert names(repo) == set()
    assert len(scans) == 3


def _let_time_pass(folder: Path) -> None:
    """Two changes within one tick of the file system's clock would look like one."""
    later = time.time() + 1 + folder.stat().st_mtime % 1
    os.utime(folder, (later, later))


def test_another_interpreter_scans_again(repo: Repository, scans: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    cached(repo)
    monkeypatch.setattr("sys.version", "3.99")
    cached(repo)
    assert len(scans) == 2


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]", b'{"fingerprint": 1, "plugins": [[]], "hooks": {}}'])
def test_a_damaged_cache_is_made_anew(repo: Repository, site, content: bytes) -> None:
    site.distribution("acme", "check = a")
    cached(repo)
    (repo.state_dir / "plugins.json").write_bytes(content)
    assert names(repo) == {"check"}
    assert json.loads((repo.state_dir / "plugins.json").read_bytes())["plugins"]


def test_it_need_not_be_stored(repo: Repository, site) -> None:
    site.distribution("acme", "check = a")
    repo.state_dir.rmdir()
    assert names(repo) == {"check"}
    assert not repo.state_dir.exists()


def test_a_full_disk_is_no_reason_to_fail(repo: Repository, site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.distribution("acme", "check = a")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(discovery.shortcut, "write", full)
    assert names(repo) == {"check"}
    monkeypatch.setattr("pathlib.Path.write_text", full)
    assert names(repo) == {"check"}


def test_what_a_plugin_implements_is_remembered_until_its_file_changes(repo: Repository, site) -> None:
    file = site.module("acme_check")
    site.distribution("acme", "check = acme_check")
    (found,) = (each for each in cached(repo).plugins if each.name == "check")
    assert cached(repo).implemented(found) is None
    remember(repo, found, str(file), {"hookkit_pre_receive": 0})
    assert cached(repo).implemented(found) == {"hookkit_pre_receive": 0}
    os.utime(file, (1, 1))
    assert cached(repo).implemented(found) is None
    remember(repo, found, None, {"hookkit_pre_receive": 0})
    assert cached(repo).implemented(found) is None


def test_an_outsider_with_a_shipped_name_is_shadowed(repo: Repository, site) -> None:
    site.distribution("acme", "mirror = evil", "check = a")
    cache = cached(repo)
    shadowed = {found.id for found in cache.plugins if cache.shadowed(found)}
    assert shadowed == {"acme:mirror"}


def test_what_is_on_but_not_installed(repo: Repository, configure: Callable[..., None]) -> None:
    for key, value in (("gone", "true"), ("off", "false"), ("odd", "perhaps"), ("scripts", "true")):
        configure(f"hookkit.{key}.enabled", value)
    configure("hookkit.gone.timeout", "3")
    configure("hookkit.node", "alpha")
    assert [entry.key for entry in missing(cached(repo), repo.config)] == [
        "hookkit.gone.enabled",
        "hookkit.odd.enabled",
    ]
