"""Libraries that whoever pushes waits for, imported without what most of their import is spent on, as nobody here uses it.

sh wants asyncio for commands that are awaited, importlib.metadata for its own version number, platform to tell Windows, and
others for the text of exceptions, terminals and passwords; pluggy and sh want inspect, of which they need what a few lines
say as well; pathlib wants urllib and ipaddress for URLs. The import so takes a third of the time.
"""

import os
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
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


class _Silent:
    """A logger that nobody listens to."""

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_: None


def _logger(name: str) -> Any:
    """Without logging nobody has said that they listen. What sh logs are command lines."""
    return import_module("logging").getLogger(name) if "logging" in sys.modules else _Silent()


def _quoted(data: bytes) -> str:
    return str(import_module("urllib.parse").quote_from_bytes(data))


def _is_routine(thing: object) -> bool:
    if isinstance(thing, BuiltinFunctionType | FunctionType | MethodType):
        return True
    return bool(import_module("inspect").isroutine(thing))


def _unwrapped(function: Any, **more: Any) -> Any:
    return import_module("inspect").unwrap(function, **more) if hasattr(function, "__wrapped__") else function


def _static(thing: Any, name: str, *default: Any) -> Any:
    # Modules and classes as most are: what they say themselves, nothing else comes before.
    places = {ModuleType: (thing,), type: getattr(thing, "__mro__", ())}.get(type(thing), ())
    for place in places:
        if name in vars(place):
            return vars(place)[name]
    return import_module("inspect").getattr_static(thing, name, *default)


_INSPECT: dict[str, object] = {
    "isclass": lambda thing: isinstance(thing, type),
    "ismodule": lambda thing: isinstance(thing, ModuleType),
    "ismethod": lambda thing: isinstance(thing, MethodType),
    "isfunction": lambda thing: isinstance(thing, FunctionType),
    "isroutine": _is_routine,
    "unwrap": _unwrapped,
    "getattr_static": _static,
}
_SAID: dict[str, dict[str, object]] = {
    "asyncio": {"Queue": None, "get_running_loop": _running_loop},
    "getpass": {},
    "importlib.metadata": {"version": _unknown, "PackageNotFoundError": LookupError},
    "inspect": _INSPECT,
    "logging": {"getLogger": _logger},
    "ntpath": {},
    "platform": {"system": lambda: os.uname().sysname},
    "pty": {},
    "termios": {},
    "textwrap": {},
    "traceback": {},
    "tty": {},
    "urllib.parse": {"quote_from_bytes": _quoted},
}
if sys.flags.utf8_mode:  # as in hooks: then there is nothing to ask
    _SAID["locale"] = {"getpreferredencoding": lambda _do_setlocale=True: "utf-8"}


def load(name: str) -> Any:
    """The module ``name``."""
    with _guard:
        if name not in sys.modules:
            _load(name)
        return import_module(name)


def _load(library: str) -> None:
    stand_ins = {name: _Later(name) for name in _SAID if name not in sys.modules}
    for name, module in stand_ins.items():
        vars(module).update(_SAID[name])
        sys.modules[name] = module
    try:
        import_module(library)
    finally:
        for name, module in stand_ins.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
