"""What is looked at."""

import shlex
from typing import NamedTuple

from hookkit.api import Repository
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.settings import MirrorSettings


class Subject(NamedTuple):
    """A repository, the settings of mirroring in it, and the remotes that it is mirrored to."""

    repo: Repository
    settings: MirrorSettings
    remotes: tuple[Remote, ...]

    @property
    def git(self) -> str:
        """How a command for people begins that works in this repository."""
        return f"git -C {shlex.quote(str(self.repo.path))}"
