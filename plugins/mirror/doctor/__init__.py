"""What the plugin adds to ``hookkit doctor``; one module per thing that can be wrong, each with ``checks(subject)``."""

from collections.abc import Callable, Iterable, Iterator

from hookkit.api import Check, ConfigError, Repository, options
from hookkit_plugins.mirror import remotes, settings
from hookkit_plugins.mirror.doctor import (
    access,
    background,
    backlog,
    carrying,
    itself,
    leftovers,
    limits,
    outbox,
    refspecs,
)
from hookkit_plugins.mirror.doctor.subject import Subject

EXAMINATIONS: tuple[Callable[[Subject], Iterable[Check]], ...] = (
    access.checks,
    carrying.checks,
    outbox.checks,
    backlog.checks,
    background.checks,
    itself.checks,
    limits.checks,
    refspecs.checks,
    leftovers.checks,
)
"""In the order in which people read them."""


def checks(repo: Repository) -> Iterator[Check]:
    """Everything about mirroring in ``repo``."""
    try:
        chosen = settings.read(repo)
        for option in options.CORE:  # with a mistake in these, nothing is mirrored either
            repo.settings().get(option)
        selected = tuple(remotes.select(repo.config, repo.settings("mirror"), chosen.remotes))
    except ConfigError as error:
        why = f"{error.message} ({error.cause})" if error.cause else error.message
        yield Check("mirroring", "problem", f"nothing is mirrored: {why}", error.hint or "hookkit config check")
        return
    if not selected:
        yield _nowhere(repo)
    for look in EXAMINATIONS:
        yield from look(Subject(repo, chosen, selected))


def _nowhere(repo: Repository) -> Check:
    chosen = repo.settings("mirror")
    off = [name for name in repo.config.subsections("remote") if chosen.get(settings.KIND, name) == "off"]
    if not off:
        return Check("mirroring", "warning", "there is no remote to mirror to", "git remote add NAME URL")
    cause = f"there is no remote to mirror to: {', '.join(off)} {'is' if len(off) == 1 else 'are'} off"
    return Check("mirroring", "warning", cause, f"hookkit config set remote.{off[0]}.hookkit mirror")
