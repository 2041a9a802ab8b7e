"""Looking at plugins without trusting them: each is loaded, and asked, in a process of its own with a time limit."""

import re
from collections.abc import Iterable
from functools import cache
from types import FunctionType
from typing import Any, NamedTuple

from hookkit.asking import ask
from hookkit.catalogue import BY_SPEC
from hookkit.compatibility import unknown_hooks
from hookkit.discovery import Found
from hookkit.errors import PluginError
from hookkit.isolation import Answer
from hookkit.manager import SPECS
from hookkit.repository import Repository
from hookkit.values import Metric, Section

_SECONDS = 10.0


class Look(NamedTuple):
    """What a look at one plugin showed.

    :param hooks: the git hooks that it implements, as git names them.
    :param problem: why it should not run, None if nothing speaks against it.
    """

    hooks: tuple[str, ...] = ()
    problem: str | None = None


def look(found: Found, everyone: Iterable[Found], calling: str | None = None) -> Look:
    """Load ``found`` and see what it implements.

    :param everyone: the plugins that may be asked which hooks they declare for others.
    :param calling: a hookspec without arguments that is called too, to see whether it returns.
    """
    if found.problem:
        return Look(problem=found.problem)
    value, failed = _ask(found, calling, {}, lambda _: {})
    implemented: dict[str, int] = value.get("hooks", {})
    unknown = {*value.get("unknown", [])}
    wrong = "; ".join(unknown_hooks(unknown, [*SPECS, *_declared(everyone, unknown)]))
    return Look(tuple(hook.name for spec, hook in BY_SPEC.items() if spec in implemented), failed or wrong or None)


def _declared(everyone: Iterable[Found], wanted: set[str]) -> list[str]:
    """The hooks that plugins declare, until all ``wanted`` ones are among them: each plugin that is asked is a process."""
    declared: list[str] = []
    for found in everyone:
        if not wanted - {*declared}:
            break
        if not found.problem:
            declared += _declared_by(found)
    return declared


@cache
def _declared_by(found: Found) -> tuple[str, ...]:
    """The hooks that ``found`` declares: whoever looks at many plugins asks each once. Of one that does not answer, none."""
    return tuple(_ask(found, "hookkit_hookspecs", {}, _names).value.get("names", ()))


def _names(answer: object) -> dict[str, Any]:
    given = list(answer) if isinstance(answer, Iterable) else []
    return {"names": [each.__name__ for each in given if isinstance(each, FunctionType)]}


def sections(repo: Repository, found: Found) -> list[Section]:
    """What ``found`` adds to the status of ``repo``.

    :raises PluginError: it does not answer, or not with sections.
    """
    value, failed = _ask(found, "hookkit_status", {"repo": repo}, _sections)
    if failed:
        raise PluginError(f"plugin {found.name!r} does not tell its status", cause=failed)
    return [
        Section(key, data, title, tuple(columns), tuple(map(tuple, rows)), tuple(verdicts))
        for key, data, title, columns, rows, verdicts in value.get("sections", [])
    ]


def _sections(answer: object) -> dict[str, Any]:
    if answer is None:
        return {}
    if isinstance(answer, Iterable):
        given = list(answer)
        if all(isinstance(each, Section) for each in given):
            return {"sections": given}
    return {"failed": "hookkit_status must return Sections"}


def metrics(repo: Repository, found: Found) -> list[Metric]:
    """What ``found`` measures in ``repo``.

    :raises PluginError: it does not answer, or not with metrics.
    """
    value, failed = _ask(found, "hookkit_metrics", {"repo": repo}, _metrics)
    if failed:
        raise PluginError(f"plugin {found.name!r} does not tell its metrics", cause=failed)
    return [
        Metric(name, text, kind, number, tuple((label, of) for label, of in labels))
        for name, text, kind, number, labels in value.get("metrics", [])
    ]


def _metrics(answer: object) -> dict[str, Any]:
    if answer is None:
        return {}
    if isinstance(answer, Iterable):
        given = list(answer)
        if all(isinstance(each, Metric) and _is_metric(each) for each in given):
            return {"metrics": given}
    return {"failed": "hookkit_metrics must return Metrics, with names and labels as Prometheus takes them"}


def _is_metric(metric: Metric) -> bool:
    names = [label for label, _ in metric.labels]
    return (
        re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", metric.name) is not None
        and metric.kind in {"gauge", "counter"}
        and metric.name.endswith("_total") == (metric.kind == "counter")
        and all(re.fullmatch(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*", name) for name in names)
        and len({*names, "repository", "node"}) == len(names) + 2
    )


def _ask(found: Found, spec: str | None, arguments: dict[str, object], convert: Any) -> Answer:
    doing = f"{spec or 'a look at'} of plugin {found.id}"
    # What it prints has no place in the tables.
    return ask(found, spec, [arguments], convert, doing=doing, timeout=_SECONDS, emit=lambda _: None)
