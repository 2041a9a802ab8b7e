"""The claims that some entries concern, brought forward in memory, and what they come to."""

from collections.abc import Iterable

from hookkit.api import Repository
from hookkit_plugins.cluster.entry import Record
from hookkit_plugins.cluster.resolve import CONFLICTS, Claims, Resolved, add, outcome
from hookkit_plugins.cluster.store import Store


def base_of(ref: str) -> str:
    """The ref that ``ref`` is about: that whose loser it keeps, or itself."""
    return "refs/" + ref.removeprefix(CONFLICTS).partition("/")[2] if ref.startswith(CONFLICTS) else ref


class Contains:
    """Whether one commit descends from another; each question is asked once."""

    def __init__(self, repo: Repository) -> None:
        self._repo = repo
        self._known: dict[tuple[str, str], bool] = {}

    def __call__(self, value: str, other: str) -> bool:
        """Whether ``value`` descends from ``other``, both commits: a tag never contains another tag."""
        if (value, other) not in self._known:
            types = self._repo.object_types([value, other])
            commits = types.get(value) == types.get(other) == "commit"
            self._known[value, other] = commits and self._repo.is_ancestor(other, value)
        return self._known[value, other]


class Working:
    """A part of the claims: those of the refs that change, and of the refs that cannot exist beside them.

    ``claims`` are those that have changed, or may have; ``family`` are the refs that must be looked at together.
    """

    def __init__(self, store: Store, contains: Contains, records: Iterable[Record], refs: Iterable[str] = ()) -> None:
        records = list(records)
        concerned = {base_of(ref) for ref in refs} | {base_of(ref) for each in records for ref in each.entry.updates}
        self._store = store
        self.claims: dict[str, Claims] = store.claims(concerned)
        for record in records:
            add(self.claims, record.entry, contains)
        self.family = self._related(concerned)
        beside = store.claims(self.family - concerned)
        self.resolved: Resolved = outcome({**beside, **self.claims}, contains)

    def _related(self, refs: set[str]) -> set[str]:
        """``refs``, their folders and what is below them, as far as that goes on."""
        found, waiting = set(refs), refs
        while waiting:
            waiting = self._store.beside(waiting) - found
            found |= waiting
        return found

    def value(self, ref: str) -> str | None:
        """What ``ref`` is to be."""
        return self.resolved.refs.get(ref) or self.resolved.conflicts.get(ref)
