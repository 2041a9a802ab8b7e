"""Loading the plugins that a repository has enabled, with pluggy; a broken one never stops another."""

import sys
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hookkit import hookspecs, lean
from hookkit.compatibility import ATTRIBUTE, api_problem, import_problem
from hookkit.discovery import Found
from hookkit.errors import PluginError
from hookkit.site_packages import complete

if TYPE_CHECKING:
    import pluggy
else:
    pluggy = lean.load("pluggy")

SPECS = tuple(name for name in vars(hookspecs) if name.startswith("hookkit_"))


class Plugins:
    """Loaded plugins, callable one by one.

    :param specs: the hookspecs that will be called, by name or, those of a plugin, the functions that declare them; loading
        only these keeps a hook's start short.
    """

    def __init__(self, specs: Iterable[str | Callable[..., object]] = SPECS) -> None:
        self._manager = pluggy.PluginManager("hookkit")
        functions = [getattr(hookspecs, spec) if isinstance(spec, str) else spec for spec in specs]
        self._manager.add_hookspecs(type("Specs", (), {each.__name__: staticmethod(each) for each in functions}))
        self.found: list[Found] = []
        self.problems: list[tuple[Found, PluginError]] = []

    def load(self, wanted: Iterable[Found]) -> None:
        """Import and register plugins; what goes wrong with one is kept in :attr:`problems`."""
        # pluggy calls the plugin that was registered last first.
        for found in reversed(list(wanted)):
            try:
                self._load(found)
            except PluginError as error:
                self.problems.insert(0, (found, error))
            else:
                self.found.insert(0, found)

    def _load(self, found: Found) -> None:
        if found.problem:
            raise PluginError(f"plugin {found.name!r} of {found.distribution} cannot be used", cause=found.problem)
        message = f"plugin {found.name!r} of {found.distribution} cannot be loaded"
        if not found.shipped:
            complete()
        try:
            plugin: Any = import_module(found.module)
            needed = getattr(plugin, ATTRIBUTE, None)
            for name in found.attributes:
                plugin = getattr(plugin, name)
            if problem := api_problem(getattr(plugin, ATTRIBUTE, needed)):
                raise PluginError(message, cause=problem)
            if isinstance(plugin, type):
                plugin = plugin()
            self._manager.register(plugin, name=found.id)
        except (KeyboardInterrupt, PluginError):
            raise
        except BaseException as error:
            if self._manager.has_plugin(found.id):
                self._manager.unregister(name=found.id)
            cause = import_problem(error) if isinstance(error, ImportError) else None
            raise PluginError(message, cause=cause or f"{type(error).__name__}: {error}") from None

    def implemented(self, found: Found) -> dict[str, int]:
        """The names of all hookspecs that a loaded plugin implements, or tries to, and their order."""
        return {
            caller.name: next(
                int(each.trylast) - int(each.tryfirst)
                for each in caller.get_hookimpls()
                if each.plugin_name == found.id
            )
            for caller in self._callers(found)
        }

    def unknown(self, found: Found) -> list[str]:
        """The hooks that a loaded plugin implements, but hookkit does not have; not those that it marks as optional."""
        return [
            caller.name
            for caller in self._callers(found)
            if caller.name not in SPECS
            and not all(each.optionalhook for each in caller.get_hookimpls() if each.plugin_name == found.id)
        ]

    @staticmethod
    def origin(found: Found) -> str | None:
        """The file that a loaded plugin came from."""
        return getattr(sys.modules.get(found.module), "__file__", None)

    def _callers(self, found: Found) -> list[pluggy.HookCaller]:
        plugin = self._manager.get_plugin(found.id)
        return (self._manager.get_hookcallers(plugin) or []) if plugin is not None else []

    def calls(self, spec: str | Callable[..., object], **arguments: object) -> list[tuple[Found, Callable[[], object]]]:
        """One call per plugin that implements ``spec``, in pluggy's order; nothing runs yet."""
        spec = spec if isinstance(spec, str) else spec.__name__
        caller = getattr(self._manager.hook, spec)
        by_id = {found.id: found for found in self.found}
        everyone = {found.id: self._manager.get_plugin(found.id) for found in self.found}
        calls: list[tuple[Found, Callable[[], object]]] = []
        # A plugin may have several implementations of one hook: they are one call.
        for name in dict.fromkeys(each.plugin_name for each in reversed(caller.get_hookimpls())):
            others = [plugin for other, plugin in everyone.items() if other != name]
            one = self._manager.subset_hook_caller(spec, remove_plugins=others)
            calls.append((by_id[name], lambda one=one: _first(one(**arguments))))  # type: ignore[misc]
        return calls

    def gather(self, spec: str, **arguments: object) -> list[tuple[Found, object]]:
        """What every plugin answers to ``spec``, called in this process; who fails is added to :attr:`problems`."""
        answers = []
        for found, call in self.calls(spec, **arguments):
            try:
                answer = call()
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                message = f"plugin {found.name!r} failed in {spec}"
                problem = PluginError(message, cause=f"{type(error).__name__}: {error}")
                self.problems.append((found, problem))
            else:
                if answer is not None:
                    answers.append((found, answer))
        return answers


def _first(answers: object) -> object:
    """pluggy collects the answers of all implementations in a list, without None: here there is one, or none."""
    return answers[0] if isinstance(answers, list) and answers else None
