"""What git gave a hook, made again from the typed arguments of its hookspec; githooks(5). Pure.

The types are enough: words, flags and paths were arguments, rows were lines on standard input.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from hookkit.api import Push, RefUpdate


def arguments(given: Sequence[object], cwd: Path) -> list[str]:
    """The argument list.

    :param given: the arguments of the hookspec without ``repo``, in its order.
    :param cwd: where the hook runs: paths below are relative, as git's are.
    """
    return [word for value in given for word in _words(value, cwd)]


def standard_input(given: Sequence[object]) -> bytes:
    """What there is to read."""
    return "".join(" ".join(row) + "\n" for value in given for row in _rows(value)).encode("utf-8", "surrogateescape")


def _words(value: object, cwd: Path) -> Iterator[str]:
    match value:
        case bool():
            yield str(int(value))
        case str():
            yield value
        case Path():
            yield str(value.relative_to(cwd) if value.is_relative_to(cwd) else value)
        case RefUpdate():
            yield from (value.ref, value.old, value.new)
        case Push():
            pass
        case [*items]:
            yield from (item for item in items if isinstance(item, str))


def _rows(value: object) -> Iterator[Sequence[str]]:
    match value:
        case Push():
            yield from _rows(value.updates)
        case str() | RefUpdate():
            pass
        case [*items]:
            for item in items:
                if isinstance(item, RefUpdate):
                    yield (item.old, item.new, item.ref)
                elif isinstance(item, tuple):
                    yield item
