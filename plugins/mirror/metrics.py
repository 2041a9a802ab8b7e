"""What ``hookkit metrics`` tells about the remotes of a repository, from what was written down."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator

from hookkit.api import Metric, Repository
from hookkit_plugins.mirror import history
from hookkit_plugins.mirror.hosts import host_of
from hookkit_plugins.mirror.status import Standing, standings
from hookkit_plugins.mirror.waiting import opened, waiting_path

STATES = ("in-sync", "pending", "diverged", "offline", "refused", "unknown")


def metrics(repo: Repository) -> Iterator[Metric]:
    """Every remote, and what deliveries came to.

    :raises ConfigError: the configuration says what the remotes are in a way that is not allowed.
    """
    now = time.time()
    found = standings(repo)
    for standing in found:
        yield from _of(standing, now)
    yield from _down([standing.remote.url for standing in found], [standing.remote.name for standing in found])
    with contextlib.suppress(sqlite3.Error):  # then there is no record to tell of
        for remote, outcome, count, seconds in history.tallies(repo):
            labels = (("remote", remote), ("outcome", outcome))
            yield Metric("hookkit_mirror_deliveries_total", "Deliveries, by outcome.", "counter", count, labels)
            text = "Seconds that deliveries took, by outcome."
            yield Metric("hookkit_mirror_delivery_seconds_total", text, "counter", seconds, labels)


def _of(standing: Standing, now: float) -> Iterator[Metric]:
    labels = (("remote", standing.remote.name),)
    text = "Refs that the remote has yet to take."
    yield Metric("hookkit_mirror_pending_refs", text, "gauge", standing.pending, labels)
    lag = 0.0 if standing.since is None else max(0.0, now - standing.since)
    yield Metric("hookkit_mirror_lag_seconds", "Since when the remote is behind, or fails.", "gauge", lag, labels)
    success = standing.known.last_success or 0.0
    text = "When the remote last took what it was sent, seconds since the epoch; 0: never."
    yield Metric("hookkit_mirror_last_success_timestamp_seconds", text, "gauge", success, labels)
    for state in STATES:
        value = float(state == standing.state)
        yield Metric(
            "hookkit_mirror_state",
            "1 for the state that the remote is in.",
            "gauge",
            value,
            (*labels, ("state", state)),
        )


def _down(urls: list[str], names: list[str]) -> Iterator[Metric]:
    down: set[str] = set()
    with contextlib.suppress(OSError, sqlite3.Error):  # an index that cannot be read knows of none
        if waiting_path().exists():
            with opened() as index:
                down = {url for url in urls if index.breaker(host_of(url))}
    for url, name in zip(urls, names, strict=True):
        text = "1 while the remote's host does not answer, so that no push waits for it."
        yield Metric("hookkit_mirror_host_down", text, "gauge", float(url in down), (("remote", name),))
