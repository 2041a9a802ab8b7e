"""What several commands have in common."""

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from hookkit.api import UsageError
from hookkit_plugins.setup import host_keys
from hookkit_plugins.setup.pinning import Consent

F = TypeVar("F", bound=Callable[..., Any])

JOBS = 8
"""How many remotes or repositories are talked to at the same time; sshd takes ten over one connection by default."""

timeout = click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(1),
    default=600,
    show_default=True,
    help="How long one remote may take.",
)
one_repository = click.option(
    *("--timeout", "timeout"),
    metavar="SECONDS",
    type=click.FloatRange(1),
    default=3600,
    show_default=True,
    help="How long one repository may take.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def consent(command: F) -> F:
    """How somebody says that a host key is the right one; see :func:`consented`."""
    fingerprint = click.option(
        "--fingerprint", metavar="SHA256:...", help="The fingerprint of its host key, from its owner."
    )
    return fingerprint(accept_new(command))


accept_new = click.option(
    "--accept-new", is_flag=True, help="Trust the host key that the server shows, if it is a new server."
)


def consented(fingerprint: str | None, accept_new: bool, again: str) -> Consent:
    """What was said, and how to ask a person for the rest.

    :param again: what to type again, up to the fingerprint.
    :raises UsageError: that contradicts itself, or is no fingerprint.
    """
    if fingerprint is not None and accept_new:
        raise UsageError("--fingerprint and --accept-new: say one of them")

    def ask(question: str) -> bool:
        return click.confirm(question, err=True)

    here = sys.stdin.isatty() and sys.stderr.isatty()
    wanted = None if fingerprint is None else host_keys.fingerprint(fingerprint)
    return Consent(wanted, accept_new, ask if here else None, again)
