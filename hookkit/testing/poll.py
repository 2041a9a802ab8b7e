"""Waiting for something that happens elsewhere, with a deadline."""

import time
from collections.abc import Callable


def until(condition: Callable[[], object], what: str, timeout: float = 30) -> None:
    """Wait for ``condition``; after ``timeout`` seconds the test fails, for the reason ``what``."""
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)
