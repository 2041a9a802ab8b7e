"""Plugins that exist in this process only, as if distributions had brought them."""

import sys
import types
from collections.abc import Callable, Iterable

import pytest

from hookkit import discovery
from hookkit.api import hookimpl
from hookkit.distributions import Found


def install_plugins(patch: pytest.MonkeyPatch, plugins: dict[str, Iterable[Callable[..., object]]]) -> None:
    """Have exactly these plugins installed, each with some hook implementations; all are on.

    :param plugins: name to functions that are called like the hookspecs that they implement.
    """
    found = []
    for name, functions in plugins.items():
        module = types.ModuleType(f"fake_{name}")
        module.__file__ = __file__
        for function in functions:
            setattr(module, function.__name__, hookimpl(function))
        patch.setitem(sys.modules, module.__name__, module)
        found.append(Found(name, "hookkit", "1.0", module.__name__, default=True))
    patch.setattr(discovery, "scan", lambda: tuple(found))
