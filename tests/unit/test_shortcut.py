"""The shortcut says "nobody" only where the long way would call nobody."""

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hookkit import discovery, runner, shortcut, start
from hookkit.catalogue import HOOKS
from hookkit.dispatch import wanted
from hookkit.distributions import Found
from hookkit.gitconfig import parse
from hookkit.repository import Repository

NAMES = ("mirror", "scripts", "check", "gone")
VALUES = ("true", "false", "", "0", "off", "perhaps", " FALSE ", None)


def nobody(repo: Repository, hook: str) -> bool:
    return shortcut.settled(shortcut.Call(hook, str(repo.git_dir)))


def called(repo: Repository, hook: str) -> list[str]:
    """Who is called, or complained about, the long way."""
    complaints: list[str] = []
    found = wanted(repo, HOOKS[hook], discovery.cached(repo), lambda who, what: complaints.append(who + what))
    return [each.id for each in found] + complaints


def knows(repo: Repository, name: str, *specs: str, file: Path | None = None) -> None:
    (found,) = (each for each in discovery.cached(repo).plugins if each.name == name)
    discovery.remember(repo, found, str(file or __file__), dict.fromkeys(specs, 0))


def test_without_a_summary_nothing_is_certain(repo: Repository) -> None:
    assert not nobody(repo, "pre-receive")
    discovery.cached(repo)
    assert nobody(repo, "pre-receive")


def test_the_plugin_that_is_on_by_default(repo: Repository, configure: Callable[..., None]) -> None:
    configure("hookkit.mirror.enabled", "true")
    discovery.cached(repo)
    assert not nobody(repo, "pre-receive"), "what mirror implements is not known yet"
    knows(repo, "mirror", "hookkit_update")
    assert nobody(repo, "pre-receive")
    assert not nobody(repo, "update")
    configure("hookkit.mirror.enabled", "false")
    assert nobody(repo, "update")
    configure("hookkit.mirror.enabled", "true", "--add")
    assert not nobody(repo, "update"), "the last line decides"


def test_a_file_that_changed(repo: Repository, site, configure: Callable[..., None]) -> None:
    file = site.module("acme_check")
    site.distribution("acme", "check = acme_check")
    configure("hookkit.check.enabled", "true")
    discovery.cached(repo)
    knows(repo, "check", "hookkit_pre_commit", file=file)
    assert nobody(repo, "pre-receive")
    os.utime(file, (1, 1))
    assert not nobody(repo, "pre-receive")


