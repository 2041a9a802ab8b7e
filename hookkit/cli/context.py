"""What every command starts from: where ``hookkit -C PATH`` points, and the repository there."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from hookkit.repository import Repository


@dataclass
class Context:
    """The ``obj`` of click's context in every command, those of plugins included.

    :param path: where the command works; ``-C`` changes the current directory, as git's does.
    """

    path: Path = field(default_factory=Path.cwd)

    def repository(self) -> Repository:
        """The repository that :attr:`path` is in, looked for once.

        :raises UsageError: there is none.
        """
        return self._repository

    @cached_property
    def _repository(self) -> Repository:
        return Repository.discover(self.path)
