"""Every error that people can meet: the words of each, read from the source, since most never happen in a test of pages."""

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hookkit import errors

ROOT = Path(__file__).parents[2]
_FOLDERS = ("hookkit", "plugins")
# Those of the core; a subclass of a plugin's own ends in Error too, and is no exception of Python's.
_BASES = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, Exception)}
_PLACE = "…"


class Said(NamedTuple):
    """An error in the source.

    :param message: its words; what differs from one to the next is an ellipsis.
    """

    place: str
    message: str


def all_errors() -> list[Said]:
    """Those that hookkit and the plugins that ship with it may show, in the order of their files."""
    paths = [path for folder in _FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    # Authors meet those of hookkit.testing, in a traceback.
    return [said for path in paths if "testing" not in path.relative_to(ROOT).parts for said in _of(path)]


def _of(path: Path) -> Iterator[Said]:
    tree = ast.parse(path.read_text())
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and _is_error(node.func) and node.args:
                    for message in _words(node.args[0], function, tree):
                        yield Said(f"{path.relative_to(ROOT)}:{node.lineno}", message)


def _is_error(called: ast.expr) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name in _BASES or (name.endswith("Error") and not hasattr(builtins, name) and name[0].isupper())


def _words(node: ast.expr, function: ast.FunctionDef, tree: ast.Module) -> list[str]:
    """What ``node`` may say: what is written there, or what a variable is set to, or ``function`` called with."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            texts = [part.value if isinstance(part, ast.Constant) else _PLACE for part in values]
            return [re.sub(rf"{_PLACE}(?:\s?{_PLACE})*", _PLACE, "".join(map(str, texts)))]
        case ast.IfExp(body=one, orelse=other):
            return [*_words(one, function, tree), *_words(other, function, tree)]
        case ast.Name(id=name):
            values = [each.value for each in ast.walk(function) if isinstance(each, ast.Assign) and _sets(each, name)]
            found = [text for value in values for text in _words(value, function, tree)]
            return found or [text for value in _given(function, name, tree) for text in _words(value, function, tree)]
    return []  # handed on from elsewhere


def _given(function: ast.FunctionDef, name: str, tree: ast.Module) -> Iterator[ast.expr]:
    """What the functions of the same file give ``function`` as its argument ``name``."""
    names = [each.arg for each in function.args.args]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    for call in calls:
        if call.func.id == function.name and name in names[: len(call.args)]:  # type: ignore[attr-defined]
            given = call.args[names.index(name)]
            if not isinstance(given, ast.Name):
                yield given


def _sets(assignment: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in assignment.targets)