def test_what_is_installed_changed(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    discovery.cached(repo)
    monkeypatch.setattr(shortcut, "fingerprint", lambda: "another")
    assert not nobody(repo, "pre-receive")


def test_a_plugin_that_is_on_but_not_installed(repo: Repository, configure: Callable[..., None]) -> None:
    configure("hookkit.gone.enabled", "true")
    discovery.cached(repo)
    assert not nobody(repo, "pre-receive")


@pytest.mark.parametrize("variable", ["GIT_CONFIG_PARAMETERS", "GIT_CONFIG"])
def test_the_environment_decides_nothing(
    repo: Repository, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    configure("hookkit.mirror.enabled", "true")
    discovery.cached(repo)
    knows(repo, "mirror", "hookkit_update")
    (tmp_path / "empty").write_text("")
    monkeypatch.setenv(
        variable, str(tmp_path / "empty") if variable == "GIT_CONFIG" else "'hookkit.mirror.enabled'='false'"
    )
    assert not nobody(repo, "update")


def test_git_that_fails_is_not_certain(repo: Repository) -> None:
    discovery.cached(repo)
    (repo.git_dir / "config").write_text("[broken")
    assert not nobody(repo, "pre-receive")


def test_a_linked_work_tree_uses_the_summary_of_its_repository(repo: Repository) -> None:
    discovery.cached(repo)
    linked = repo.git_dir / "worktrees" / "topic"
    linked.mkdir(parents=True)
    (linked / "commondir").write_text("../..\n")
    (linked / "HEAD").write_text("ref: refs/heads/topic\n")
    assert shortcut.settled(shortcut.Call("pre-commit", str(linked)))


class Quick(ModuleType):
    """The module of a quick answer, which remembers what it was asked."""

    def __init__(self, answer: object) -> None:
        super().__init__("quick_check")
        self.calls: list[shortcut.Call] = []
        self.answer = answer

    def settled(self, call: shortcut.Call) -> object:
        self.calls.append(call)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def quick(repo: Repository, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Quick]:
    """``quick(True)``: the plugin ``check`` is on, implements pre-receive, and answers quickly."""

    def quick(answer: object, *others: str) -> Quick:
        module = Quick(answer)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        plugins = [Found("check", "hookkit", "1", "c", quick=module.__name__)]
        plugins += [Found(f"other{number}", "acme", "1", "o") for number in range(len(others))]
        specs = ["hookkit_pre_receive", *others]
        known = (__file__, shortcut.changed(__file__))
        hooks = {each.id: (*known, {spec: 0}) for each, spec in zip(plugins, specs, strict=True)}
        for each in plugins:
            configure(f"hookkit.{each.name}.enabled", "true")
        discovery.save(repo, discovery.Cache(tuple(plugins), hooks))
        return module

    return quick


@pytest.mark.parametrize("answer", [True, False])
def test_the_only_plugin_that_is_called_may_answer_quickly(
    repo: Repository, quick: Callable[..., Quick], configure: Callable[..., None], answer: bool
) -> None:
    module = quick(answer, "hookkit_mirror_stale", "hookkit_post_receive")
    configure("hookkit.check.loud", "yes")
    assert nobody(repo, "pre-receive") is answer
    (call,) = module.calls
    assert (call.hook, call.git_dir, call.common_dir) == ("pre-receive", str(repo.git_dir), str(repo.git_dir))
    assert call.others == {"hookkit_mirror_stale", "hookkit_post_receive"}
    assert call.config["hookkit.check.loud"] == ["yes"]
    assert call.listed is not None
    assert "hookkit.check.loud" in [entry.key for entry in parse(call.listed)]


def test_where_another_one_is_called_too_nobody_answers_quickly(repo: Repository, quick: Callable[..., Quick]) -> None:
    module = quick(True, "hookkit_pre_receive")
    assert not nobody(repo, "pre-receive")
    assert nobody(repo, "post-receive")
    assert module.calls == []


@pytest.mark.parametrize("wrong", [ValueError("a bug"), OSError("disk full")])
def test_a_quick_answer_that_fails_is_none(
    repo: Repository, quick: Callable[..., Quick], monkeypatch: pytest.MonkeyPatch, wrong: Exception
) -> None:
    quick(wrong)
    went: list[tuple[bytes, object]] = []

    def long_way(_argv: object, _before: object, call: shortcut.Call) -> int:
        went.append((call.stdin, call.listed))
        return 3

    monkeypatch.setattr(runner, "main", long_way)
    monkeypatch.setattr(sys, "argv", ["-c", "pre-receive", "-"])
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"0 1 refs/heads/main\n")))
    assert start.run() == 3
    ((stdin, listed),) = went
    assert stdin == b"0 1 refs/heads/main\n"
    assert listed


def test_what_was_read_is_not_read_again(repo: Repository, quick: Callable[..., Quick]) -> None:
    quick(False)
    call = shortcut.Call("pre-receive", ".")
    again = Repository.of_hook(call.listed)
    assert "config" in again.__dict__
    assert again.config.entries == repo.config.entries


_setting = st.tuples(st.sampled_from(NAMES), st.sampled_from(VALUES))
_specs = st.none() | st.sets(st.sampled_from(["hookkit_pre_receive", "hookkit_post_receive", "hookkit_status"]))


@given(
    lines=st.lists(_setting, max_size=5),
    knowledge=st.dictionaries(st.sampled_from(NAMES[:3]), _specs),
    duplicate=st.booleans(),
    hook=st.sampled_from(["pre-receive", "post-receive"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_agrees_with_dispatch(
    repo: Repository,
    lines: list[tuple[str, str | None]],
    knowledge: dict[str, set[str] | None],
    duplicate: bool,
    hook: str,
) -> None:
    text = "".join(
        f'[hookkit "{name}"]\n\tenabled' + ("\n" if value is None else f' = "{value}"\n') for name, value in lines
    )
    (repo.git_dir / "config").write_text(f"[core]\n\tbare = true\n{text}")
    repo.reload()
    plugins = [Found("mirror", "hookkit", "1", "m", default=True), Found("scripts", "hookkit", "1", "s")]
    plugins += [Found("check", "acme", "1", "c"), *([Found("check", "bolt", "1", "c")] if duplicate else [])]
    hooks = {
        each.id: (__file__, shortcut.changed(__file__), dict.fromkeys(specs, 0))
        for each in plugins
        if (specs := knowledge.get(each.name)) is not None
    }
    discovery.save(repo, discovery.Cache(tuple(plugins), hooks))
    assert nobody(repo, hook) == (called(repo, hook) == [])
