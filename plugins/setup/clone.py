"""``hookkit setup clone``: the repositories that this server lacks, from another one."""

import contextlib
import itertools
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from pathlib import Path

import click

from hookkit.api import HookkitError, Repository, UsageError, redact, state_dir, terminal
from hookkit_plugins.setup import cloning, names, options, parallel
from hookkit_plugins.setup.cloning import Arrived, Job
from hookkit_plugins.setup.remotes import short
from hookkit_plugins.setup.temporary import Temporary, remove_stale

_SHOWN = 5


@click.command(name="clone")
@click.argument("url_pattern")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, resolve_path=True, path_type=Path))
@click.argument("repo", nargs=-1)
@click.option("--remote", metavar="NAME", help="What the source is called as a remote; its host's name if not said.")
@click.option("--dry-run", is_flag=True, help="Ask the source, change nothing, show what would be done.")
@options.as_json
@click.option(
    *("--timeout", "timeout"),
    metavar="SECONDS",
    type=click.FloatRange(1),
    default=3600,
    show_default=True,
    help="How long one repository may take.",
)
def clone(
    url_pattern: str,
    folder: Path,
    repo: Sequence[str],
    remote: str | None,
    dry_run: bool,
    as_json: bool,
    timeout: float,
) -> None:
    """Get the repositories REPO... into DIR, with hooks, and with their source as a remote.

    URL_PATTERN is where they are, with {} in the place of the name: git@alpha:{}.git. REPO - reads names from standard
    input, one a line. A repository that is not here appears when it is complete; one that is here, empty or not, gets
    what it lacks. What is here is never overwritten: what differs is named, and exit status 1. Interrupted, or killed,
    run it again.
    """
    pattern = names.checked_pattern(url_pattern)
    wanted = list(dict.fromkeys(names.repository(text) for text in _given(repo)))
    if not wanted:
        raise UsageError(
            "no repository is named", hint="hookkit setup clone URL-PATTERN DIR REPO..., or - to read names"
        )
    called = remote if remote is not None else names.host(pattern)
    if not names.is_remote(called):
        raise UsageError(f"{called!r} cannot be a remote's name", hint="letters, digits, . _ -")
    jobs = [Job(name, names.url(pattern, name), folder / f"{name}.git", called) for name in wanted]
    if not dry_run:
        for path in remove_stale(dict.fromkeys((folder, *(job.target.parent for job in jobs)))):
            terminal.warn(f"{path}: left behind by an earlier run, removed")
    done: list[Arrived] = []
    with _progress(len(jobs), as_json) as show, contextlib.closing(_arriving(jobs, timeout, dry_run)) as arriving:
        for each in arriving:
            done.append(each)
            show(each)
    if as_json:
        terminal.as_json([_data(each) for each in done])
    failed = [each for each in done if not each.ok]
    if failed:
        raise _error(done, failed)


def _given(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        if word == "-":
            yield from (line for line in sys.stdin.read().split("\n") if line.strip())
        else:
            yield word


def _arriving(jobs: Sequence[Job], timeout: float, dry_run: bool) -> Generator[Arrived, None, None]:
    # ls-remote needs a repository to run in, before there is one.
    scratch = Repository.create(state_dir() / "setup" / "empty.git")
    # The first one alone: the others use the connection that it has opened.
    waiting = [list(jobs[:1]), *_batches(jobs[1:])]
    while waiting:
        made: list[Temporary] = []
        fetch = partial(cloning.fetch, scratch=scratch, timeout=timeout, dry_run=dry_run, made=made)
        try:
            # With no other thread at work afterwards: asking plugins what they need forks.
            arrived = list(parallel.each(waiting.pop(0), fetch, options.JOBS))
            yield from map(cloning.finish, arrived)
        finally:
            for temporary in made:
                temporary.remove()
        if all(each.failure is not None and each.failure.kind.unreachable for each in arrived):
            # A source that is down is not asked a hundred times.
            yield from (Arrived(job, "failed", failure=arrived[0].failure) for batch in waiting for job in batch)
            return


def _batches(jobs: Sequence[Job]) -> Iterator[list[Job]]:
    rest = iter(jobs)
    while batch := list(itertools.islice(rest, options.JOBS)):
        yield batch


class _progress:  # noqa: N801 - used like a function
    """A bar on a terminal, a line for each repository in a pipe, nothing beside JSON."""

    def __init__(self, total: int, as_json: bool) -> None:
        self._bar = None
        self._show: Callable[[Arrived], None] = lambda _: None
        if not as_json:
            self._show = lambda each: terminal.say(_line(each))
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


def _line(each: Arrived) -> str:
    if each.failure is not None:
        return f"{each.job.name}: failed, {each.failure}"
    said = [each.result, f"{each.refs} {'ref' if each.refs == 1 else 'refs'}", *each.notes]
    for why in ("only here", "ahead", "differs", "missing"):
        refs = [short(kept.ref) for kept in each.kept if kept.why == why]
        more = [f"and {len(refs) - _SHOWN} more"] * (len(refs) > _SHOWN)
        if refs:
            said.append(f"kept ({why}): {' '.join([*refs[:_SHOWN], *more])}")
    return f"{each.job.name}: {', '.join(said)}"


def _error(done: Sequence[Arrived], failed: Sequence[Arrived]) -> HookkitError:
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


def _data(each: Arrived) -> dict[str, object]:
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
