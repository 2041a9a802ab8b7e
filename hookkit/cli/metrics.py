"""``hookkit metrics``: what plugins measure, for Prometheus."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hookkit import below, inspection, terminal
from hookkit.cli.context import Context
from hookkit.cli.loading import Here
from hookkit.cli.plugin_rows import rows
from hookkit.discovery import cached
from hookkit.errors import HookkitError, UsageError
from hookkit.repository import Repository
from hookkit.text import shown, utf8
from hookkit.values import Metric

if TYPE_CHECKING:
    from prometheus_client.core import Metric as Family


@click.command(short_help="Print what plugins measure, for Prometheus.")
@click.option(
    "--all",
    "folder",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Every repository below DIR.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to FILE, in one step, as the textfile collector of node_exporter wants it (NAME.prom).",
)
@click.pass_obj
def metrics(context: Context, folder: Path | None, output: Path | None) -> int:
    """Print what plugins measure in this repository, in Prometheus' text format; no remote is asked.

    Exit status 1 if a repository or a plugin could not be asked; the rest is printed.
    """
    failures: list[BaseException] = []
    found: list[Metric] = []
    if folder is None:
        found += _of(context.repository(), failures)
    else:
        for path in below.repositories(folder, failures.append):
            each = below.attempted(lambda path: _of(Repository.discover(path), failures), path)
            if isinstance(each, HookkitError):
                failures.append(each)
            else:
                found += each
    text = exposition(found)
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)
    for failure in failures:
        terminal.show_error(failure)
    return 1 if failures else 0


def _of(repo: Repository, failures: list[BaseException]) -> list[Metric]:
    found: list[Metric] = []
    try:
        own = (("repository", utf8(shown(str(repo.path)))), ("node", repo.node))
        for row in rows(Here(repo, repo.config, cached(repo)), look_at_all=False):
            if row.found is not None and row.enabled and not row.problem:
                try:
                    each = inspection.metrics(repo, row.found)
                    found += [metric._replace(labels=(*own, *metric.labels)) for metric in each]
                except HookkitError as error:
                    error.message = f"{repo.path}: {error.message}"
                    failures.append(error)
    except HookkitError as error:
        error.message = f"{repo.path}: {error.message}"
        failures.append(error)
    return found


def exposition(found: Iterable[Metric]) -> str:
    """Prometheus' text format, sorted. Pure."""
    from prometheus_client import CollectorRegistry, generate_latest
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    families: dict[tuple[str, tuple[str, ...]], GaugeMetricFamily | CounterMetricFamily] = {}
    for metric in sorted(found):
        names = tuple(name for name, _ in metric.labels)
        family = families.get((metric.name, names))
        if family is None:
            make = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
            family = families[metric.name, names] = make(metric.name, metric.help, labels=names)
        family.add_metric([value for _, value in metric.labels], metric.value)

    class Collector:
        def collect(self) -> "Iterator[Family]":
            yield from families.values()

    registry = CollectorRegistry()
    registry.register(Collector())
    return generate_latest(registry).decode()


def _write(path: Path, text: str) -> None:
    """Readers see the old file or the new one, never half of one."""
    try:
        descriptor, name = tempfile.mkstemp(".new", f".{path.name}.", path.absolute().parent)
        try:
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(f"cannot write {shown(str(path))}", cause=error.strerror) from None
