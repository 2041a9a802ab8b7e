"""How long a push takes for the person who pushes, and how many pushes and ssh logins it makes."""

import time
from collections import defaultdict
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from support import faults
from support.client import WorkingCopy
from support.cluster import Cluster
from support.commands import CommandFailedError
from support.lab import Lab
from support.node import Node

from bench import servers
from bench.measure import Goal, Result, ratio, rotated, say, seconds, table
from bench.variants import ALL, GUARD, HOOKKIT, HOOKKIT_ASYNC, NO_HOOK, Variant

PATIENCE = 30.0  # seconds after which the pusher gives up
NAMES = ("alpha", "bravo", "charlie", "delta")
HEAD = ("remotes", "on the server", "push", "x no hook", "x loop guard", "pushes", "ssh logins")


class Cost(NamedTuple):
    """What one push cost: seconds for whoever pushed, and on all nodes together commands over ssh, and ssh logins.

    All commands are pushes, the client's own among them, once the servers have met.
    """

    seconds: float
    pushes: int
    logins: int


Measured = dict[Variant, list[Cost]]


class Track:
    """One variant with one number of remotes: a repository on its nodes, a work tree, and what was measured."""

    def __init__(self, lab: Lab, variant: Variant, nodes: Sequence[Node]) -> None:
        self.variant = variant
        self._cluster = Cluster(tuple(nodes), f"{variant.key}-{len(nodes) - 1}")
        self._cluster.connect()
        variant.set_up(self._cluster)
        self._work: WorkingCopy = lab.client().init(self._cluster.repository)
        self._work.git("remote", "add", "origin", nodes[0].url(self._cluster.repository))
        self._pushed = 0
        self.push()

    def push(self) -> Cost:
        """Push one small commit; the pusher waits PATIENCE seconds at most."""
        self._pushed += 1
        self._work.commit(f"change {self._pushed}", {"file": f"{self._pushed}\n"})
        pushes, logins = self._seen()
        try:
            took = self._work.push("origin", "main", timeout=PATIENCE).seconds
        except CommandFailedError:
            took = PATIENCE
        after = self._settled()
        return Cost(took, after[0] - pushes, after[1] - logins)

    def _seen(self) -> tuple[int, int]:
        return sum(self._cluster.sessions().values()), sum(self._cluster.logins().values())

    def _settled(self) -> tuple[int, int]:
        """What was seen when that has stopped growing: not everything happens while the pusher waits."""
        seen = None
        while seen != (seen := self._seen()):
            time.sleep(0.3)
        return seen


def compare(rounds: int, counts: Sequence[int], *, silent: bool) -> Result:
    """Pushes to a node with so many remotes, with one of them down, and with one ``silent``."""
    found: dict[str, Measured] = {}
    with servers.lab() as lab:
        nodes = [servers.server(lab, name) for name in NAMES[: max(counts) + 1]]
        tracks = {}
        for count in counts:
            say(f"pushes with {count} remotes, {rounds} rounds")
            tracks[count] = [Track(lab, variant, nodes[: count + 1]) for variant in ALL]
            found[str(count)] = _measure(tracks[count], rounds)
        last = max(counts)
        say(f"pushes with {last} remotes, one of them down")
        with faults.stopped(nodes[-1]):
            found[f"{last}, one down"] = _measure(tracks[last], rounds)
        if silent:
            say(f"pushes with {last} remotes, one of them silent")
            with faults.frozen(nodes[-1]):
                found[f"{last}, one silent"] = _measure(tracks[last], 2)
    rows = [row for remotes, results in found.items() for row in _rows(remotes, results)]
    return Result(table(HEAD, rows), _goals(found[str(last)], found[f"{last}, one down"], last))


def _goals(all_up: Measured, one_down: Measured, remotes: int) -> list[Goal]:
    took = {variant: median(cost.seconds for cost in each) for variant, each in all_up.items()}
    pushes = median(cost.pushes for cost in all_up[HOOKKIT])
    later = median(cost.seconds for cost in one_down[HOOKKIT]) - took[HOOKKIT]
    return [
        Goal(f"waiting for {remotes} remotes: at most 1.8 x no hook", 1.8, took[HOOKKIT] / took[NO_HOOK]),
        Goal(f"waiting for {remotes} remotes: at most 0.5 x the loop guard", 0.5, took[HOOKKIT] / took[GUARD]),
        Goal("`wait = 0`: at most 1.15 x no hook", 1.15, took[HOOKKIT_ASYNC] / took[NO_HOOK]),
        Goal(f"pushes between servers per client push: {remotes}", remotes, pushes - 1),
        Goal("one remote down: at most `hookkit.mirror.wait` (10 s) later", 10, later),
    ]


def _measure(tracks: Sequence[Track], rounds: int) -> Measured:
    results: Measured = defaultdict(list)
    for _, track in rotated(tracks, rounds):
        results[track.variant].append(track.push())
    return {track.variant: results[track.variant] for track in tracks}


def _rows(remotes: str, results: Measured) -> list[Sequence[str]]:
    times = {variant: [cost.seconds for cost in each] for variant, each in results.items()}
    return [
        (
            remotes,
            variant.title,
            seconds(times[variant]) if median(times[variant]) < PATIENCE else f"> {PATIENCE:.0f} s",
            ratio(times[variant], times[NO_HOOK]),
            ratio(times[variant], times[GUARD]),
            f"{median(cost.pushes for cost in each):.0f}",
            f"{median(cost.logins for cost in each):.0f}",
        )
        for variant, each in results.items()
    ]
