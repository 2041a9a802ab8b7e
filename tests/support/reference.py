"""The parts of the reference that say what the code says: made from the commands, options and hookspecs themselves."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

import hookkit.testing
from hookkit import discovery, hookspecs
from hookkit.catalogue import BY_SPEC
from hookkit.cli import loading
from hookkit.cli.context import Context
from hookkit.cli.loading import Here
from hookkit.cli.main import command_line
from hookkit.cli.options import text as in_words
from hookkit.discovery import Cache
from hookkit.gitconfig import GitConfig
from hookkit.manager import SPECS
from hookkit.options import CORE, Option, with_common
from support import examples

# What click uses on a terminal of 80 columns.
_WIDTH = 78
_ON_SERVERS = (
    *("pre-receive", "update", "proc-receive", "reference-transaction", "push-to-checkout", "post-receive"),
    "post-update",
)


def all_commands() -> dict[str, click.Context]:
    """Every command of hookkit and of the plugins that ship with it, by what people type; groups before their members."""
    top = _context(command_line, "hookkit", None)
    top.obj = Context(Path("/"))
    own = {name: command_line.get_command(top, name) for name in command_line.list_commands(top)}
    brought = {command.name: command for _, answer in _answers("hookkit_commands") for command in answer}
    found = {"hookkit": top}
    for name, command in (own | brought).items():
        if command is not None:
            found |= _with_members(_context(command, name, top))
    return found


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    return click.Context(command, parent, name, terminal_width=_WIDTH, **command.context_settings)


def _with_members(context: click.Context) -> dict[str, click.Context]:
    found = {context.command_path: context}
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            member = context.command.get_command(context, name)
            assert member is not None
            found |= _with_members(_context(member, name, context))
    return found


def all_options() -> dict[str | None, list[Option[object]]]:
    """Every option, by plugin; the core's under None."""
    found: dict[str | None, list[Option[object]]] = {None: list(CORE)}
    defaults = {each.name: each.default for each in discovery.scan()}
    for name, answer in _answers("hookkit_options"):
        found[name] = with_common(answer, on=defaults[name])
    return found


def _answers(spec: str) -> Iterator[tuple[str, Sequence]]:  # type: ignore[type-arg]
    place = Here(None, GitConfig([]), Cache(tuple(each for each in discovery.scan() if each.shipped), {}))
    plugins = loading.load(place, spec, shipped=True)
    for found, answer in plugins.gather(spec):
        assert isinstance(answer, Sequence)
        yield found.name, answer
    assert not plugins.problems


def commands() -> str:
    """``--help`` of every command."""
    return "\n\n".join(
        f"{'##' if path.count(' ') < 2 else '###'} `{path}`\n\n```text\n{context.get_help()}\n```"
        for path, context in all_commands().items()
    )


def options() -> str:
    """A table per plugin."""
    parts = []
    for plugin, declared in all_options().items():
        rows = [
            f"| `{each.config_key(plugin)}` | {_default(each)} | {_cell(each.allowed)} | {_cell(each.help)} |"
            for each in declared
        ]
        title = f"## The plugin `{plugin}`" if plugin else "## hookkit itself"
        parts.append(
            "\n".join([title, "", "| key | unless set | allowed | what it does |", "|---|---|---|---|", *rows])
        )
    return "\n\n".join(parts)


def _default(option: Option[object]) -> str:
    return f"`{in_words(option.default)}`" if option.default not in ("", ()) else ""


def _cell(text: str) -> str:
    # Not a pattern's * as emphasis, not a | as the cell's end, not <remote> as HTML.
    return re.sub(r"([*<>|])", r"\\\1", text)


def hooks_on_servers() -> str:
    """The hookspecs of what git runs on the server's side of a push."""
    return _hooks(lambda spec: spec in BY_SPEC and BY_SPEC[spec].name in _ON_SERVERS)


def hooks_of_clients() -> str:
    """The hookspecs of git's other hooks."""
    return _hooks(lambda spec: spec in BY_SPEC and BY_SPEC[spec].name not in _ON_SERVERS)


def hooks_of_hookkit() -> str:
    """The hookspecs by which plugins add to hookkit."""
    return _hooks(lambda spec: spec not in BY_SPEC)


def hooks_of_plugins() -> str:
    """The hookspecs that plugins which ship with hookkit declare for others."""
    return "\n\n".join(_hook(function) for function in declared_hooks())


def declared_hooks() -> list[Callable[..., object]]:
    """The functions that declare them."""
    return [function for _, answer in _answers("hookkit_hookspecs") for function in answer]


def _hooks(which: Callable[[str], bool]) -> str:
    return "\n\n".join(_hook(getattr(hookspecs, spec)) for spec in SPECS if which(spec))


def _hook(function: Callable[..., object]) -> str:
    spec = function.__name__
    # As authors write it: they import from hookkit.api only.
    signature = re.sub(r"\b(?:[a-z_]+\.)+(?=[A-Z])", "", str(inspect.signature(function)).replace("'", ""))
    facts = ""
    if spec in BY_SPEC:
        hook = BY_SPEC[spec]
        facts = "\n\n" + ("Can refuse." if hook.refuses else "Cannot refuse.")
    if spec in examples.names():
        facts += f"\n\n```python\n{examples.example(spec)}\n```"
    return f"### `{spec}`\n\n```text\n{spec}{signature}\n```\n\n{markdown(inspect.getdoc(function) or '')}{facts}"


def markdown(docstring: str) -> str:
    """A docstring's reStructuredText as Markdown; as much of it as our docstrings use."""
    text = re.sub(r":\w+:`~?(?:[\w.]*\.)?(\w+)`", r"`\1`", docstring)
    return text.replace("``", "`")


def fixtures() -> str:
    """The fixtures of :mod:`hookkit.testing`, in the order of its source."""
    tree = ast.parse(inspect.getsource(hookkit.testing))
    found = [each for each in tree.body if isinstance(each, ast.FunctionDef) and "pytest.fixture" in _decorators(each)]
    return "\n\n".join(f"### `{each.name}`\n\n{markdown(ast.get_docstring(each) or '')}" for each in found)


def _decorators(function: ast.FunctionDef) -> str:
    return " ".join(map(ast.unparse, function.decorator_list))


REGIONS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "options": options,
    "hooks on servers": hooks_on_servers,
    "hooks of clients": hooks_of_clients,
    "hooks of hookkit": hooks_of_hookkit,
    "hooks of plugins": hooks_of_plugins,
    "fixtures": fixtures,
}
_REGION = re.compile(r"(<!-- begin: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def without_regions(page: str) -> str:
    """``page`` without them, every line where it was."""
    return _REGION.sub(lambda found: "\n" * found[0].count("\n"), page)


def filled(page: str) -> str:
    """``page`` with what the code says in its regions."""
    return _REGION.sub(lambda found: f"{found[1]}\n{REGIONS[found[2]]()}\n\n{found[3]}", page)
