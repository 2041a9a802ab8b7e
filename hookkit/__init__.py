"""hookkit: a pluggable git hook framework. Plugins import :mod:`hookkit.api`."""

__version__ = "0.1.0"
