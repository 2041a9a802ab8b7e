"""Plugins for the command line: what is installed here, and those that commands ask for options and commands."""

from typing import NamedTuple

from hookkit import discovery, inspection
from hookkit.cli.context import Context
from hookkit.discovery import Cache, Found
from hookkit.errors import ConfigError, PluginError, UsageError
from hookkit.gitconfig import GitConfig
from hookkit.manager import Plugins
from hookkit.repository import Repository


class Here(NamedTuple):
    """Where a command works.

    :param repo: None outside of a repository.
    :param config: the repository's, else the account's.
    :param cache: what is installed.
    """

    repo: Repository | None
    config: GitConfig
    cache: Cache

    def is_on(self, found: Found) -> bool:
        """Whether ``found`` runs here.

        :raises ConfigError: ``hookkit.<name>.enabled`` is not a boolean.
        """
        return found.enabled(self.config) and not self.cache.shadowed(found)


def here(context: Context) -> Here:
    """Where ``context`` points; outside of a repository what holds for the account."""
    try:
        repo = context.repository()
    except UsageError:
        return Here(None, GitConfig.of_account(), Cache(discovery.scan(), {}))
    return Here(repo, repo.config, discovery.cached(repo))


def load(place: Here, spec: str, *, shipped: bool = False) -> Plugins:
    """Load the plugins that are on (and with ``shipped``, all that ship with hookkit) to ask them ``spec``.

    What others wrote is first asked in a process of its own: whoever hangs or exits there is not asked here.
    """
    plugins = Plugins((spec,))
    wanted = []
    for found in place.cache.plugins:
        try:
            if not ((shipped and found.shipped) or place.is_on(found)):
                continue
        except ConfigError as error:
            plugins.problems.append((found, PluginError(error.message, cause=error.cause, hint=error.hint)))
            continue
        implemented = place.cache.implemented(found)
        if implemented is not None and spec not in implemented:
            continue
        problem = None if found.shipped else inspection.look(found, place.cache.plugins, spec).problem
        if problem:
            message = f"plugin {found.name!r} of {found.distribution} cannot be used"
            plugins.problems.append((found, PluginError(message, cause=problem)))
        else:
            wanted.append(found)
    plugins.load(wanted)
    return plugins
