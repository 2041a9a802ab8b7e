"""``python -m bench [--short] [--write FILE]``: all tables, as Markdown."""

import argparse
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from support.requirements import missing

from bench import clusters, many_refs, pushes, startup, waiting
from bench.measure import machine, table


def main() -> int:
    """Measure, print."""
    signal.signal(signal.SIGTERM, _interrupt)
    parser = argparse.ArgumentParser(prog="make bench ARGS=...")
    parser.add_argument("--short", action="store_true", help="one round of each: does it work at all")
    parser.add_argument("--rounds", type=int, default=7, help="of the pushes; the median is shown")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables into this page")
    options = parser.parse_args()
    if reason := missing("sshd"):
        print(f"error: {reason}", file=sys.stderr)
        return 1
    try:
        found = measured(1 if options.short else options.rounds, short=options.short)
    except KeyboardInterrupt:
        return 130
    for name, text in found.items():
        print(f"\n### {name}\n\n{text}")
    if options.write:
        options.write.write_text(filled(options.write.read_text(), found))
    return 0


def measured(rounds: int, *, short: bool) -> dict[str, str]:
    """Everything that is measured, by the name that the page has for it."""
    load = os.getloadavg()[0]
    push = pushes.compare(rounds, (1, 3) if short else (1, 2, 3), silent=not short)
    refs = many_refs.compare(rounds, 2_000 if short else 50_000)
    wait = waiting.compare(5 if short else 50, 5 if short else 300)
    peers, contact = clusters.compare(rounds, 500 if short else 50_000, 100 if short else 100_000)
    start = startup.compare(rounds if short else 2 * rounds)
    goals = [goal.row for goal in (*push.goals, *refs.goals, *wait.goals, *peers.goals, *start.goals)]
    return {
        "machine": f"{machine()}, load {load:.1f} before it started; medians of {rounds}.",
        "pushes": push.table,
        "refs": refs.table,
        "waiting": wait.table,
        "peers": peers.table,
        "contact": contact,
        "startup": start.table,
        "goals": table(("goal", "measured", "met"), goals),
    }


def filled(page: str, found: dict[str, str]) -> str:
    """``page`` with what stands between ``<!-- name -->`` and ``<!-- end -->`` replaced by what was found."""
    for name, text in found.items():
        before, start, rest = page.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        page = f"{before}{start}{text}\n{end}{after}" if end else page
    return page


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
