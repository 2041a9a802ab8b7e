"""What people see of repositories that arrive: lines, a bar on a terminal, JSON, and what is left to do."""

import sys
from collections.abc import Callable, Sequence

from hookkit.api import HookkitError, redact, terminal
from hookkit_plugins.setup.cloning import Arrived
from hookkit_plugins.setup.remotes import short

_SHOWN = 5


class progress:  # noqa: N801 - used like a function
    """A bar on a terminal, a line for each repository in a pipe, nothing beside JSON."""

    def __init__(self, total: int, as_json: bool, *, dry_run: bool = False) -> None:
        self._bar = None
        self._show: Callable[[Arrived], None] = lambda _: None
        if not as_json:
            self._show = lambda each: terminal.say(line(each, dry_run=dry_run))
        if not as_json and sys.stdout.isatty():
            from rich.progress import BarColumn as Bar
            from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (TextColumn("repositories"), Bar(), MofNCompleteColumn(), TimeElapsedColumn())
            # Refreshing by itself would be a thread at work while plugins are asked.
            self._bar = Progress(*columns, auto_refresh=False)
            self._task = self._bar.add_task("", total=total)

    def __enter__(self) -> Callable[[Arrived], None]:
        if self._bar is not None:
            self._bar.start()
        return self._one

    def _one(self, each: Arrived) -> None:
        self._show(each)
        if self._bar is not None:
            self._bar.advance(self._task)
            self._bar.refresh()

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def line(each: Arrived, *, dry_run: bool = False) -> str:
    """One repository."""
    if each.failure is not None:
        return f"{each.job.name}: failed, {each.failure}"
    result = f"would be {each.result}" if dry_run and each.result != "up to date" else each.result
    said = [result, f"{each.refs} {'ref' if each.refs == 1 else 'refs'}", *each.notes]
    for why in ("only here", "ahead", "differs", "missing"):
        refs = [short(kept.ref) for kept in each.kept if kept.why == why]
        more = [f"and {len(refs) - _SHOWN} more"] * (len(refs) > _SHOWN)
        if refs:
            said.append(f"kept ({why}): {' '.join([*refs[:_SHOWN], *more])}")
    return f"{each.job.name}: {', '.join(said)}"


def error(done: Sequence[Arrived]) -> HookkitError | None:
    """What is not as at the source; None: nothing."""
    failed = [each for each in done if not each.ok]
    if not failed:
        return None
    causes = dict.fromkeys(str(each.failure) for each in failed if each.failure)
    causes |= dict.fromkeys(
        f"{each.job.name}: {short(kept.ref)} {'is not the same' if kept.why == 'differs' else 'could not be added'}"
        for each in failed
        for kept in each.kept
        if not kept.ok
    )
    hint = next((each.failure.hint for each in failed if each.failure and each.failure.hint), None)
    message = f"{len(failed)} of {len(done)} repositories are not as at the source"
    return HookkitError(message, cause="\n".join(causes), hint=hint or "when that is settled, run it again")


def data(each: Arrived) -> dict[str, object]:
    """One repository, as JSON."""
    return {
        "repository": each.job.name,
        "path": str(each.job.target),
        "url": redact(each.job.url),
        "result": each.result,
        "ok": each.ok,
        "refs": each.refs,
        "kept": [kept._asdict() for kept in each.kept],
        "notes": list(each.notes),
        "error": str(each.failure) if each.failure else None,
        "hint": each.failure.hint if each.failure else None,
    }
