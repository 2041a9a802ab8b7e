"""What happens after a push: it is written down for every remote, and sent to them while the pusher waits."""

import os
import sys
import time

from hookkit.api import ConfigError, Push, Repository, options
from hookkit_plugins.mirror import lines, remotes, settings, trail
from hookkit_plugins.mirror.outbox_file import open_outbox
from hookkit_plugins.mirror.refs import RefFilter
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.report import Report
from hookkit_plugins.mirror.store import Outbox


def after_push(repo: Repository, push: Push) -> None:
    """Mirror what ``push`` changed in ``repo``."""
    try:
        chosen = settings.read(repo)
        everyone = remotes.select(repo.config, repo.settings("mirror"), chosen.remotes)
    except ConfigError:
        # A mistake in the configuration is no reason to forget what happened: what turns out not to be wanted is dropped
        # by the next delivery.
        open_outbox(repo, _say, lambda outbox: outbox.owe(push.updates, remotes.names(repo.config))).close()
        raise
    ends_at = time.monotonic() + chosen.wait
    mirrored = RefFilter(chosen.refs)
    updates = [update for update in push.updates if update.ref in mirrored]
    if not updates or not everyone:
        return
    told = trail.read(push.options)
    itself = trail.identity(os.uname().nodename, repo.node, str(repo.git_dir))
    ends = told.ends_at(itself, chosen.hops)
    targets = [remote for remote in everyone if not ends and not told.covers(remote.of, [mark(remote)])]
    say = _say if repo.settings().get(options.OUTPUT) != "none" else _silent
    covered = [remote for remote in everyone if remote not in targets]

    def owe(outbox: Outbox) -> None:
        outbox.owe(updates, [remote.name for remote in targets], covered=[remote.name for remote in covered])

    outbox = open_outbox(repo, say, owe)
    # What it sent us it has, but what it is owed is settled by asking it: a trail can be forged.
    targets += [remote for remote in covered if remote.of == told.sender and outbox.owed(remote.name)[0]]
    if not targets:
        return
    if chosen.wait == 0:
        for remote in targets:
            say(lines.queued(remote.name, outbox.owed(remote.name)[0]))
        return
    # Only now: most pushes between nodes end here.
    from hookkit_plugins.mirror.fanout import deliver
    from hookkit_plugins.mirror.retry import Deadline

    deadline = Deadline(ends_at - time.monotonic())
    onward = told.onward(itself, repo.node, map(mark, targets))
    only_failures = repo.settings().get(options.OUTPUT) == "failures"

    def done(report: Report) -> None:
        if not (only_failures and report.ok):
            say(lines.line(report, time.time()))

    for remote in deliver(repo, chosen, targets, outbox, onward, deadline, done):
        say(lines.queued(remote.name, outbox.owed(remote.name)[0]))


def mark(remote: Remote) -> str:
    """What ``remote`` is called in trails."""
    return trail.fingerprint(remote.url, os.uname().nodename)


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _silent(line: str) -> None:
    """The repository wants no output from plugins."""
