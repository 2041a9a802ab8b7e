"""What is installed in a repository and what would be needed, for those who report it."""

from hookkit.catalogue import HOOKS
from hookkit.installation import config_method, manifest, needs, plan
from hookkit.installation.slot import Kind
from hookkit.repository import Repository


def is_installed(repo: Repository) -> bool:
    """Whether ``hookkit install`` was done in ``repo``."""
    return manifest.path(repo).exists()


def installed_hooks(repo: Repository) -> list[str]:
    """The hooks in which git, or the platform, starts hookkit now."""
    slots = plan.present(repo, manifest.load(repo))
    found = {each.hook for each in slots if each.holds is Kind.STUB and each.path.stat().st_mode & 0o100}
    found |= {hook for hook in HOOKS if repo.config.last(config_method.event_key(hook)) is not None}
    return [hook for hook in HOOKS if hook in found]


def needed_hooks(repo: Repository) -> list[str]:
    """The hooks that the core and the plugins that are on in ``repo`` need.

    :raises ConfigError: a plugin is neither on nor off.
    """
    return list(needs.of(repo).hooks)
