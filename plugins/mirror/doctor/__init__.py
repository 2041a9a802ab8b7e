"""What the plugin adds to ``hookkit doctor``; one module per thing that can be wrong, each with ``checks(subject)``."""

from collections.abc import Callable, Iterable, Iterator

from hookkit.api import Check, ConfigError, Repository, options
from hookkit_plugins.mirror import remotes, settings
from hookkit_plugins.mirror.doctor import access, background, backlog, leftovers, outbox, refspecs
from hookkit_plugins.mirror.doctor.subject import Subject

EXAMINATIONS: tuple[Callable[[Subject], Iterable[Check]], ...] = (
    access.checks,
    outbox.checks,
    backlog.checks,
    background.checks,
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
        yield Check("mirroring", "warning", "there is no remote to mirror to", "git remote add NAME URL")
    for look in EXAMINATIONS:
        yield from look(Subject(repo, chosen, selected))
