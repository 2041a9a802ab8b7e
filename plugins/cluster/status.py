"""What people see of the cluster: its nodes, its conflicts."""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from hookkit.api import GitError, Metric, Repository, Section, ago
from hookkit_plugins.cluster import journal
from hookkit_plugins.cluster.clocks import ahead
from hookkit_plugins.cluster.entry import JournalError, Record, followed, node_of, said
from hookkit_plugins.cluster.resolve import CONFLICTS
from hookkit_plugins.cluster.working import base_of

COLUMNS = ("ref", "pushed to", "commit", "kept as", "what")


class Kept(NamedTuple):
    """A loser: where it is kept, what it was pushed to, on which node, and which entry that was."""

    kept: str
    ref: str
    node: str
    seq: int
    oid: str


class Standing(NamedTuple):
    """A node, by the last entry of its journal that is here."""

    node: str
    last: Record


class Bad(NamedTuple):
    """A ref where a journal should be, and why it cannot be read."""

    ref: str
    reason: str

    @property
    def cure(self) -> str:
        """What to type to be rid of it. A journal that others have comes back with the next sync."""
        return f"git update-ref -d {self.ref}"

    def __str__(self) -> str:
        return f"{self.ref} cannot be read: {self.reason}"


def conflicts(repo: Repository) -> list[Kept]:
    """The losers that are kept here."""
    return [kept_at(ref, oid) for ref, oid in sorted(repo.refs(CONFLICTS).items())]


def kept_at(ref: str, oid: str) -> Kept:
    """What the conflict ref ``ref`` keeps."""
    node, _, seq = ref.removeprefix(CONFLICTS).partition("/")[0].rpartition(".")
    return Kept(ref, base_of(ref), node_of(node), int(seq) if seq.isdecimal() else 0, oid)


def standings(repo: Repository) -> tuple[list[Standing], list[Bad]]:
    """Every node that has a journal here, and what is no journal: somebody wrote it while nobody looked."""
    found: list[Standing] = []
    bad: list[Bad] = []
    for node, tip in sorted(journal.heads(repo).items()):
        try:
            found.append(Standing(node, journal.last(repo, tip)))
        except (JournalError, GitError) as error:
            bad.append(Bad(f"{journal.JOURNALS}{node}", said(error)))
    return found, bad


def forgotten(repo: Repository) -> set[str]:
    """The nodes of which another has written down that they will not come back."""
    gone: set[str] = set()
    for node, tip in journal.heads(repo).items():
        gone |= journal.forgotten(repo, tip) - {node}
    return gone


def sections(repo: Repository) -> Sequence[Section]:
    """The section ``conflicts`` of ``hookkit status``."""
    found = conflicts(repo)
    data = [{"ref": each.ref, "kept": each.kept, "node": each.node, "oid": each.oid} for each in found]
    rows: tuple[tuple[str, ...], ...] = tuple(
        (each.ref, each.node, each.oid[:7], each.kept, "hookkit cluster conflicts") for each in found
    )
    return [Section("conflicts", data, "Conflicts", COLUMNS, rows, ("warning",) * len(rows))]


def node_rows(found: Sequence[Standing], me: str, now: float, gone: Collection[str] = ()) -> list[tuple[str, ...]]:
    """A row for each node: its last entry, and how far it had followed the others when it wrote that. Pure."""
    rows: list[tuple[str, ...]] = []
    for node, last in found:
        entry = last.entry
        seen = [
            f"{other.node} {followed(entry.past, other.node)}/{other.last.entry.seq}"
            for other in found
            if other.node != node
        ]
        name = f"{node} (this one)" if node == me else f"{node} (forgotten)" if node in gone else node
        age = now - entry.time / 1000
        when = f"{ago(-age)} ahead" if ahead([entry], int(now * 1000)) else f"{ago(age)} ago"
        rows.append((name, str(entry.seq), when, ", ".join(seen) or "-"))
    return rows


def metrics(repo: Repository) -> Iterator[Metric]:
    """Numbers for monitoring."""
    kept = len(conflicts(repo))
    yield Metric("hookkit_cluster_conflicts", "Values that lost and are kept.", "gauge", kept)
    for node, last in standings(repo)[0]:
        labels = (("journal", node),)
        help_text = "The last entry of each node's journal that is here."
        yield Metric("hookkit_cluster_journal_entry", help_text, "gauge", last.entry.seq, labels)
