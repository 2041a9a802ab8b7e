"""What ``HOOKKIT_TRACE=1`` and ``hookkit.trace`` show: who ran in a hook, how long, and with what result, a line for each.

Imported where somebody may be called; where nobody is, nothing of it is paid for.
"""

import os
from collections.abc import Mapping

from hookkit.errors import ConfigError
from hookkit.options import TRACE, Settings
from hookkit.shortcut import FALSE
from hookkit.text import one_line

VARIABLE = "HOOKKIT_TRACE"


def is_on(settings: Settings) -> bool:
    """Whether to trace: the environment decides, else the core's ``settings``."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return named.strip().lower() not in FALSE
    try:
        return settings.get(TRACE)
    except ConfigError:  # `hookkit config check` says so; no reason for a hook to fail
        return False


def line(hook: str, who: str, seconds: float, result: str) -> str:
    """One call, for whoever started git."""
    return f"hookkit: trace: {hook}  {who}  {seconds:.3f}s  {result}"


def nobody(hook: str) -> str:
    """No plugin that is on implements ``hook``."""
    return f"hookkit: trace: {hook}  no plugin that is on implements it"


def result(value: Mapping[str, object], failed: str | None, spec: str | None) -> str:
    """What one plugin answered to ``spec``, in a few words."""
    if failed:
        return f"failed: {one_line(failed)}"
    hooks = value.get("hooks", {})
    if isinstance(hooks, Mapping) and spec not in hooks:
        return "does not implement it"
    if "refused" in value:
        return f"refused: {one_line(str(value['refused']))}"
    if isinstance(results := value.get("results"), list):
        refused = sum(reason is not None for _, reason in results)
        return f"answered for {len(results)} refs, refused {refused}"
    if isinstance(pushes := value.get("pushes"), list) and pushes:
        return f"returned {len(pushes)} pushes"
    answer = value.get("answer")
    return "returned nothing" if answer is None else f"returned {one_line(repr(answer))}"
