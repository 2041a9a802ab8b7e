"""Telling the ways of a journal apart, by all that there is of it. It is read from the beginning, which is rarely needed."""

from collections.abc import Iterable, Mapping

from hookkit.api import GitError, Repository
from hookkit_plugins.cluster import journal
from hookkit_plugins.cluster.entry import JournalError, Record, node_of
from hookkit_plugins.cluster.gather import News, Tip, gather
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.ways import PartedError, Step, Ways, apart


def survey(repo: Repository, parted: PartedError, tips: Iterable[str], ways: Ways) -> Ways:
    """What the entries of a node are called, beyond what ``ways`` tells.

    :param tips: where its journal, or a way of it, ends, beside those that ``parted`` names.
    """
    node = parted.node
    steps = [*parted.steps]
    ends = dict.fromkeys([*parted.tips, *tips])
    for name, tip in journal.heads(repo).items():
        if name == node:
            ends[tip] = None
        steps += [step for last, path in _told(repo, tip).items() if node_of(last) == node for step in path]
    declared = {step.name for step in steps} | {*parted.declared} | ways.starts.keys()
    here = repo.object_types([*ends])
    for tip in ends:
        # Of some only a checkpoint tells.
        if tip in here:
            try:
                records = journal.chain(repo, node, tip).records
            except (JournalError, GitError):
                continue
            declared |= {name for each in records for name in (each.entry.node, *each.entry.past)}
            steps += _steps(repo, records)
    return apart(node, steps, {name for name in declared if node_of(name) == node})


def _told(repo: Repository, tip: str) -> dict[str, list[Step]]:
    """What the checkpoint with which the journal begins that ends with ``tip`` tells; empty: it begins with none."""
    try:
        begins = journal.first(repo, tip)
        return journal.paths_of(repo, begins) if begins.checkpoint else {}
    except (JournalError, GitError):
        return {}  # what is wrong with it is said when it is followed


def _steps(repo: Repository, records: list[Record]) -> list[Step]:
    steps: list[Step] = []
    for record in records:
        before: str | None = record.before
        if record.checkpoint:
            path = journal.paths_of(repo, record).get(record.entry.node, [])
            steps += path
            before = path[-1].oid if path else None
        elif steps:
            before = steps[-1].oid
        steps.append(Step(record.oid, record.entry.seq, before, record.entry.node))
    return steps


def everything(
    repo: Repository, chosen: ClusterSettings, tips: Iterable[Tip], ways: Ways, looked_at: Iterable[str] = ()
) -> tuple[News, Ways]:
    """All entries that those with which journals end know, and what they are called.

    :param ways: as far as that is known; :param looked_at: commits of which ``ways`` tells everything.
    """
    tips, seen = [*tips], {*looked_at}
    while True:
        try:
            news = gather(repo, chosen, tips, {}, ways, looked_at=seen, vouched=True)
        except PartedError as parted:
            ends = [*seen, *(tip for node, tip in tips if node == parted.node)]
            ways = ways.with_(survey(repo, parted, ends, ways))
            seen |= {*parted.tips}
        else:
            return news, ways.with_(Ways(news.names))


def paths(repo: Repository, heads: Mapping[str, str], ways: Ways) -> dict[str, list[Step]]:
    """For each name, the entries up to its last one, as far as it is known here, and as they are called."""
    told = [path for tip in journal.heads(repo).values() for path in _told(repo, tip).values()]
    here = repo.object_types(sorted({*heads.values()}))
    found: dict[str, list[Step]] = {}
    for name, tip in heads.items():
        if tip in here:
            steps = _steps(repo, journal.chain(repo, node_of(name), tip).records)
        else:
            steps = next((path for path in told if path[-1].oid == tip), [])
        found[name] = [step._replace(name=ways.names.get(step.oid, step.name)) for step in steps]
    return found
