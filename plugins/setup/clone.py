"""``hookkit setup clone``: the repositories that this server lacks, from another one."""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import click

from hookkit.api import UsageError, terminal
from hookkit_plugins.setup import arrival_lines, arriving, cloning, names, options
from hookkit_plugins.setup.cloning import Arrived, Job


@click.command(name="clone", short_help="Get repositories here, with hooks.")
@click.argument("url_pattern")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, resolve_path=True, path_type=Path))
@click.argument("repo", nargs=-1)
@click.option("--remote", metavar="NAME", help="What the source is called as a remote; its host's name if not said.")
@click.option("--node", metavar="NAME", help="What this server is called, as with 'hookkit install --node'.")
@click.option("--dry-run", is_flag=True, help="Ask the source, change nothing, show what would be done.")
@options.as_json
@options.one_repository
def clone(
    url_pattern: str,
    folder: Path,
    repo: Sequence[str],
    remote: str | None,
    node: str | None,
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
    wanted = wanted_names(repo)
    called = names.checked_remote(remote if remote is not None else names.host(pattern))
    jobs = [Job(name, names.url(pattern, name), folder / f"{name}.git", called, node) for name in wanted]
    if not dry_run:
        arriving.tidy(folder, jobs)
    done: list[Arrived] = []
    connect = partial(cloning.add_remote, dry_run=dry_run)
    with (
        arrival_lines.progress(len(jobs), as_json, dry_run=dry_run) as show,
        contextlib.closing(arriving.arriving(jobs, connect, timeout=timeout, dry_run=dry_run)) as arrivals,
    ):
        for each in arrivals:
            done.append(each)
            show(each)
    if as_json:
        terminal.as_json([arrival_lines.data(each) for each in done])
    if error := arrival_lines.error(done):
        raise error


def wanted_names(words: Sequence[str]) -> list[str]:
    """The names of repositories that somebody typed, each once.

    :raises UsageError: one could lead elsewhere, or there is none.
    """
    wanted = list(dict.fromkeys(names.repository(text) for text in _given(words)))
    if not wanted:
        raise UsageError("no repository is named", hint="name them after the folder, or - to read names")
    return wanted


def _given(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        if word == "-":
            yield from (line for line in sys.stdin.read().split("\n") if line.strip())
        else:
            yield word
