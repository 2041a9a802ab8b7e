"""Trying again what can pass by itself."""

import time
from collections.abc import Callable
from typing import TypeVar

from hookkit.api import Failure, Kind

T = TypeVar("T")


class DeliveryError(Exception):
    """A network command failed."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class Deadline:
    """A point in time that work must not pass.

    :param seconds: from now.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds until then, not below zero."""
        return max(0.0, self._end - time.monotonic())

    def check(self) -> float:
        """:meth:`left`.

        :raises DeliveryError: too little for a connection.
        """
        left = self.left()
        if left < 0.2:
            raise DeliveryError(Failure(Kind.LATE, "others took the time there was"))
        return left


def retrying(action: Callable[[], T], attempts: int, deadline: Deadline) -> T:
    """What ``action`` returns; while it fails in a way that can pass by itself, it is called again.

    :param attempts: how often at most; waits between them grow exponentially, with jitter.
    :raises DeliveryError: the last failure.
    """
    try:
        return action()
    except DeliveryError as error:
        if not error.failure.kind.passes or attempts < 2:
            raise
        first = error
    # Only now: most deliveries succeed at once, and tenacity is not cheap to import.
    from tenacity import (
        Retrying,
        retry_if_exception,
        stop_after_attempt,
        stop_before_delay,
        wait_exponential,
        wait_random,
    )

    failures = [first]
    called = 0

    def again() -> T:
        nonlocal called
        called += 1
        if called == 1:
            raise first
        try:
            return action()
        except DeliveryError as error:
            # That there was no time for another try, or not enough, says less than why one was needed.
            if error.failure.kind in {Kind.LATE, Kind.TIMEOUT}:
                raise failures[-1] from None
            failures.append(error)
            raise

    return Retrying(
        stop=stop_after_attempt(attempts) | stop_before_delay(deadline.left()),
        wait=wait_exponential(multiplier=0.2, max=5) + wait_random(0, 0.3),
        retry=retry_if_exception(lambda error: isinstance(error, DeliveryError) and error.failure.kind.passes),
        reraise=True,
    )(again)
