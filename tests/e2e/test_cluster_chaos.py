"""A cluster that is treated badly at random: real pushes, real interruptions; then nothing is lost, and all are equal.

``HOOKKIT_ROUNDS`` sets how many runs there are (`make chaos`: 200), ``HOOKKIT_SEED`` where they begin.
"""

import os
from collections.abc import Callable

import pytest
from support.chaos import Chaos
from support.client import WorkingCopy
from support.cluster import Cluster

LONG = "HOOKKIT_ROUNDS" in os.environ
FIRST = int(os.environ.get("HOOKKIT_SEED", "0"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("HOOKKIT_ROUNDS", "2")))


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens(peers: Callable[..., Cluster], pusher: Callable[[Cluster], WorkingCopy], seed: int) -> None:
    nodes = peers(2 + seed % 4 if LONG else 3, kind="ssh" if seed % 4 == 1 else "path")
    for node in nodes:
        # By path, a hook runs as whoever pushes.
        node.git(nodes.repository, "config", "hookkit.cluster.key", str(node.key))
        node.git(nodes.repository, "config", "hookkit.cluster.signers", str(node.home / ".config/hookkit/signers"))
    chaos = Chaos(nodes, pusher(nodes), seed)
    chaos.begin()
    for _ in range(40 if LONG else 8):
        chaos.step()
    if problems := chaos.problems():
        pytest.fail("\n".join([f"seed {seed}", *chaos.log, *problems]), pytrace=False)
