"""Where the remotes of a repository stand, from what was written down; nothing is asked."""

import sqlite3
import time
from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

from hookkit.api import ConfigError, Kind, Repository, Section, ago
from hookkit_plugins.mirror import owing, remotes, settings
from hookkit_plugins.mirror.outbox_file import existing_outbox
from hookkit_plugins.mirror.refs import Filter, filter_for, short
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.store import Held, Known, Outbox

_UNREACHABLE = {kind.value for kind in Kind if kind.unreachable}


class Standing(NamedTuple):
    """One remote.

    :param state: ``in-sync``, ``pending``, ``diverged``, ``offline``, ``refused`` or ``unknown``.
    :param pending: how many refs it is owed, held ones included.
    :param since: since when the oldest, or since when it fails; seconds since the epoch.
    :param held: what it does not take.
    """

    remote: Remote
    state: str
    pending: int
    since: float | None
    known: Known
    held: tuple[Held, ...]


def standings(repo: Repository) -> list[Standing]:
    """Every remote that is mirrored to.

    :raises ConfigError: the configuration says what they are in a way that is not allowed.
    """
    how = settings.read(repo)
    chosen = remotes.select(repo.config, repo.settings("mirror"), how.remotes)
    try:
        outbox = existing_outbox(repo)
        if outbox is None:
            return [Standing(remote, "unknown", 0, None, Known(), ()) for remote in chosen]
        try:
            return [_standing(repo, remote, outbox, filter_for(how, remote)) for remote in chosen]
        finally:
            outbox.close()
    except sqlite3.Error as error:
        known = Known(error=f"the outbox cannot be read ({error}): hookkit doctor says what to do")
        return [Standing(remote, "unknown", 0, None, known, ()) for remote in chosen]


def _standing(repo: Repository, remote: Remote, outbox: Outbox, mirrored: Filter) -> Standing:
    known = outbox.known(remote.name, remote.shown_url)
    pending, since = owing.pending(repo, outbox, remote, mirrored), outbox.owed(remote.name)[1]
    held = tuple(outbox.held(remote.name))
    if since is None or (known.failing_since is not None and known.failing_since < since):
        since = known.failing_since
    return Standing(remote, _state(known, pending, held), pending, since, known, held)


def _state(known: Known, pending: int, held: tuple[Held, ...]) -> str:
    if known.kind in _UNREACHABLE:
        return "offline"
    if any(each.verdict == "diverged" for each in held):
        return "diverged"
    # What is busy, or takes long, is not refused: it is tried again with the next push.
    if held or known.kind not in {None, Kind.BUSY.value, Kind.SLOW.value}:
        return "refused"
    if pending:
        return "pending"
    return "unknown" if known.compared is None else "in-sync"


def sections(repo: Repository) -> Sequence[Section]:
    """The section ``remotes`` of ``hookkit status``."""
    try:
        found = standings(repo)
        stale_after = repo.settings("mirror").get(settings.STALE_AFTER)
    except ConfigError as error:
        return [Section("remotes", [], "Remotes", ("problem",), ((str(error),),))]
    now = time.time()
    stale = [is_stale(standing, stale_after, now) for standing in found]
    rows = tuple(map(_row, found, stale, repeat(now)))
    verdicts = tuple(map(_verdict, found, stale))
    return [Section("remotes", [_data(standing) for standing in found], "Remotes", COLUMNS, rows, verdicts)]


def is_stale(standing: Standing, after: float, now: float) -> bool:
    """Whether something is owed for longer than ``after`` seconds; what diverged is a problem at once, whatever its age."""
    diverged = sum(each.verdict == "diverged" for each in standing.held)
    return standing.pending > diverged and standing.since is not None and now - standing.since >= after


def reason(standing: Standing) -> str | None:
    """The last failure; or else what became of a ref that is held."""
    held = {each.verdict: f"{each.ref}: {each.detail}" for each in standing.held}
    return standing.known.error or held.get("diverged") or held.get("refused")


def _verdict(standing: Standing, stale: bool) -> str:
    if stale or standing.held or standing.state in {"diverged", "refused"}:
        return "problem"
    # Of one that was never compared nobody knows what it lacks.
    return "warning" if standing.pending or standing.known.error or standing.state in {"offline", "unknown"} else "ok"


COLUMNS = ("remote", "kind", "state", "behind", "last success", "what")


def _row(standing: Standing, stale: bool, now: float) -> tuple[str, ...]:
    behind = "-"
    if standing.pending:
        behind = f"{standing.pending} ref{'' if standing.pending == 1 else 's'}"
    if standing.since is not None:
        behind += f" since {ago(now - standing.since)}" + (", stale" if stale else "")
    success = "never" if standing.known.last_success is None else f"{ago(now - standing.known.last_success)} ago"
    return standing.remote.name, standing.remote.kind, standing.state, behind, success, _what(standing)


def _what(standing: Standing) -> str:
    """What is wrong and what to do, in a few words; the URL if nothing is."""
    if standing.known.error:
        return standing.known.error
    words = [
        f"{short(held.ref)}: {held.detail[:7] + ' there was never here' if held.verdict == 'diverged' else held.detail}"
        for held in standing.held[:3]
    ]
    if len(standing.held) > 3:
        words.append(f"and {len(standing.held) - 3} more")
    if words:
        return "; ".join(words)
    if standing.state == "unknown":
        return "never compared: hookkit mirror sync"
    return "hookkit mirror sync delivers now" if standing.pending else standing.remote.shown_url


def _data(standing: Standing) -> dict[str, object]:
    return {
        "name": standing.remote.name,
        "kind": standing.remote.kind,
        "url": standing.remote.shown_url,
        "state": standing.state,
        "pending_refs": standing.pending,
        "since": iso(standing.since),
        "last_success": iso(standing.known.last_success),
        "last_error": reason(standing),
        "held": [{"ref": each.ref, "why": each.verdict, "detail": each.detail} for each in standing.held],
    }


def iso(seconds: float | None) -> str | None:
    """RFC 3339, in UTC."""
    return None if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
