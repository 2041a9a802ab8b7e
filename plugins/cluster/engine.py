"""Bringing the refs and the journals together: what changed here is written down, what others wrote is carried out.

Everything happens under the repository's lock, and can be interrupted at any point: what is not finished is found again.
"""

import time
from collections.abc import Iterable, Mapping

from hookkit.api import HookkitError, Repository
from hookkit_plugins.cluster import journal, marks, moving, restoring
from hookkit_plugins.cluster.composing import About, composed
from hookkit_plugins.cluster.differences import Look, differences
from hookkit_plugins.cluster.entry import Head, Record, node_of
from hookkit_plugins.cluster.gather import News, Tip, gather
from hookkit_plugins.cluster.opening import locked, opened
from hookkit_plugins.cluster.resolve import CONFLICTS, HEAD, Update
from hookkit_plugins.cluster.result import Conflict, Result
from hookkit_plugins.cluster.settings import ClusterSettings
from hookkit_plugins.cluster.store import Move, Store
from hookkit_plugins.cluster.ways import PartedError, Ways, called
from hookkit_plugins.cluster.working import Contains, Working, base_of

_ROUNDS = 20
_TRIES = 5
_PAUSE = 0.05


def bring_together(
    repo: Repository,
    chosen: ClusterSettings,
    touched: Iterable[str] = (),
    *,
    pusher: str | None = None,
    scan: bool = False,
    contact: bool = False,
    ways: Iterable[str] = (),
) -> Result:
    """Write down what changed here, and carry out what the journals say.

    :param touched: refs that may have changed here.
    :param pusher: who changed them.
    :param scan: look at all refs.
    :param contact: a peer has been heard: what is here and in nobody's journal may be written down.
    :param ways: where this node's journal ends too, as others have it.
    :raises HookkitError: it is not possible now; nothing is lost, the next time makes it good.
    """
    with locked(repo), opened(repo) as store:
        engine = _Engine(repo, chosen, store, pusher, ways)
        return engine.run({*touched}, scan=scan, contact=contact)


def begin_again(repo: Repository) -> None:
    """Forget what was taken in: it is read from the journals once more.

    :raises HookkitError: it is not possible now.
    """
    with locked(repo), opened(repo) as store, store.transaction():
        store.forget_all()


def sign_anew(repo: Repository, chosen: ClusterSettings, key: int) -> Result:
    """Write an entry that says nothing, signed with the key that this node has now.

    :param key: what tells that from others. Once is enough: what is wrong with a signature then is not that it is old.
    :raises HookkitError: it is not possible now.
    """
    with locked(repo), opened(repo) as store:
        if store.fact("signed") == key:
            return Result()
        result = _Engine(repo, chosen, store, None).say_nothing()
        with store.transaction():
            store.set_fact("signed", key)
        return result


def forget(repo: Repository, chosen: ClusterSettings, node: str) -> Result:
    """Write down that ``node`` will not come back.

    :raises HookkitError: it is not possible now.
    """
    with locked(repo), opened(repo) as store:
        engine = _Engine(repo, chosen, store, None)
        engine.run(set(), scan=True, contact=False)
        return engine.forget(node)


