"""``python -m bench [--short]``: all tables, as Markdown."""

import argparse
import signal
import sys
from types import FrameType

from support.requirements import missing

from bench import many_refs, measure, pushes, startup


def main() -> int:
    """Measure, print."""
    signal.signal(signal.SIGTERM, _interrupt)
    parser = argparse.ArgumentParser(prog="make bench ARGS=...")
    parser.add_argument("--short", action="store_true", help="one round of each: does it work at all")
    parser.add_argument("--rounds", type=int, default=11, help="of the pushes; the median is shown")
    options = parser.parse_args()
    if reason := missing("sshd"):
        print(f"error: {reason}", file=sys.stderr)
        return 1
    rounds = 1 if options.short else options.rounds
    try:
        print(f"{measure.machine()}; medians of {rounds} rounds.\n")
        print(f"### A push\n\n{_pushes(options.short, rounds)}\n")
        print(f"### Among many refs\n\n{many_refs.compare(rounds, 2_000 if options.short else 50_000)}\n")
        print(f"### A hook that does nothing\n\n{startup.compare(rounds if options.short else 2 * rounds)}")
    except KeyboardInterrupt:
        return 130
    return 0


def _pushes(short: bool, rounds: int) -> str:
    return pushes.compare(rounds, (1, 3), silent=False) if short else pushes.compare(rounds, (1, 2, 3), silent=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
