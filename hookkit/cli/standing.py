"""What ``hookkit status`` knows about one repository, gathered from the core and from the plugins that are on."""

from typing import NamedTuple

from hookkit import inspection
from hookkit.cli.loading import Here
from hookkit.cli.options import declared
from hookkit.cli.plugin_rows import PluginRow, rows
from hookkit.discovery import cached
from hookkit.errors import PluginError, summary
from hookkit.installation import installed_hooks, needed_hooks
from hookkit.mistakes import check as mistakes_in
from hookkit.repository import Repository
from hookkit.values import Section

# Part of the contract of --json, whichever plugins are on.
_ALWAYS = ("remotes", "conflicts")
_OWN = ("repository", "node", "plugins")


class Standing(NamedTuple):
    """Where one repository stands.

    :param sections: what plugins report.
    :param plugins: all plugins that are known here.
    :param problems: what is wrong with plugins, with their names.
    :param mistakes: what is wrong in the configuration: `hookkit config check` says more.
    :param installed: the hooks that start hookkit.
    :param missing: the hooks that plugins need, but that do not start hookkit.
    """

    repository: str
    node: str
    sections: list[Section]
    plugins: list[PluginRow]
    problems: list[str]
    mistakes: list[str]
    installed: list[str]
    missing: list[str]


def of(repo: Repository) -> Standing:
    """Look at ``repo``.

    :raises HookkitError: its configuration is wrong.
    """
    listed = []
    sections: list[Section] = []
    here = Here(repo, repo.config, cached(repo))
    for row in rows(here, look_at_all=False):
        problem = row.problem
        if row.found is not None and row.enabled and not problem:
            try:
                sections += _fitting(inspection.sections(repo, row.found), sections)
            except PluginError as error:
                problem = error.cause or error.message
        listed.append(row._replace(problem=problem))
    installed = installed_hooks(repo)
    known = declared(here)
    return Standing(
        str(repo.path),
        repo.node,
        sections,
        listed,
        [f"plugin {_who(row)}: {row.problem}" for row in listed if row.problem],
        [summary(mistake) for mistake in mistakes_in(repo.config, known.by_plugin, known.unknown)],
        installed,
        [hook for hook in needed_hooks(repo) if hook not in installed],
    )


def _who(row: PluginRow) -> str:
    return row.name if row.found is None else f"{row.name} of {row.distribution}"


def _fitting(given: list[Section], others: list[Section]) -> list[Section]:
    """``given``, if their keys are free.

    :raises PluginError: they are not.
    """
    taken = {*_OWN, *(section.key for section in others)}
    clash = next((section.key for section in given if section.key in taken), None)
    if clash:
        raise PluginError("its status is left out", cause=f"its section {clash!r} is already there")
    return given


def as_json(found: Standing) -> dict[str, object]:
    """It as ``--json`` shows it."""
    return {
        "repository": found.repository,
        "node": found.node,
        **{key: [] for key in _ALWAYS},
        **{section.key: section.data for section in found.sections},
        "plugins": [
            {
                "name": row.name,
                "distribution": row.distribution,
                "version": row.version,
                "enabled": row.enabled,
                "hooks": list(row.hooks),
                "problem": row.problem,
            }
            for row in found.plugins
        ],
    }
