"""Whether a plugin and this hookkit fit together: what is said when one is too old for the other. Pure."""

from collections.abc import Collection, Iterable

import hookkit
from hookkit.text import one_line

ATTRIBUTE = "HOOKKIT_API"
"""What a plugin calls the version of the API that it needs."""


def api_problem(needed: object) -> str | None:
    """What speaks against a plugin that needs the version ``needed`` of the API; None: nothing, or it does not say."""
    if needed is None:
        return None
    here = f"hookkit {hookkit.__version__} has {_text(hookkit.API_VERSION)}"
    match needed:
        case (int(major), int(minor)):
            if (major, minor) > hookkit.API_VERSION:
                return f"it needs version {major}.{minor} of hookkit's API, {here}: install a newer hookkit"
            if major < hookkit.API_VERSION[0]:
                return (
                    f"it was made for version {major}.{minor} of hookkit's API, {here}: install a newer version of it"
                )
            return None
    return f"its {ATTRIBUTE} must be two whole numbers, such as {hookkit.API_VERSION}, not {one_line(repr(needed), 80)}"


def import_problem(error: ImportError) -> str | None:
    """What it means that a plugin could not import something of hookkit's; None: it was something else."""
    if (error.name or "").partition(".")[0] != "hookkit":
        return None
    what = one_line(str(error)).rpartition(" (")[0] or one_line(str(error))
    return (
        f"{what}: hookkit {hookkit.__version__} does not have it, install a newer one, or another version of the plugin"
    )


def unknown_hooks(implemented: Iterable[str], known: Collection[str]) -> list[str]:
    """What is wrong with the names of hooks that a plugin implements: those that nobody knows."""
    return [f"there is no hook {name}{_advice(name, list(known))}" for name in sorted({*implemented} - {*known})]


def belongs(name: str, plugins: Iterable[str]) -> bool:
    """Whether ``name`` is one that one of ``plugins`` may give to a hook that it has for others."""
    return any(name.startswith(f"hookkit_{plugin.replace('-', '_')}_") for plugin in plugins)


def _advice(name: str, known: list[str]) -> str:
    import difflib  # only for those who mistype

    # All begin alike: what is near to a name that somebody mistyped is very near.
    meant = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
    if meant:
        return f" (did you mean {meant[0]}?)"
    return f" in hookkit {hookkit.__version__}: install a newer one, or another version of the plugin"


def _text(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))
