"""Whether anybody would be told."""

import sqlite3
import time
from collections.abc import Iterator

from hookkit.api import Check, HookkitError, Repository, ago, terminal
from hookkit_plugins.trigger import event, sender, settings
from hookkit_plugins.trigger.spool import opened


def checks(repo: Repository) -> Iterator[Check]:
    """The URLs, the secret, and what waits."""
    try:
        urls = repo.settings("trigger").get(settings.URL)
        secret = settings.secret_file(repo)
    except HookkitError as error:
        yield Check("trigger", "problem", error.message, error.hint or "hookkit config check")
        return
    if not urls:
        yield Check("trigger", "problem", "nobody is told: there is no URL", "git config hookkit.trigger.url URL")
    if secret is not None:
        try:
            if secret.stat().st_mode & 0o077:
                yield Check("trigger secret", "warning", f"others may read {secret}", f"chmod 600 {secret}")
        except OSError as error:
            yield Check("trigger secret", "problem", f"{secret}: {error.strerror}", "write the secret into it")
    try:
        with opened(terminal.warn) as spool:
            waiting = spool.waiting(str(repo.git_dir))
    except sqlite3.Error as error:
        yield Check("trigger spool", "problem", str(error), "look at the account's folder for state")
        return
    if waiting and not sender.is_running():
        cause = "events wait, and nobody sends them: the process was ended, or the machine was started anew"
        yield Check(
            "trigger sender", "problem", cause, "hookkit trigger send", lambda: sender.start(repo.environment())
        )
    failed = [each for each in waiting if each.problem]
    if failed:
        first = failed[0]
        since = ago(time.time() - first.event.at)
        count = f"{len(waiting)} event{'' if len(waiting) == 1 else 's'} not taken, the first {since} ago"
        cause = f"{count}: {event.shown(first.event.url)}: {first.problem}"
        yield Check("trigger", "problem", cause, "hookkit trigger send tries again; hookkit trigger waiting shows them")
    elif urls:
        yield Check("trigger", "ok", f"{len(urls)} told of every push")
