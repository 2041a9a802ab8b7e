"""The examples of the reference: each one with what it needs to stand alone."""

import ast
from functools import cache
from pathlib import Path

FILE = Path(__file__).parents[2] / "docs" / "examples" / "hooks.py"


@cache
def _parsed() -> tuple[str, ast.Module]:
    source = FILE.read_text()
    return source, ast.parse(source)


def names() -> list[str]:
    """The hooks that have one."""
    functions = (each for each in _parsed()[1].body if isinstance(each, ast.FunctionDef))
    return [each.name for each in functions if "hookimpl" in map(ast.unparse, each.decorator_list)]


def example(hook: str) -> str:
    """The code of one: imports, what it uses of the module, and itself."""
    source, tree = _parsed()
    wanted = [hook]
    used: set[str] = set()
    parts: list[str] = []
    while wanted:
        name = wanted.pop()
        used.add(name)
        for node in tree.body:
            if _defines(node, name):
                inside = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
                wanted += sorted(inside - used)
                used |= inside
    for node in tree.body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            begins = not source.split("\n")[node.lineno - 2] and any(parts)
            parts.append(_import(node, used, "\n" if begins else ""))
        elif any(_defines(node, name) for name in used):
            parts.append(("\n" if isinstance(node, ast.Assign) else "\n\n") + _text(source, node))
    return "\n".join(filter(None, parts)).strip("\n")


def _defines(node: ast.stmt, name: str) -> bool:
    if isinstance(node, ast.Assign):
        return name in map(ast.unparse, node.targets)
    return isinstance(node, ast.FunctionDef) and node.name == name


def _text(source: str, node: ast.stmt) -> str:
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
    return "\n".join(source.split("\n")[first - 1 : node.end_lineno])


def _import(node: ast.Import | ast.ImportFrom, used: set[str], before: str) -> str:
    taken = [each.name for each in node.names if each.name in used]
    if not taken:
        return ""
    if isinstance(node, ast.Import):
        return f"{before}import {taken[0]}"
    return f"{before}from {node.module} import {', '.join(taken)}"
