"""Getting many repositories from one source: some at a time, and not at all from one that is down."""

import itertools
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from pathlib import Path

from hookkit.api import Repository, state_dir, terminal
from hookkit_plugins.setup import cloning, files, options, parallel
from hookkit_plugins.setup.cloning import Arrived, Job
from hookkit_plugins.setup.temporary import Temporary, remove_stale


def scratch() -> Repository:
    """An empty repository, to ask others from before there is one."""
    folder = state_dir() / "setup"
    # Two that make it at the same moment, or again, would find its configuration locked.
    with files.alone(folder):
        return Repository.create(folder / "empty.git")


def tidy(folder: Path, jobs: Sequence[Job]) -> None:
    """Remove what earlier runs into ``folder`` that were killed have left."""
    for path in remove_stale(dict.fromkeys((folder, *(job.target.parent for job in jobs)))):
        terminal.warn(f"{path}: left behind by an earlier run, removed")


def arriving(
    jobs: Sequence[Job],
    connect: Callable[[Repository, Job], Sequence[str]],
    *,
    timeout: float,
    dry_run: bool = False,
) -> Generator[Arrived, None, None]:
    """What became of each of ``jobs``, as they are ready.

    :param connect: adds the remotes; what it did, in lines.
    :param timeout: seconds that one may take.
    """
    empty = scratch()
    # The first one alone: the others use the connection that it has opened.
    waiting = [list(jobs[:1]), *_batches(jobs[1:])]
    while waiting:
        made: list[Temporary] = []
        fetch = partial(cloning.fetch, scratch=empty, timeout=timeout, dry_run=dry_run, made=made)
        try:
            # With no other thread at work afterwards: asking plugins what they need forks.
            arrived = list(parallel.each(waiting.pop(0), fetch, options.JOBS))
            yield from (cloning.finish(each, connect, dry_run=dry_run) for each in arrived)
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
