"""Asking one plugin, in a process of its own: whatever it does there, the asker gets an answer or a reason."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hookkit import isolation
from hookkit.discovery import Found
from hookkit.isolation import Answer
from hookkit.text import one_line


def ask(
    found: Found,
    spec: str | Callable[..., object] | None,
    calls: Sequence[Mapping[str, object]],
    convert: Callable[[object], dict[str, Any]],
    *,
    doing: str,
    timeout: float,
    emit: Callable[[str], None],
) -> Answer:
    """Load one plugin and call its implementation of ``spec``, if it has one, once or several times.

    The answer holds, beside what ``convert`` makes of the plugin's answer, ``hooks`` (what it implements) and ``origin``
    (the file it came from).

    :param spec: the hookspec: the name of one of the core, or the function that declares it; None: nothing is called, but
        all that the plugin implements is compared with the hookspecs of the core.
    :param calls: the arguments of each call, one after the other; the first that fails is the last.
    :param convert: makes JSON values of what the plugin returns; ``{"failed": reason}`` if it must not
        return that. Of several calls, lists are joined, and else the last one counts.
    :param doing: what this is for, for a report.
    """

    def in_child() -> dict[str, Any]:
        # Here and not above: this process has just been made for it, the asker's own start stays short.
        from hookkit.manager import SPECS, Plugins

        plugins = Plugins(SPECS if spec is None else (spec,))
        plugins.load([found])
        for _, error in plugins.problems:
            return {"failed": f"cannot be loaded: {one_line(error.cause or error.message)}"}
        said: dict[str, Any] = {"hooks": plugins.implemented(found), "origin": plugins.origin(found)}
        for arguments in calls:
            for _, call in plugins.calls(spec, **arguments) if spec else ():
                for key, value in convert(call()).items():
                    said[key] = [*said.get(key, ()), *value] if isinstance(value, list) else value
        return said

    answer = isolation.call(in_child, doing, timeout=timeout, emit=emit)
    return Answer(answer.value, answer.failed or answer.value.get("failed"))
