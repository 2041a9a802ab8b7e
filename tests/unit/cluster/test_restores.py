"""Whatever is restored, and pushed to before anybody has noticed: all nodes come to the same, and nothing is lost.

``HOOKKIT_ROUNDS`` sets how many histories there are (`make chaos`: 200), ``HOOKKIT_SEED`` where they begin.
"""

import os
from pathlib import Path

import pytest
from support.restores import Restores

STEPS = 40 if "HOOKKIT_ROUNDS" in os.environ else 25
FIRST = int(os.environ.get("HOOKKIT_SEED", "1"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("HOOKKIT_ROUNDS", "6")))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.timeout(300)
def test_restored_at_random(seed: int, tmp_path: Path) -> None:
    history = Restores(tmp_path, seed)
    for _ in range(STEPS):
        history.step()
    if problems := history.problems():
        pytest.fail("\n".join([f"seed {seed}", *history.log, *problems]), pytrace=False)
