"""What refs are here, looked up once for all remotes that are owed the same."""

import contextlib
import threading
from collections.abc import Sequence

from hookkit.api import Repository
from hookkit_plugins.mirror.plan import Debt


class Values:
    """What the refs of ``repo`` were after they changed, in the hands of several threads.

    A value that was looked up once a debt was written down is as good for another remote's debt with the same serial: should
    the ref have changed since, that is owed anew.
    """

    def __init__(self, repo: Repository) -> None:
        self._repo = repo
        self._guard = threading.Lock()
        self._known: dict[tuple[str, int], str | None] = {}

    def look_up(self, debts: Sequence[Debt]) -> None:
        """Begin to look them up, in a thread of its own: :meth:`of` waits for that."""
        started = threading.Event()
        threading.Thread(target=self._try, args=(debts, started), daemon=True).start()
        started.wait()

    def _try(self, debts: Sequence[Debt], started: threading.Event) -> None:
        # What fails, fails once more for whoever asks, who can say it.
        with self._guard, contextlib.suppress(Exception):
            started.set()
            self._add(debts)

    def of(self, debts: Sequence[Debt]) -> dict[str, str]:
        """The object that each ref names; those that are not here are left out."""
        with self._guard:
            self._add(debts)
            pairs = [(debt.ref, self._known[debt.ref, debt.serial]) for debt in debts]
        return {ref: oid for ref, oid in pairs if oid is not None}

    def _add(self, debts: Sequence[Debt]) -> None:
        unknown = [debt for debt in debts if (debt.ref, debt.serial) not in self._known]
        if unknown:
            found = self._repo.resolve([debt.ref for debt in unknown])
            self._known |= {(debt.ref, debt.serial): found.get(debt.ref) for debt in unknown}
