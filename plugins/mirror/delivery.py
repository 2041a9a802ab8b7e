"""Bringing one remote up to date: what is owed to it goes out, what came back is written down."""

import time
from collections.abc import Callable

from hookkit.api import Failure, Kind, Repository
from hookkit_plugins.mirror.link import Link
from hookkit_plugins.mirror.locks import remote_lock
from hookkit_plugins.mirror.owing import pending
from hookkit_plugins.mirror.plan import Change, Debt, Diverged, Plan, compare, guess
from hookkit_plugins.mirror.porcelain import Fate
from hookkit_plugins.mirror.preparing import is_wanted, prepare
from hookkit_plugins.mirror.refs import JOURNALS, OWN, filter_for, short
from hookkit_plugins.mirror.remotes import Remote, file_name
from hookkit_plugins.mirror.report import Report, Sent
from hookkit_plugins.mirror.retry import Deadline, DeliveryError, retrying
from hookkit_plugins.mirror.settings import MirrorSettings
from hookkit_plugins.mirror.store import Held, Outbox
from hookkit_plugins.mirror.trail import Trail
from hookkit_plugins.mirror.values import Values

# How often a ref that moves between our look at it and our push is looked at again.
_ROUNDS = 3


class Delivery:
    """One remote of one repository.

    :param trail: what goes with the push; None: no push option.
    :param deadline: when to stop, whatever is not done yet.
    :param values: what refs are here, shared with deliveries to other remotes.
    """

    def __init__(
        self,
        repo: Repository,
        settings: MirrorSettings,
        remote: Remote,
        outbox: Outbox,
        trail: Trail | None,
        deadline: Deadline,
        values: Values | None = None,
    ) -> None:
        self._repo = repo
        self._settings = settings
        self._remote = remote
        self._name = remote.name
        self._url = remote.shown_url
        self._outbox = outbox
        self._option = trail.option() if trail else None
        self._deadline = deadline
        self._values = values or Values(repo)
        self._prepares = is_wanted(repo)
        self._link = Link(repo, settings, remote, outbox, deadline)
        self._filter = filter_for(settings, remote)
        self._own_journal = f"{JOURNALS}{repo.node}"
        self._sent: dict[str, Sent] = {}
        self._attempted: dict[str, int] = {}

    def run(self, *, full: bool, lock_timeout: float = 0) -> Report:
        """Deliver until nothing is owed that has not been tried.

        :param full: compare all refs with the remote first, and look at held ones again.
        :param lock_timeout: how long to wait for a delivery by somebody else to end; 0: leave it to them.
        """
        started = time.monotonic()
        failure = None
        taken = False
        while True:
            with remote_lock(self._repo, self._name, lock_timeout) as locked:
                if not locked:
                    taken = True
                    break
                try:
                    self._drain(full=full)
                    self._outbox.succeeded(self._name, self._url)
                except DeliveryError as error:
                    failure = error.failure
                    # That its turn did not come says nothing about the remote.
                    if failure.kind is not Kind.LATE:
                        self._outbox.failed(self._name, self._url, failure.kind.value, str(failure))
            full = False
            # Whoever found the lock taken meanwhile has left their part to us.
            if failure or not self._untried():
                break
        held = tuple(self._outbox.held(self._name))
        return Report(
            self._remote,
            tuple(self._sent.values()),
            held,
            pending(self._repo, self._outbox, self._remote, self._filter) - len(held),
            self._outbox.known(self._name, self._url).failing_since,
            failure,
            taken,
            time.monotonic() - started,
            tuple(dict.fromkeys(self._link.notes)),
        )

    def _drain(self, *, full: bool) -> None:
        if full or self._outbox.known(self._name, self._url).compared is None:
            self._compare_all()
        while debts := self._untried():
            self._attempted |= {debt.ref: debt.serial for debt in debts}
            changes, unclear = guess(debts, self._values.of(debts))
            moved = [debt.ref for debt in unclear]
            moved += self._push(changes, {debt.ref: debt.serial for debt in debts})
            if moved:
                self._reconcile(moved)

    def _untried(self) -> list[Debt]:
        waiting = self._outbox.debts(self._name, waiting=True)
        unwanted = [debt.ref for debt in waiting if debt.ref not in self._filter]
        if unwanted:
            self._outbox.cancel(self._name, unwanted)
        return [debt for debt in waiting if debt.ref in self._filter and self._attempted.get(debt.ref) != debt.serial]

    def _compare_all(self) -> None:
        self._reconcile(None)
        self._outbox.met(self._name, self._url)

    def _reconcile(self, asked: list[str] | None) -> None:
        """Ask the remote what it has and send what may be sent; None: all refs."""
        wanted, left = asked, list[str]()
        for _ in range(_ROUNDS):
            # What is owed is read before what is here: what changes between the two is owed still.
            debts = {debt.ref: debt for debt in self._outbox.debts(self._name)}
            theirs = self._link.refs(wanted)
            ours = self._repo.refs() if wanted is None else self._repo.resolve(wanted)
            refs = sorted(ours.keys() | theirs.keys() | debts.keys()) if wanted is None else wanted
            refs = [ref for ref in refs if ref in self._filter]
            self._attempted |= {ref: debts[ref].serial for ref in refs if ref in debts}
            plan = compare(refs, ours, theirs, debts, self._contains_among(refs, ours, theirs))
            plan = self._with_journals(plan)
            serials = {ref: debt.serial for ref, debt in debts.items()}
            self._pay({ref: ours.get(ref) for ref in plan.settled}, serials)
            send, again = plan.send, list[str]()
            if self._settings.diverged == "overwrite":
                kept = self._keep(plan.diverged)
                send = send + kept
                again = sorted({each.ref for each in plan.diverged} - {change.ref for change in kept})
            else:
                self._hold("diverged", {each.ref: each.theirs for each in plan.diverged}, serials)
            if not send and not again:
                return
            zero = "0" * len(next(iter(ours.values()), "") or next(iter(theirs.values()), ""))
            fresh = self._outbox.owe_too(self._name, [(change.ref, change.lease or zero) for change in send])
            serials = {change.ref: serials.get(change.ref, fresh) for change in send}
            self._attempted |= serials
            wanted = left = self._push(send, serials) + again
            if not left:
                return
        raise DeliveryError(Failure(Kind.BUSY, f"{short(left[0])} moves there all the time"))

    def _with_journals(self, plan: Plan) -> Plan:
        """Only its own node writes a journal: this one's is sent, and the remote judges; of another's it may have more."""
        journals = [each for each in plan.diverged if each.ref.startswith(JOURNALS)]
        own = [Change(each.ref, each.ours, each.theirs) for each in journals if each.ref == self._own_journal]
        foreign = [each.ref for each in journals if each.ref != self._own_journal]
        rest = [each for each in plan.diverged if each not in journals]
        return plan._replace(send=plan.send + own, settled=plan.settled + foreign, diverged=rest)

    def _contains_among(
        self, refs: list[str], ours: dict[str, str], theirs: dict[str, str]
    ) -> Callable[[str, str], bool]:
        different = {
            oid for ref in refs if ours.get(ref) != theirs.get(ref) for oid in (ours.get(ref), theirs.get(ref)) if oid
        }
        types = self._repo.object_types(sorted(different))

        def contains(old: str, new: str) -> bool:
            # Only between commits: one tag object never contains another, whatever they point at.
            return types.get(old) == types.get(new) == "commit" and self._repo.is_ancestor(old, new)

        return contains

    def _push(self, changes: list[Change], serials: dict[str, int]) -> list[str]:
        """Push, write down what came of it, and return the refs that turned out to be different there.

        :param serials: of the debts that this settles; known before what is sent was looked up.
        """
        if not changes:
            return []
        if self._prepares:
            retrying(
                lambda: prepare(self._repo, self._remote, changes, self._deadline),
                self._settings.attempts,
                self._deadline,
            )
        results = self._link.push(changes, self._option)
        by_fate: dict[Fate, list[Change]] = {fate: [] for fate in Fate}
        for change in changes:
            by_fate[results[change.ref].fate].append(change)
        for change in by_fate[Fate.DONE]:
            self._sent[change.ref] = Sent(change, results[change.ref].forced)
        self._pay({change.ref: change.new for change in by_fate[Fate.DONE]}, serials)
        self._hold("refused", {change.ref: results[change.ref].reason for change in by_fate[Fate.REFUSED]}, serials)
        return [change.ref for change in by_fate[Fate.MOVED] + by_fate[Fate.BUSY]]

    def _pay(self, values: dict[str, str | None], serials: dict[str, int]) -> None:
        paid = [(ref, serials[ref], value) for ref, value in values.items() if ref in serials]
        if paid:
            self._outbox.pay(self._name, paid)

    def _hold(self, verdict: str, details: dict[str, str], serials: dict[str, int]) -> None:
        if details:
            now = time.time()
            held = [(Held(ref, now, verdict, detail), serials.get(ref)) for ref, detail in details.items()]
            self._outbox.hold(self._name, held)

    def _keep(self, diverged: list[Diverged]) -> list[Change]:
        """Fetch what is about to be overwritten, and the changes that overwrite exactly that."""
        if not diverged:
            return []
        self._link.fetch({each.theirs: (each.ref, keep_ref(self._name, each)) for each in diverged})
        kept = self._repo.refs(f"{OWN}keep/")
        return [
            Change(each.ref, each.ours, each.theirs)
            for each in diverged
            if kept.get(keep_ref(self._name, each)) == each.theirs
        ]


def keep_ref(remote: str, diverged: Diverged) -> str:
    """Where a value is kept before it is overwritten."""
    return f"{OWN}keep/{file_name(remote)}/{diverged.theirs[:12]}/{diverged.ref.removeprefix('refs/')}"
