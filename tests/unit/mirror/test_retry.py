"""Trying again: only what can pass, within the deadline, and with the cause that counts at the end."""

import time
from collections.abc import Callable

import pytest

from hookkit.failures import Failure, Kind
from hookkit_plugins.mirror.retry import Deadline, DeliveryError, retrying


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Time passes only when somebody sleeps: the list holds for how long."""
    slept: list[float] = []
    now = time.monotonic()

    def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: now + sum(slept))
    return slept


def failing(*kinds: Kind) -> tuple[Callable[[], str], list[Kind]]:
    """An action that fails in these ways, one after another, and then works."""
    left, met = list(kinds), list[Kind]()

    def action() -> str:
        if left:
            met.append(left.pop(0))
            raise DeliveryError(Failure(met[-1], f"try {len(met)}"))
        return "done"

    return action, met


def test_what_works_is_done_once(clock: list[float]) -> None:
    assert retrying(failing()[0], 3, Deadline(60)) == "done"
    assert clock == []


@pytest.mark.parametrize("kind", Kind)
def test_only_what_can_pass(kind: Kind, clock: list[float]) -> None:
    action, met = failing(kind)
    if kind.passes:
        assert retrying(action, 3, Deadline(60)) == "done"
        assert len(clock) == 1
    else:
        with pytest.raises(DeliveryError):
            retrying(action, 3, Deadline(60))
        assert clock == []
    assert met == [kind]


@pytest.mark.parametrize("attempts", [1, 2, 3, 5])
def test_so_often_and_no_more(attempts: int, clock: list[float]) -> None:
    action, met = failing(*[Kind.OFFLINE] * 10)
    with pytest.raises(DeliveryError) as raised:
        retrying(action, attempts, Deadline(3600))
    assert len(met) == attempts
    assert raised.value.failure.cause == f"try {attempts}"
    assert len(clock) == attempts - 1


def test_waits_grow_and_are_bounded(clock: list[float]) -> None:
    with pytest.raises(DeliveryError):
        retrying(failing(*[Kind.BUSY] * 30)[0], 20, Deadline(3600))
    assert 0.2 <= clock[0] <= 0.5
    assert clock[3] > clock[0]
    assert max(clock) <= 5.3


def test_a_failure_of_another_kind_ends_it(clock: list[float]) -> None:
    action, met = failing(Kind.OFFLINE, Kind.AUTH, Kind.OFFLINE)
    with pytest.raises(DeliveryError) as raised:
        retrying(action, 5, Deadline(60))
    assert raised.value.failure.kind is Kind.AUTH
    assert len(met) == 2


def test_the_deadline_is_kept(clock: list[float]) -> None:
    with pytest.raises(DeliveryError):
        retrying(failing(*[Kind.OFFLINE] * 30)[0], 20, Deadline(3))
    assert sum(clock) <= 3


def test_that_the_time_was_over_is_not_the_cause(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.random", lambda: 0.0)  # no jitter
    deadline = Deadline(10)
    calls = 0

    def action() -> None:
        nonlocal calls
        calls += 1
        deadline.check()
        clock.append(9.61)
        raise DeliveryError(Failure(Kind.OFFLINE, "refused"))

    with pytest.raises(DeliveryError) as raised:
        retrying(action, 5, deadline)
    assert raised.value.failure == Failure(Kind.OFFLINE, "refused")
    assert calls == 2


def test_a_last_try_that_was_cut_short_is_not_the_cause(clock: list[float]) -> None:
    failures = [(8.0, Failure(Kind.OFFLINE, "banner exchange")), (5.0, Failure(Kind.TIMEOUT, "within 2s"))]

    def action() -> None:
        seconds, failure = failures.pop(0)
        clock.append(seconds)
        raise DeliveryError(failure)

    with pytest.raises(DeliveryError) as raised:
        retrying(action, 5, Deadline(10))
    assert raised.value.failure == Failure(Kind.OFFLINE, "banner exchange")
    assert failures == []


def test_deadline(clock: list[float]) -> None:
    deadline = Deadline(5)
    assert deadline.check() == deadline.left() == pytest.approx(5)
    clock.append(4.9)
    with pytest.raises(DeliveryError) as raised:
        deadline.check()
    assert raised.value.failure.kind is Kind.LATE
    clock.append(10)
    assert deadline.left() == 0


def test_patience_is_for_what_goes_on(clock: list[float]) -> None:
    strict, patient = Deadline(10), Deadline(10, patient=True)
    clock.append(9)
    assert not strict.is_over(by=0)
    assert strict.check() == 1
    assert patient.check() == 10, "one more command has all of it"
    clock.append(2)
    assert not strict.put_off()
    assert patient.put_off()
    assert strict.is_over(by=0)
    assert not strict.is_over(by=2)
    clock.append(24 * 3600)
    assert not patient.put_off()
    assert patient.is_over(by=1)
