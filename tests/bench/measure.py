"""Medians and Markdown."""

import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Goal(NamedTuple):
    """Something that was promised, and what was measured."""

    what: str
    limit: float
    value: float

    @property
    def row(self) -> tuple[str, str, str]:
        """As it stands in the table."""
        return self.what, f"{self.value:.3g}", "yes" if self.value <= self.limit else "no"


class Result(NamedTuple):
    """What one comparison found: a table, and what it says about the goals."""

    table: str
    goals: list[Goal]


def rotated(variants: Sequence[T], rounds: int) -> Iterator[tuple[int, T]]:
    """Every variant once a round, in an order that rotates: what drifts, or follows on something slow, hits all alike."""
    for turn in range(rounds):
        for index in range(len(variants)):
            yield turn, variants[(turn + index) % len(variants)]


def seconds(values: Sequence[float]) -> str:
    """The median, for people."""
    return f"{median(values):.2f} s"


def milliseconds(values: Sequence[float]) -> str:
    """The median, for people."""
    return f"{median(values) * 1000:.0f} ms"


def ratio(values: Sequence[float], base: Sequence[float]) -> str:
    """How many times the median of ``base`` the median of ``values`` is."""
    return f"{median(values) / median(base):.2f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all but the first column hold numbers."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """What the numbers depend on, in one line."""
    git = subprocess.run(("git", "version"), capture_output=True, text=True, check=True).stdout.split()[2]
    ssh = subprocess.run(("ssh", "-V"), capture_output=True, text=True, check=True).stderr.split()[0].rstrip(",")
    linux = ".".join(platform.release().split(".")[:2])
    return f"{_processor()}, Linux {linux}, git {git}, {ssh}, Python {platform.python_version()}"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores, {models[0] if models else platform.machine()}"


def say(what: str) -> None:
    """Progress, beside the results."""
    print(what, file=sys.stderr, flush=True)
