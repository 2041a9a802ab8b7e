"""Asking one plugin, in a process of its own: whatever it does there, the asker gets an answer or a reason."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
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
    plugins: Iterable[Found] | None = None,
    trace: str | None = None,
) -> Answer:
    """Load one plugin and call its implementation of ``spec``, if it has one, once or several times.

    The answer holds, beside what ``convert`` makes of the plugin's answer, ``hooks`` (what it implements), ``unknown``
    (those of them that hookkit does not have, the optional ones excepted) and ``origin`` (the file it came from).

    :param spec: the hookspec: the name of one of the core, or the function that declares it; None: nothing is called, but
        all that the plugin implements is compared with the hookspecs of the core.
    :param calls: the arguments of each call, one after the other; the first that fails is the last.
    :param convert: makes JSON values of what the plugin returns; ``{"failed": reason}`` if it must not
        return that. Of several calls, lists are joined, and else the last one counts.
    :param doing: what this is for, for a report.
    :param plugins: all that are installed: one that implements a hook that neither hookkit nor any of them can have is
        not called; None: that is left to the asker.
    :param trace: the hook's name, for a line about this call; None: nothing is said.
    """

    def in_child() -> dict[str, Any]:
        # Here and not above: this process has just been made for it, the asker's own start stays short.
        from hookkit.manager import SPECS, Plugins

        loaded = Plugins(SPECS if spec is None else (spec,))
        loaded.load([found])
        for _, error in loaded.problems:
            return {"failed": f"cannot be loaded: {one_line(error.cause or error.message)}"}
        unknown = loaded.unknown(found)
        if unknown and plugins is not None:
            from hookkit.compatibility import belongs, unknown_hooks

            names = [each.name for each in plugins]
            wrong = unknown_hooks((name for name in unknown if not belongs(name, names)), SPECS)
            if wrong:
                return {"failed": f"cannot be used: {'; '.join(wrong)}"}
        said: dict[str, Any] = {"hooks": loaded.implemented(found), "unknown": unknown, "origin": loaded.origin(found)}
        for arguments in calls:
            for _, call in loaded.calls(spec, **arguments) if spec else ():
                for key, value in convert(call()).items():
                    said[key] = [*said.get(key, ()), *value] if isinstance(value, list) else value
        return said

    started = time.monotonic()
    answer = isolation.call(in_child, doing, timeout=timeout, emit=emit)
    failed = answer.failed or answer.value.get("failed")
    if trace:
        from hookkit.trace import line, result

        name = spec if isinstance(spec, str) or spec is None else spec.__name__
        who = f"{found.name} ({found.distribution} {found.version})"
        emit(line(trace, who, time.monotonic() - started, result(answer.value, failed, name)))
    return Answer(answer.value, failed)
