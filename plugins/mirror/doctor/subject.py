"""What is looked at."""

import shlex
import time
from typing import NamedTuple

from hookkit.api import Repository
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.settings import MirrorSettings
from hookkit_plugins.mirror.stamps import last

# Seconds. Who has the timer run less often will read one warning more.
QUIET = 6 * 3600.0


class Subject(NamedTuple):
    """A repository, the settings of mirroring in it, and the remotes that it is mirrored to."""

    repo: Repository
    settings: MirrorSettings
    remotes: tuple[Remote, ...]

    @property
    def git(self) -> str:
        """How a command for people begins that works in this repository."""
        return f"git -C {shlex.quote(str(self.repo.path))}"

    @property
    def has_timer(self) -> bool:
        """``hookkit mirror sync --all`` runs over it by itself."""
        ran = last(self.repo.path.resolve())
        return ran is not None and time.time() - ran <= QUIET

    @property
    def goes_on(self) -> bool:
        """What it owes is delivered with nobody typing anything."""
        return self.settings.worker or self.has_timer
