"""What remotes are owed: for too long, or held because somebody has to decide."""

import shlex
import time
from collections.abc import Iterator

from hookkit.api import Check, Kind, ago
from hookkit_plugins.mirror.doctor.subject import Subject
from hookkit_plugins.mirror.refs import short
from hookkit_plugins.mirror.status import Standing, standings

_LONG = 86_400
# Whoever only begins a push does not meet these.
_ONLY_A_PUSH_TELLS = {Kind.DISK_FULL.value, Kind.READ_ONLY.value, Kind.UNREADY.value}


def checks(subject: Subject) -> Iterator[Check]:
    """What was written down; nothing is asked."""
    now = time.time()
    found = [check for each in standings(subject.repo) for check in _of(each, now)]
    yield from found or ([Check("deliveries", "ok", "nothing is overdue")] if subject.remotes else [])


def _of(standing: Standing, now: float) -> Iterator[Check]:
    remote = standing.remote
    sync = f"hookkit mirror sync {shlex.quote(remote.of)}"
    for held in standing.held:
        name = f"{short(held.ref)} at {remote.name}"
        if held.verdict == "diverged":
            yield Check(
                name,
                "problem",
                f"diverged {ago(now - held.since)} ago: it has {held.detail[:12]}, which was never here",
                f"merge what it has and push that: git fetch {shlex.quote(remote.of)} {shlex.quote(held.ref)}; "
                f"or have it overwritten, its value kept here: hookkit config set hookkit.mirror.diverged overwrite",
            )
        else:
            cause = f"not taken since {ago(now - held.since)}: {held.detail}"
            yield Check(name, "problem", cause, f"change that, then: {sync}")
    waiting = standing.pending - len(standing.held)
    if waiting <= 0 or standing.since is None:
        return
    name, lasting = f"deliveries to {remote.name}", ago(now - standing.since)
    refs = f"{waiting} ref{'' if waiting == 1 else 's'}"
    why = f": {standing.known.error}" if standing.known.error else ""
    if standing.known.kind in _ONLY_A_PUSH_TELLS:
        yield Check(name, "problem", f"{refs} not taken since {lasting}{why}", f"change that, then: {sync}")
    elif now - standing.since > _LONG:
        yield Check(name, "warning", f"{refs} behind since {lasting}{why}", sync)
