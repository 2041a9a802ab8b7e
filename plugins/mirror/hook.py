"""What happens after a push: it is written down for every remote, and sent to them while the pusher waits."""

import socket
import sys
import time

from hookkit.api import Push, Repository, options
from hookkit_plugins.mirror import lines, remotes, settings, store, trail
from hookkit_plugins.mirror.delivery import Report
from hookkit_plugins.mirror.fanout import deliver
from hookkit_plugins.mirror.refs import RefFilter
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.retry import Deadline


def after_push(repo: Repository, push: Push) -> None:
    """Mirror what ``push`` changed in ``repo``."""
    chosen = settings.read(repo)
    deadline = Deadline(chosen.wait)
    mirrored = RefFilter(chosen.refs)
    updates = [update for update in push.updates if update.ref in mirrored]
    everyone = remotes.select(repo.config, repo.settings("mirror"), chosen.remotes)
    if not updates or not everyone:
        return
    told = trail.read(push.options)
    itself = trail.identity(socket.gethostname(), str(repo.git_dir))
    ends = told.ends_at(itself, chosen.hops)
    targets = [remote for remote in everyone if not ends and not told.covers(remote.name, marks(remote))]
    say = _say if repo.settings().get(options.OUTPUT) != "none" else _silent
    outbox = store.open_outbox(repo, say)
    outbox.owe(
        updates,
        [remote.name for remote in targets],
        covered=[remote.name for remote in everyone if remote not in targets],
        sender=told.sender,
    )
    if chosen.wait == 0:
        for remote in targets:
            say(lines.queued(remote.name, outbox.owed(remote.name)[0]))
        return
    onward = told.onward(itself, repo.node, [mark for remote in targets for mark in marks(remote)])
    only_failures = repo.settings().get(options.OUTPUT) == "failures"

    def done(report: Report) -> None:
        if not (only_failures and report.ok):
            say(lines.line(report, time.time()))

    for remote in deliver(repo, chosen, targets, outbox, onward, deadline, done):
        say(lines.queued(remote.name, outbox.owed(remote.name)[0]))


def marks(remote: Remote) -> list[str]:
    """What the URLs of ``remote`` are called in trails."""
    return [trail.fingerprint(url, socket.gethostname()) for url in remote.urls]


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _silent(line: str) -> None:
    """The repository wants no output from plugins."""
