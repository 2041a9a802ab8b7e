"""The public API: everything that a plugin may import. What is not here may change at any time."""

from typing import TYPE_CHECKING

from hookkit import API_VERSION, failures, lean, options, pinned, terminal
from hookkit.background import log_line, work_alone
from hookkit.below import attempted, repositories
from hookkit.catalogue import HOOKS
from hookkit.damaged import put_aside
from hookkit.detached import start_background, start_detached
from hookkit.dispatch import announce
from hookkit.errors import ConfigError, GitError, HookkitError, PluginError, UsageError, summary
from hookkit.extension import Said, call_plugins, has_plugins
from hookkit.failures import Failure, Kind
from hookkit.gitconfig import Entry, GitConfig
from hookkit.multiplex import SharedConnection, shared_connection
from hookkit.network import (
    NetworkResult,
    end_network_commands,
    git_over_network,
    is_openssh,
    ssh_command,
    ssh_over_network,
)
from hookkit.options import Option, Settings
from hookkit.pinned import Pins
from hookkit.porcelain import PushedLine, pushed_lines, reason_in
from hookkit.probing import Probed, probe
from hookkit.process import Completed, run_hook_file, run_hook_file_captured
from hookkit.process import run as run_program
from hookkit.refnames import RefPatterns, is_pattern, short_ref
from hookkit.repository import Repository
from hookkit.state import account_dir, bug, state_dir
from hookkit.text import ago, nearest, one_line, plain, redact, shown, utf8
from hookkit.threaded import announce_from_thread, call_plugins_from_thread
from hookkit.values import Check, Metric, ProcResult, Push, PushedRef, RefUpdate, Refusal, Rewrite, Section, is_zero

if TYPE_CHECKING:
    import pluggy
else:
    pluggy = lean.load("pluggy")


def install_hooks(repo: Repository, node: str | None = None, *, dry_run: bool = False) -> tuple[str, ...]:
    """``hookkit install`` in ``repo``, with what is usual; one line per change, none if all was as it should be.

    :param node: this server's name, as with ``--node``; None: as it is.
    :param dry_run: change nothing; the lines are those of what would change.
    :raises HookkitError: it cannot be done.
    """
    # Only commands need it; this module is on the way to every hook.
    from hookkit.installation import install

    return install(repo, node=node, dry_run=dry_run).changes


def has_hooks(repo: Repository) -> bool:
    """Whether hookkit is installed in ``repo``."""
    from hookkit.installation import is_installed

    return is_installed(repo)


hookimpl = pluggy.HookimplMarker("hookkit")
"""Marks a function as the implementation of the hookspec of its name."""

hookspec = pluggy.HookspecMarker("hookkit")
"""Marks a function as a hook that a plugin declares for other plugins; see ``hookkit_hookspecs``."""

__all__ = [
    "API_VERSION",
    "HOOKS",
    "Check",
    "Completed",
    "ConfigError",
    "Entry",
    "Failure",
    "GitConfig",
    "GitError",
    "HookkitError",
    "Kind",
    "Metric",
    "NetworkResult",
    "Option",
    "Pins",
    "PluginError",
    "Probed",
    "ProcResult",
    "Push",
    "PushedLine",
    "PushedRef",
    "RefPatterns",
    "RefUpdate",
    "Refusal",
    "Repository",
    "Rewrite",
    "Said",
    "Section",
    "Settings",
    "SharedConnection",
    "UsageError",
    "account_dir",
    "ago",
    "announce",
    "announce_from_thread",
    "attempted",
    "bug",
    "call_plugins",
    "call_plugins_from_thread",
    "end_network_commands",
    "failures",
    "git_over_network",
    "has_hooks",
    "has_plugins",
    "hookimpl",
    "hookspec",
    "install_hooks",
    "is_openssh",
    "is_pattern",
    "is_zero",
    "log_line",
    "nearest",
    "one_line",
    "options",
    "pinned",
    "plain",
    "probe",
    "pushed_lines",
    "put_aside",
    "reason_in",
    "redact",
    "repositories",
    "run_hook_file",
    "run_hook_file_captured",
    "run_program",
    "shared_connection",
    "short_ref",
    "shown",
    "ssh_command",
    "ssh_over_network",
    "start_background",
    "start_detached",
    "state_dir",
    "summary",
    "terminal",
    "utf8",
    "work_alone",
]
