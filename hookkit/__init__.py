"""hookkit: a pluggable git hook framework. Plugins import :mod:`hookkit.api`."""

__version__ = "0.1.0"

API_VERSION = (1, 0)
"""The version of :mod:`hookkit.api` and of the hooks. The second number grows when something is added to them, the first
when something that plugins may use is taken away or changed. A plugin says in ``HOOKKIT_API`` which one it needs."""
