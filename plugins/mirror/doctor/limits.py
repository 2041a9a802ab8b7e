"""Limits that contradict each other."""

from collections.abc import Iterator

from hookkit.api import Check
from hookkit_plugins.mirror import settings
from hookkit_plugins.mirror.doctor.subject import Subject


def checks(subject: Subject) -> Iterator[Check]:
    """Whether a pusher waits for the remotes as long as somebody has asked for."""
    asked, waits = subject.repo.settings("mirror").get(settings.WAIT), subject.settings.wait
    if waits < asked:
        cause = (
            f"hookkit.mirror.wait is {asked:g} s, but hookkit.mirror.timeout lets a pusher wait for {waits:g} s only"
        )
        yield Check("limits", "warning", cause, f"hookkit config set hookkit.mirror.timeout {asked + 5:g}")
