"""Pages of the documentation as tests read them: what is to be run, and what must come of it. Pure."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_COMMENT = re.compile(r"<!-- (stage|file): (.+?) -->\s*\Z")
_FENCE = re.compile(r"(`{3,})([\w-]*)\s*\Z")
_PROMPT = re.compile(r"([a-z]+)\$ (.*)\Z")


class Block(NamedTuple):
    """A fenced block, or a comment that says what happens behind the stage.

    :param kind: the language of the fence; ``file`` for one whose name is given in a comment before it; ``stage``.
    :param line: the number of its first line of text, from 1.
    :param name: of a ``file``: its path.
    """

    kind: str
    lines: list[str]
    line: int
    name: str = ""

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "".join(f"{line}\n" for line in self.lines)


class Step(NamedTuple):
    """A command that somebody types, and what they see."""

    who: str
    command: str
    output: list[str]


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a page, in order."""
    fence, kind, name, first, inside = "", "", "", 0, list[str]()
    for number, line in enumerate(text.split("\n"), 1):
        if fence:
            if line == fence:
                yield Block("file" if name else kind, inside, first, name)
                fence, name, inside = "", "", []
            else:
                inside.append(line)
        elif comment := _COMMENT.match(line):
            if comment[1] == "file":
                name = comment[2]
            else:
                yield Block("stage", [comment[2]], number)
        elif start := _FENCE.match(line):
            fence, kind, first = start[1], start[2], number + 1


def steps(lines: Iterable[str]) -> list[Step]:
    """What a ``console`` block shows: ``alpha$ command``, then what it printed."""
    found: list[Step] = []
    for line in lines:
        if found and found[-1].command.endswith("\\") and not found[-1].output:
            found[-1] = found[-1]._replace(command=f"{found[-1].command}\n{line}")
        elif prompt := _PROMPT.match(line):
            found.append(Step(prompt[1], prompt[2], []))
        elif found:
            found[-1].output.append(line)
        else:
            raise ValueError(f"no prompt before {line!r}")
    return found


def shown(found: Iterable[Step]) -> list[str]:
    """The lines of a ``console`` block: the opposite of :func:`steps`."""
    return [line for step in found for line in (*f"{step.who}$ {step.command}".split("\n"), *step.output)]


# What is different each time: keys, object ids, durations, and with them the widths of columns.
_VARIABLE = (
    (re.compile(r"SHA256:[A-Za-z0-9+/]{43}"), "FINGERPRINT"),
    (re.compile(r"\bAAAA[A-Za-z0-9+/]{60,}=*"), "KEY"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b"), "OID"),
    (re.compile(r"\b\d+\.\d+s\b|(?<=\"seconds\": )\d+\.\d+"), "TIME"),
    (re.compile(r" for \d+[smhd]\b"), ""),
    (re.compile(r"\b\d+[smhd](?= ago\b)|(?<=since )\d+[smhd]\b"), "TIME"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:]+(?:Z|[+-][\d:]+)?"), "DATE"),
    (re.compile(r" {2,}"), "  "),
)


def matches(expected: list[str], actual: list[str]) -> bool:
    """Whether a page shows what happened; a line ``...`` stands for any lines, remotes may answer in any order."""
    wanted, got = _comparable(expected), _comparable(actual)
    if "..." not in wanted:
        return wanted == got
    parts = "\n".join(wanted).split("...")
    pattern = ".*".join(map(re.escape, parts))
    return re.fullmatch(pattern, "\n".join(got), re.DOTALL) is not None


def _comparable(lines: list[str]) -> list[str]:
    plain = [_without_variables(line.rstrip()) for line in lines]
    found: list[str] = []
    run: list[str] = []
    for line in plain:
        if line.startswith("remote: hookkit: "):
            run.append(line)
        else:
            found += [*sorted(run), line]
            run = []
    return [line for line in (*found, *sorted(run)) if line]


def _without_variables(line: str) -> str:
    for pattern, word in _VARIABLE:
        line = pattern.sub(word, line)
    return line
