"""The layered git configuration, read in one process, with the origin of every value."""

import os
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hookkit import process
from hookkit.environment import clean_environment
from hookkit.shortcut import LIST


class Entry(NamedTuple):
    """One line of configuration.

    :param scope: ``system``, ``global``, ``local``, ``worktree`` or ``command``.
    :param origin: where it stands: ``file:/etc/gitconfig``.
    :param key: as git prints it: section and name in lower case, the subsection as written.
    :param value: None for a key without ``=``, which git reads as true.
    """

    scope: str
    origin: str
    key: str
    value: str | None

    @property
    def place(self) -> str:
        """The origin as people read it."""
        return self.origin.removeprefix("file:")


class GitConfig:
    """What ``git config --list`` says for one repository, in git's order: the last one wins.

    Values from the command line and the environment (``git -c``, ``GIT_CONFIG_COUNT``: scope ``command``) are left out,
    since whoever starts a hook must not be able to choose what code it loads or how that behaves.
    """

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = [entry for entry in entries if entry.scope != "command"]
        self._by_key: dict[str, list[Entry]] = {}
        for entry in self.entries:
            self._by_key.setdefault(entry.key, []).append(entry)

    @classmethod
    def read(cls, git_dir: str, env: Mapping[str, str] | None = None) -> "GitConfig":
        """Read the configuration of the repository at ``git_dir``."""
        env = dict(os.environ if env is None else env)
        # It would hide all other configuration; git-config(1).
        env.pop("GIT_CONFIG", None)
        return cls(parse(process.git(f"--git-dir={git_dir}", *LIST, env=env).stdout))

    @classmethod
    def of_account(cls) -> "GitConfig":
        """Read what holds outside of any repository: system and global."""
        return cls(parse(process.git(*LIST, cwd="/", env=clean_environment()).stdout))

    def last(self, key: str) -> Entry | None:
        """The entry that decides, or None."""
        found = self._by_key.get(normal(key))
        return found[-1] if found else None

    def every(self, key: str) -> list[Entry]:
        """All entries of a multi-valued key, in order."""
        return self._by_key.get(normal(key), [])

    def below(self, section: str) -> Iterator[Entry]:
        """The entries of ``section.*`` and ``section.<subsection>.*``."""
        prefix = section + "."
        return (entry for entry in self.entries if entry.key.startswith(prefix))

    def subsections(self, section: str) -> list[str]:
        """The subsections of ``section``, each once, in order."""
        found = (split(entry.key)[1] for entry in self.below(section))
        return list(dict.fromkeys(name for name in found if name is not None))


def parse(listed: bytes) -> list[Entry]:
    """The entries of ``git config --list -z --show-scope --show-origin``."""
    fields = os.fsdecode(listed).split("\0")
    entries = []
    for scope, origin, line in zip(fields[0::3], fields[1::3], fields[2::3], strict=False):
        key, equals, value = line.partition("\n")
        entries.append(Entry(scope, origin, key, value if equals else None))
    return entries


def split(key: str) -> tuple[str, str | None, str]:
    """Section, subsection (it may contain dots) and name of a key."""
    section, _, rest = key.partition(".")
    subsection, dot, name = rest.rpartition(".")
    return section, (subsection if dot else None), name


def normal(key: str) -> str:
    """``key`` as git prints it: section and name are case-insensitive, the subsection is not; git-config(1)."""
    section, subsection, name = split(key)
    parts = [section.lower(), name.lower()] if subsection is None else [section.lower(), subsection, name.lower()]
    return ".".join(parts)
