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


# So long something can go on that always says something; in seconds.
_LONGEST = 24 * 3600


class Deadline:
    """A point in time that work must not pass.

    :param seconds: from now.
    :param patient: it can be put off: then these are the seconds in which nothing happens.
    """

    def __init__(self, seconds: float, *, patient: bool = False) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._last = time.monotonic() + (_LONGEST if patient else 0)

    def put_off(self) -> bool:
        """Something has happened: there are as many seconds again, if there are."""
        now = time.monotonic()
        if now < self._last:
            self._end = now + self._seconds
        return now < self._end

    def is_over(self, by: float) -> bool:
        """Whether it was ``by`` seconds ago."""
        return time.monotonic() > self._end + by

    def left(self) -> float:
        """Seconds until then, not below zero."""
        return max(0.0, self._end - time.monotonic())

    def check(self) -> float:
        """:meth:`left`, for one more command: where there is patience, each has all of it.

        :raises DeliveryError: too little for a connection.
        """
        self.put_off()
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
