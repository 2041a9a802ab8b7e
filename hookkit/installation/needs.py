"""Which hooks a repository needs, and which configuration, according to the plugins that are on in it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from hookkit import discovery
from hookkit.asking import ask
from hookkit.catalogue import BY_SPEC, HOOKS
from hookkit.discovery import Cache, Found
from hookkit.gitconfig import split
from hookkit.isolation import Answer
from hookkit.repository import Repository
from hookkit.text import nearest

_SECONDS = 10.0


class Problem(NamedTuple):
    """Something that a plugin needs is not known, or cannot be had; ``text`` says why."""

    plugin: str
    text: str


class Needs(NamedTuple):
    """What the plugins that are on need.

    :param hooks: git hook to the plugins that need it, in the catalogue's order; those of the core have none.
    :param settings: configuration that they want set.
    :param plugins: the names of those who are on and need a hook, or could not be asked.
    :param problems: who could not be asked, and why: what they need is not known then.
    :param learnt: what was learnt about each, for :func:`hookkit.discovery.remember`.
    """

    hooks: dict[str, tuple[str, ...]]
    settings: dict[str, str]
    plugins: tuple[str, ...]
    problems: tuple[Problem, ...]
    learnt: tuple[tuple[Found, str | None, dict[str, int]], ...]


def of(repo: Repository) -> Needs:
    """Ask the plugins that are on in ``repo``. Nothing is written.

    :raises ConfigError: one is neither on nor off.
    """
    cache = Cache(discovery.scan(), {})
    plugins = [found for found in cache.plugins if not cache.shadowed(found) and found.enabled(repo.config)]
    collected = _Collected(cache.plugins)
    for entry in discovery.missing(cache, repo.config):
        name = split(entry.key)[1] or ""
        text = f"{entry.key} is set in {entry.place}, but no such plugin is installed"
        collected.problems.append(Problem(name, text))
    for found in plugins:
        collected.ask(repo, found)
    ordered = {name: tuple(collected.hooks[name]) for name in HOOKS if name in collected.hooks}
    # One that only brings commands, say, is no reason for git to start hookkit.
    involved = {name for names in ordered.values() for name in names} | {each.plugin for each in collected.problems}
    names = tuple(found.name for found in plugins if found.name in involved)
    return Needs(ordered, collected.settings, names, tuple(collected.problems), tuple(collected.learnt))


class _Collected:
    def __init__(self, installed: tuple[Found, ...]) -> None:
        self._installed = installed
        self.hooks: dict[str, list[str]] = {hook.name: [] for hook in HOOKS.values() if hook.always}
        self.settings: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.learnt: list[tuple[Found, str | None, dict[str, int]]] = []

    def ask(self, repo: Repository, found: Found) -> None:
        if found.problem:
            text = f"plugin {found.name} of {found.distribution} cannot be used: {found.problem}"
            self.problems.append(Problem(found.name, text))
            return
        value = self._ask(repo, found, "hookkit_hooks", _hooks)
        implemented: dict[str, int] = value.get("hooks", {})
        if implemented:
            self.learnt.append((found, value.get("origin"), implemented))
        for hook in value.get("needs", [hook.name for spec, hook in BY_SPEC.items() if spec in implemented]):
            self.hooks.setdefault(hook, []).append(found.name)
        if "hookkit_install" in implemented:
            settings: dict[str, str] = self._ask(repo, found, "hookkit_install", _settings).get("settings", {})
            for key, wanted in settings.items():
                if self.settings.setdefault(key, wanted) != wanted:
                    text = f"{found.name} wants {key} = {wanted}, another plugin {self.settings[key]}"
                    self.problems.append(Problem(found.name, text))

    def _ask(self, repo: Repository, found: Found, spec: str, convert: Any) -> dict[str, Any]:
        answer: Answer = ask(
            found,
            spec,
            [{"repo": repo}],
            convert,
            doing=f"{spec} of plugin {found.id} in {repo.git_dir}",
            timeout=_SECONDS,
            emit=lambda _: None,
            plugins=self._installed,
        )
        if answer.failed:
            text = f"plugin {found.name} ({found.distribution}), asked for {spec}: {answer.failed}"
            self.problems.append(Problem(found.name, text))
        return answer.value


def _hooks(answer: object) -> dict[str, Any]:
    if answer is None:
        return {}
    names = list(answer) if isinstance(answer, Iterable) and not isinstance(answer, str) else [answer]
    wrong = [name for name in names if name not in HOOKS]
    if wrong:
        meant = nearest(str(wrong[0]), list(HOOKS))
        return {"failed": f"there is no git hook {wrong[0]!r}" + (f" (did you mean {meant}?)" if meant else "")}
    return {"needs": names}


def _settings(answer: object) -> dict[str, Any]:
    if answer is None:
        return {}
    if isinstance(answer, dict) and all(isinstance(text, str) for pair in answer.items() for text in pair):
        return {"settings": answer}
    return {"failed": "hookkit_install must return a dict of texts"}
