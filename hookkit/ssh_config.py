"""The account's ssh configuration, as text: whether it shares connections itself, and whether it has changed."""

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

_SYSTEM = Path("/etc/ssh/ssh_config")
_DEPTH = 16
# ssh's options without a value may stand before another in one word; ssh(1).
_FLAGS = r"-[46AaCfGgKkMNnqsTtVvXxYy]*"


def shares_itself(command: str, configuration: Iterable[str]) -> bool:
    """Whether the account says how its connections are shared, for whatever host: that stays in force.

    :param command: its ssh command; :param configuration: the texts of its configuration.
    """
    said = (re.match(rf"(?i:(?:-o *)?control(?:master|path)\b)|{_FLAGS}[MS]", word) for word in shlex.split(command))
    return any(said) or any(re.search(r"(?im)^[ \t]*control(?:master|path)\b", text) for text in configuration)


def texts(command: str) -> Iterator[str]:
    """The files that ssh reads, with what they include, as :func:`shares_itself` wants them."""
    file = named(command)
    if file is None:
        user = Path(_home()) / ".ssh" / "config"
        yield from _with_included(user, user.parent, _DEPTH)
        yield from _with_included(_SYSTEM, _SYSTEM.parent, _DEPTH)
    else:
        yield from _with_included(Path(file), Path(_home()) / ".ssh", _DEPTH)


def named(command: str) -> str | None:
    """The file that an ssh command names with ``-F``: a path, or ``none``; None if it names none. The last one counts."""
    words = shlex.split(command)
    path = None
    for word, following in zip(words, [*words[1:], ""], strict=True):
        found = re.match(rf"{_FLAGS}F(.*)", word, re.DOTALL)
        if found:
            path = found[1] or following
    return path if path in (None, "none") else os.path.abspath(os.path.expanduser(os.path.expandvars(path)))  # noqa: PTH100, PTH111


def _with_included(file: Path, base: Path, depth: int) -> Iterator[str]:
    try:
        text = file.read_text(errors="surrogateescape")
    except OSError:
        return
    yield text
    for line in re.findall(r"(?im)^[ \t]*include[ \t=]+(.*)$", text) if depth else ():
        for word in line.replace('"', " ").split():
            for found in _matching(word, base):
                yield from _with_included(found, base, depth - 1)


def _matching(word: str, base: Path) -> list[Path]:
    import glob

    path = base / (_home() + word[1:] if word.startswith("~/") else word)
    return [Path(found) for found in sorted(glob.glob(str(path)))]  # noqa: PTH207 - Path.glob refuses patterns that ssh takes


def _home() -> str:
    """ssh takes it from the password file, not from the environment."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return "/"
