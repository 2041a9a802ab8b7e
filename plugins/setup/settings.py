"""What the configuration of a repository has to say about a remote, and what it says."""

import shlex
from typing import NamedTuple

from hookkit.api import Repository, UsageError, options, redact

CLUSTER = "hookkit.cluster.enabled"


class Setting(NamedTuple):
    """One value to be set; None: all values of the key go."""

    key: str
    value: str | None

    @property
    def _arguments(self) -> tuple[str, ...]:
        if self.value is None:
            return ("--unset-all", self.key)
        return ("--replace-all", self.key, self.value)

    @property
    def command(self) -> str:
        """What one would type for it."""
        return redact(shlex.join(("git", "config", *self._arguments)).replace("--replace-all ", ""))

    def apply(self, repo: Repository) -> None:
        """Set it.

        :raises GitError: that is impossible.
        """
        repo.git("config", *self._arguments)


def kind_of(repo: Repository, name: str) -> str:
    """What a remote is: as it is configured, ``mirror`` for a new one."""
    entry = repo.config.last(f"remote.{name}.hookkit")
    return entry.value if entry and entry.value else "mirror"


def remote(repo: Repository, name: str, url: str, kind: str, *, replace: bool) -> list[Setting]:
    """What is missing for ``name`` to be a remote at ``url``, without a fetch refspec, the URL last: with it it is one.

    :param kind: ``peer`` or ``mirror``.
    :param replace: it may have led elsewhere.
    :raises UsageError: it leads elsewhere.
    """
    found = []
    there = [entry.value or "" for entry in repo.config.every(f"remote.{name}.url")]
    instead = [entry.value or "" for entry in repo.config.every(f"remote.{name}.pushurl")]
    elsewhere = [each for each in (instead or there) if each != url]
    if elsewhere and not replace:
        raise UsageError(
            f"the remote {name} leads to {redact(', '.join(elsewhere))}",
            hint=f"give the new one another name, or: hookkit setup remote {name} {shlex.quote(redact(url))} --replace",
        )
    entry = repo.config.last(f"remote.{name}.hookkit")
    if entry is None or entry.value != kind:
        found.append(Setting(f"remote.{name}.hookkit", kind))
    if kind == "peer" and not repo.settings("cluster").get(options.ENABLED):
        found.append(Setting(CLUSTER, "true"))
    if instead and elsewhere:
        found.append(Setting(f"remote.{name}.pushurl", None))
    if there != [url]:
        found.append(Setting(f"remote.{name}.url", url))
    return found
