"""Manual pages, from the commands, options and hookspecs themselves: ``python -m support.manual FOLDER`` writes them.

What they are written in: man(7).
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

import hookkit
from hookkit import hookspecs
from hookkit.cli.options import text as in_words
from hookkit.manager import SPECS
from hookkit.options import Option
from support import examples, reference

_SEE = "hookkit(1), hookkit\\-options(5), hookkit\\-hooks(7), githooks(5)"


def pages() -> dict[str, str]:
    """All pages, by the path below a folder of manuals: ``man1/hookkit-install.1``."""
    commands = {_page_name(path): _command(path, context) for path, context in reference.all_commands().items()}
    return {
        **{f"man1/{name}.1": text for name, text in commands.items()},
        # What `git hookkit --help` shows.
        "man1/git-hookkit.1": ".so man1/hookkit.1\n",
        "man5/hookkit-options.5": _options(),
        "man7/hookkit-hooks.7": _hooks(),
    }


def _page_name(path: str) -> str:
    return path.replace(" ", "-")


def _command(path: str, context: click.Context) -> str:
    command = context.command
    lines = [
        *_head(_page_name(path), 1, command.get_short_help_str(200)),
        ".SH SYNOPSIS",
        f".B {_text(path)}",
        _text(" ".join(command.collect_usage_pieces(context))),
        ".SH DESCRIPTION",
        *_paragraphs(command.help or ""),
        ".SH OPTIONS",
    ]
    params = [each for each in command.get_params(context) if isinstance(each, click.Option)]
    records = (param.get_help_record(context) for param in params)
    for names, text in filter(None, records):
        lines += [".TP", f".B {_text(names)}", _text(text)]
    if isinstance(command, click.Group):
        lines.append(".SH COMMANDS")
        for below, member in reference.all_commands().items():
            if below.rpartition(" ")[0] == path:
                lines += [".TP", f".BR {_text(_page_name(below))} (1)"]
                lines.append(_text(member.command.get_short_help_str(200)))
    if command.epilog:
        lines += [".SH NOTES", *_paragraphs(command.epilog)]
    return _whole([*lines, ".SH SEE ALSO", _SEE])


def _options() -> str:
    lines = [*_head("hookkit-options", 5, "what can be set in git's configuration"), ".SH DESCRIPTION"]
    lines.append(
        "Options are git configuration: hookkit config list shows them with the value that holds, "
        "hookkit config set sets one."
    )
    for plugin, declared in reference.all_options().items():
        lines.append(f'.SH "{_text(f"the plugin {plugin}".upper() if plugin else "HOOKKIT ITSELF")}"')
        for option in declared:
            lines += [".TP", f".B {_text(option.config_key(plugin))}", *_about(option)]
    return _whole([*lines, ".SH SEE ALSO", _SEE])


def _about(option: Option[object]) -> Iterator[str]:
    yield _text(option.help)
    yield ".br"
    yield _text(f"Allowed: {option.allowed}.")
    if option.default not in ("", ()):
        yield _text(f"Unless set: {in_words(option.default)}.")


def _hooks() -> str:
    lines = [*_head("hookkit-hooks", 7, "hooks for plugins, each with an example"), ".SH DESCRIPTION"]
    lines.append(
        "A plugin implements any of these functions, marked with hookkit.api.hookimpl, and takes those arguments "
        "that it needs, by name."
    )
    lines.append(".SH HOOKS")
    for spec in SPECS:
        function = getattr(hookspecs, spec)
        signature = str(inspect.signature(function)).replace("'", "")
        lines += [f".SS {_text(spec)}", *_verbatim(f"{spec}{signature}")]
        lines += _paragraphs(reference.markdown(inspect.getdoc(function) or "").replace("`", ""))
        lines += _verbatim(examples.example(spec))
    return _whole([*lines, ".SH SEE ALSO", _SEE])


def _head(name: str, section: int, summary: str) -> list[str]:
    title = f'.TH "{_text(name.upper())}" {section} "" "hookkit {hookkit.__version__}" "hookkit"'
    return [title, ".SH NAME", f"{_text(name)} \\- {_text(summary.rstrip('.'))}"]


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        # What click leaves as it is begins with a line that has nothing but a backspace.
        if paragraph.startswith("\b"):
            yield from _verbatim(paragraph.removeprefix("\b\n"))
        else:
            yield ".PP"
            yield _text(" ".join(paragraph.split()))


def _verbatim(text: str) -> Iterator[str]:
    yield from (".PP", ".RS 4", ".nf")
    yield from map(_text, text.split("\n"))
    yield from (".fi", ".RE")


def _text(text: str) -> str:
    """``text`` with nothing in it that roff takes for its own."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^(?=[.'])", r"\\&", text)


def _whole(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def write(folder: Path) -> None:
    """Write all pages below ``folder``."""
    for name, text in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
