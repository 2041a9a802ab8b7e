"""Lines of ``authorized_keys`` that let a key into named repositories, and nowhere else; sshd(8). Pure."""

import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple

from hookkit_plugins.setup.enroll import keydir
from hookkit_plugins.setup.keys import PublicKey

_MODULE = "hookkit_plugins.setup.gate"
_LINE = re.compile(r'restrict,command="((?:[^"\\]|\\.)*)" (\S+ \S+) (\S+)\s*')
# What stands in such a line goes through the account's shell: names that mean anything to it, or to git, are not taken.
SAFE = re.compile(r"(?![-.])(?!.*/[-.])[A-Za-z0-9._/+@-]+(?<!/)")


class Line(NamedTuple):
    """A line of ours."""

    name: str
    material: str
    command: list[str]

    @property
    def repositories(self) -> list[str]:
        """What it lets its key into."""
        return self.command[self.command.index(_MODULE) + 2 :]


def command(python: str, folder: str, repositories: Sequence[str]) -> list[str]:
    """What is run instead of what somebody with the key asks for."""
    # -I: nothing that the account's home or environment has to offer is imported.
    return [python, "-I", "-X", "utf8", "-m", _MODULE, folder, *repositories]


def line(name: str, key: PublicKey, words: Sequence[str]) -> str:
    """The line, without its line feed."""
    text = shlex.join(words).replace("\\", "\\\\").replace('"', '\\"')
    return f'restrict,command="{text}" {key.material} {name}'


def read(text: str) -> Line | None:
    """A line of ours; None: it is somebody else's."""
    found = _LINE.fullmatch(text)
    if found is None:
        return None
    try:
        words = shlex.split(found[1].replace('\\"', '"').replace("\\\\", "\\"))
    except ValueError:
        return None
    return Line(found[3], found[2], words) if _MODULE in words[:-1] else None


def enrolled(
    text: str, name: str, key: PublicKey, python: str, folder: str, repositories: Sequence[str]
) -> tuple[str, str | None]:
    """``text`` with a line for ``key`` that lets it into ``repositories``, and into those that it has had before.

    :returns: the text, and the reason why it cannot have one.
    """
    lines = text.split("\n")
    for number, each in enumerate(lines):
        ours = read(each)
        if each.lstrip().startswith("#"):
            continue
        if ours is None:
            if key.material in keydir.materials(each):
                return text, f"line {number + 1} lets the key of {name} in already, not for these repositories alone"
        elif ours.material == key.material and ours.name != name:
            return text, f"the key of {name} is there already, as {ours.name}"
        elif ours.name == name and ours.material != key.material:
            return text, f"line {number + 1} has another key than the one given for {name}"
        elif ours.name == name:
            has = list(dict.fromkeys([*ours.repositories, *repositories]))
            lines[number] = line(name, key, command(python, folder, has))
            return "\n".join(lines), None
    gap = "" if not text or text.endswith("\n") else "\n"
    return f"{text}{gap}{line(name, key, command(python, folder, repositories))}\n", None
