"""The library sh, imported without what most of its import is spent on: asyncio and importlib.metadata.

It wants the one for commands that are awaited, the other for its own version number; nobody here uses either. A pusher waits
for this import, which so takes a third of the time.
"""

import sys
import threading
from importlib import import_module
from types import ModuleType
from typing import Any

_guard = threading.Lock()


class _Later(ModuleType):
    """Stands in for a module: what is not said here is asked of the module itself."""

    def __getattr__(self, name: str) -> Any:
        # The import system looks for these in everything that it finds.
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def _unknown(_name: str) -> str:
    raise LookupError


def _running_loop() -> Any:
    """Without asyncio there is none."""
    if "asyncio" in sys.modules:
        return import_module("asyncio").get_running_loop()
    raise RuntimeError("no running event loop")


_SAID: dict[str, dict[str, object]] = {
    "asyncio": {"Queue": None, "get_running_loop": _running_loop},
    "importlib.metadata": {"version": _unknown, "PackageNotFoundError": LookupError},
}


def load() -> Any:
    """The module ``sh``."""
    with _guard:
        if "sh" not in sys.modules:
            _load()
        return import_module("sh")


def _load() -> None:
    stand_ins = {name: _Later(name) for name in _SAID if name not in sys.modules}
    for name, module in stand_ins.items():
        vars(module).update(_SAID[name])
        sys.modules[name] = module
    try:
        import_module("sh")
    finally:
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