class _Engine:
    def __init__(
        self, repo: Repository, chosen: ClusterSettings, store: Store, pusher: str | None, ways: Iterable[str] = ()
    ) -> None:
        self._repo = repo
        self._chosen = chosen
        self._store = store
        self._pusher = pusher
        self._me = repo.node
        self._beside: list[Tip] = [(self._me, tip) for tip in ways]
        self._contains = Contains(repo)
        self._result = Result()
        # What the refs were when they were looked at first.
        self._seen: dict[str, str] = {}
        self._pushed: dict[str, Update] = {}

    def run(self, touched: set[str], *, scan: bool, contact: bool) -> Result:
        pending = list(marks.there(self._repo))
        pushed = [update for mark in pending for update in mark.updates]
        touched |= {update.ref for update in pushed}
        for each in pushed:
            before = self._pushed.get(each.ref, Update(None if each.creates else each.old, None)).old
            self._pushed[each.ref] = Update(before, None if each.deletes else each.new)
        pushers = {mark.pusher for mark in pending if mark.pusher} | ({self._pusher} if self._pusher else set())
        self._pusher = ", ".join(sorted(pushers)) or None
        touched |= self._recover()
        for number in range(_ROUNDS):
            unclear = self._round(touched, scan=scan and number == 0, contact=contact)
            # What cannot be moved, for its lock is taken or there is no room, is planned still: the next time tries again.
            if not unclear - ({*self._result.problems} if number >= _TRIES else set()):
                break
            touched |= unclear
            time.sleep(_PAUSE)
        else:
            raise HookkitError("the refs here change all the time", hint="later: hookkit mirror sync")
        self._bring_ways_together()
        marks.remove_done(pending, self._seen)
        bases = {base_of(ref) for ref in touched}
        kept = self._store.applied_for(bases) if bases else {}
        self._result.kept = {ref: oid for ref, oid in kept.items() if ref.startswith(CONFLICTS)}
        return self._result

    def forget(self, node: str) -> Result:
        return self.say_nothing(forgets=(node,))

    def say_nothing(self, forgets: tuple[str, ...] = ()) -> Result:
        before = journal.heads(self._repo).get(self._me)
        self._append({}, self._store.heads(), before, joins=False, forgets=forgets)
        return self._result

    def _bring_ways_together(self) -> None:
        """Where this node's journal went on more than once, an entry that knows all of it makes it one again."""
        taken = self._store.heads()
        ends = {name: head for name, head in taken.items() if node_of(name) == self._me}
        tip = journal.heads(self._repo).get(self._me)
        if len(ends) < 2 or tip is None:
            return
        own = self._name(taken, tip)
        knows = called(journal.last(self._repo, tip), own, self._store.ways()).entry.past
        if any(knows.get(name, 0) < head.seq for name, head in ends.items() if name != own):
            self._append({}, taken, tip, joins=False)

    def _name(self, heads: Mapping[str, Head], tip: str | None) -> str:
        """What the entry with which this node's journal ends here is called."""
        return next((name for name, head in heads.items() if node_of(name) == self._me and head.oid == tip), self._me)

    def _recover(self) -> set[str]:
        """What was being carried out when this node was interrupted was done, or is to be looked at."""
        planned = self._store.planned()
        if planned:
            actual = self._actual(planned)
            done = {ref: move for ref, move in planned.items() if actual.get(ref) == move.value}
            with self._store.transaction():
                self._store.set_applied(done)
                self._store.unplan()
        return {*planned}

    def _round(self, touched: set[str], *, scan: bool, contact: bool) -> set[str]:
        """One attempt; the refs that moved meanwhile and are to be looked at again."""
        here = journal.heads(self._repo)
        taken = self._store.heads()
        rebuilt = self._me in here and (not taken or bool(self._store.fact("rebuilt")))
        told: list[News] = []
        if rebuilt:
            own = here[self._me]
            told.append(restoring.rebuild(self._repo, self._chosen, self._store, self._contains, own))
            taken = self._store.heads()
        news, renamed = self._gathered(here)
        taken, touched = self._store.heads(), touched | renamed
        told.append(news)
        self._result.problems |= news.problems
        for record in news.checkpoints:
            touched = touched | restoring.join_checkpoint(self._repo, self._store, record, self._store.ways())
        joins = not self._store.fact("joined") and (contact or any(node_of(name) != self._me for name in news.heads))
        scan = scan or rebuilt or joins
        refs = touched | {ref for record in news.records for ref in record.entry.updates}
        fresh = news.records
        if rebuilt:
            # Whoever has pushed since has seen what was here, and that was in these journals.
            restoring.take_in(self._store, self._contains, news)
            taken, fresh = self._store.heads(), []
        if scan:
            # Of some only the journals tell: those that were left out until now.
            refs |= {*self._repo.refs(), *self._store.all_applied(), *self._store.all_refs(), HEAD}
        refs = {ref for ref in refs if self._concerns(ref)}
        actual = self._actual(refs)
        self._seen = self._seen or actual
        applied = self._store.applied(refs)
        after = Working(self._store, self._contains, fresh, refs)
        own = self._name(news.heads, here.get(self._me))
        own_news = any(record.entry.node == own for record in fresh)
        local: dict[str, Update] = {}
        if not own_news:
            look = Look(
                final=after.value,
                known=restoring.known(self._repo, *told) if rebuilt or joins else (),
                contains=self._contains,
                exists=lambda branch: bool(self._repo.resolve([branch])),
                joins=joins,
                joined=bool(self._store.fact("joined")),
                # What this node had made of the refs since its last entry is forgotten: who pushed since saw that.
                pushed=self._pushed if rebuilt else None,
            )
            local, old = differences(refs, actual, applied, touched, look)
            applied |= old
        mine: list[Record] = []
        if local or (joins and not own_news):
            mine = self._append(local, taken, here.get(self._me), joins=joins)
            after = Working(self._store, self._contains, fresh, refs)
        heads = news.heads | ({mine[-1].entry.node: Head(mine[-1].entry.seq, mine[-1].oid)} if mine else {})
        applied |= {ref: update.new or "" for ref, update in local.items()}
        unclear = self._carry_out(after, [*mine, *news.records], heads, here, actual, applied)
        with self._store.transaction():
            # Only now: interrupted before, it would take for news what is only behind.
            self._store.set_fact("rebuilt", 0)
            if joins and not own_news:
                self._store.set_fact("joined", 1)
        return unclear | ({*touched} if own_news else set())

    def _gathered(self, here: dict[str, str]) -> tuple[News, set[str]]:
        """What is to be taken in, and the refs that may change as entries are called otherwise than before."""
        tips, seen, renamed = [*here.items(), *self._beside], set[str](), set[str]()
        while True:
            try:
                news = gather(self._repo, self._chosen, tips, self._store.heads(), self._store.ways(), looked_at=seen)
            except PartedError as parted:
                renamed |= restoring.tell_apart(self._repo, self._chosen, self._store, self._contains, parted, seen)
                seen |= {*parted.tips}
            else:
                if news.names:
                    with self._store.transaction():
                        self._store.set_ways(Ways(news.names))
                return news, renamed

    def _append(
        self,
        local: dict[str, Update],
        taken: dict[str, Head],
        before: str | None,
        *,
        joins: bool,
        forgets: tuple[str, ...] = (),
    ) -> list[Record]:
        """Write entries about ``local``, and remember that."""
        name = self._name(taken, before)
        own = taken.get(name)
        if own and own.oid != before and (before is None or journal.head(self._repo, before).seq != own.seq):
            raise HookkitError(
                "other nodes have more of this node's journal than there is here",
                cause="it was restored from a backup, probably",
                hint="hookkit mirror sync",
            )
        now = max(int(time.time() * 1000), self._store.fact("time"))
        records: list[Record] = []
        for record in composed(local, name, taken, About(self._pusher, joins, forgets), now):
            records.append(journal.append(self._repo, self._chosen, record, records[-1].oid if records else before))
        self._result.note_journal(self._me, before, records[-1].oid)
        working = Working(self._store, self._contains, records)
        with self._store.transaction():
            self._store.set_claims(working.claims)
            self._store.set_heads({name: Head(records[-1].entry.seq, records[-1].oid)})
            self._store.set_applied({ref: Move(base_of(ref), update.new) for ref, update in local.items()})
            self._store.set_fact("time", records[-1].entry.time)
        return records

    def _carry_out(
        self,
        after: Working,
        records: list[Record],
        heads: dict[str, Head],
        here: dict[str, str],
        actual: dict[str, str],
        applied: dict[str, str],
    ) -> set[str]:
        """Make the refs what the claims say; those that are not what they were thought to be are left for another round."""
        before = self._store.applied_for(after.family) | applied
        wanted = {ref: Move(base_of(ref), value) for part in after.resolved for ref, value in part.items()}
        wanted |= {
            ref: Move(base_of(ref), None) for ref in before if ref not in wanted and base_of(ref) in after.family
        }
        wanted = {
            ref: move for ref, move in wanted.items() if self._concerns(ref) and (before.get(ref) or None) != move.value
        }
        actual = actual | self._actual([ref for ref in wanted if ref not in actual])
        moves = {ref: move for ref, move in wanted.items() if (actual.get(ref) or None) == (before.get(ref) or None)}
        unclear = {ref for ref, move in wanted.items() if ref not in moves and actual.get(ref) != move.value}
        journals = moving.brought(self._repo, records, heads, here)
        if moves or journals:
            with self._store.transaction(durable=True):
                self._store.plan(moves)
            failed = moving.carry_out(self._repo, moves, actual, journals)
            for ref in (*moves, *(f"{journal.JOURNALS}{node}" for node in journals)):
                self._result.problems.pop(ref, None)
            self._result.problems |= failed
            unclear |= {*failed}
        done = {ref: move for ref, move in wanted.items() if ref not in unclear}
        with self._store.transaction():
            self._store.set_claims(after.claims)
            self._store.set_heads(heads)
            self._store.set_applied({ref: Move(base_of(ref), value or None) for ref, value in applied.items()} | done)
            self._store.set_fact("time", max([self._store.fact("time"), *(each.entry.time for each in records)]))
            self._store.unplan()
            self._store.plan({ref: moves[ref] for ref in unclear if ref in moves})
        for node, (old, new) in journals.items():
            self._result.note_journal(node, old, new)
        carried_out = {ref: move for ref, move in moves.items() if ref not in unclear}
        self._result.note_moves(carried_out, actual, records, self._me)
        self._result.conflicts += [
            Conflict(ref, move.base, move.value, after.value(move.base))
            for ref, move in sorted(carried_out.items())
            if ref.startswith(CONFLICTS) and move.value
        ]
        return unclear

    def _concerns(self, ref: str) -> bool:
        if ref == HEAD:
            return self._repo.work_tree is None
        return self._chosen.covers(base_of(ref))

    def _actual(self, refs: Iterable[str]) -> dict[str, str]:
        refs = list(refs)
        found = self._repo.resolve([ref for ref in refs if ref != HEAD])
        if HEAD in refs and self._repo.work_tree is None:
            branch = moving.default_branch(self._repo)
            found |= {HEAD: branch} if branch else {}
        return found
