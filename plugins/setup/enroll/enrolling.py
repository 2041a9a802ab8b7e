"""From a plan for an admin repository to servers that go by it: one first, then the others."""

import shlex
from collections.abc import Callable, Sequence
from typing import NamedTuple

from hookkit.api import HookkitError, Kind, UsageError
from hookkit_plugins.setup import options, parallel
from hookkit_plugins.setup.enroll import admin_clone, servers
from hookkit_plugins.setup.enroll.admin_clone import Clone
from hookkit_plugins.setup.enroll.plan import Plan
from hookkit_plugins.setup.enroll.servers import Outcome, Seen


class Order(NamedTuple):
    """What to commit and how it is to be called.

    :param files: path to text, those that change.
    :param timeout: seconds that one server may take.
    """

    clone: Clone
    plan: Plan
    files: dict[str, str]
    subject: str
    backend: str
    timeout: float


def look_round(order: Order) -> list[Seen]:
    """What the servers have, before anything is changed.

    :raises HookkitError: nobody answers, or the clone is not what it should be compared with them.
    """
    clone = order.clone
    there = servers.all_servers(clone.repo)

    def look(server: servers.Server) -> Seen:
        return servers.look(clone, server, order.timeout)

    seen = sorted(parallel.each(there, look, options.JOBS), key=lambda each: there.index(each.server))
    behind = servers.ahead(clone.repo, seen, clone.head)
    if behind:
        names = ", ".join(each.server.name for each in behind)
        hint = f"git -C {clone.folder} pull --ff-only {behind[0].server.target} {clone.branch}"
        raise UsageError(f"{names} has commits that {clone.folder} lacks", hint=hint)
    known = [each.oid for each in seen if each.oid]
    foreign = admin_clone.strangers(clone, known)
    if foreign:
        hint = f"git -C {clone.folder} push {there[0].target} {clone.branch}"
        raise UsageError(f"{clone.folder} has commits that no server has: {foreign[0]}", hint=hint)
    wrong = [each for each in seen if each.failure and not each.failure.kind.unreachable]
    if wrong:
        # Perhaps by what an earlier run has pushed to it: nobody else may get that.
        names = ", ".join(each.server.name for each in wrong)
        said = "does not answer as it should" if len(wrong) == 1 else "do not answer as they should"
        error = _no_answer(f"{names} {said}, nothing is changed", wrong)
        broken = [each for each in wrong if each.failure and each.failure.kind is Kind.REFUSED]
        before = admin_clone.came_before(clone) if broken else None
        hints = [_by_hand(order, each.server, before) for each in broken]
        error.hint = "\n".join(filter(None, hints)) or error.hint
        raise error
    if all(each.failure for each in seen):
        raise _no_answer("no server answers, nothing is changed", seen)
    first = clone.repo.config.last(f"branch.{clone.branch}.remote")
    # The one that people push to comes first, if it answers.
    return sorted(seen, key=lambda each: (each.failure is not None, not first or each.server.target != first.value))


def _no_answer(message: str, seen: Sequence[Seen]) -> HookkitError:
    causes = "\n".join(f"{each.server.name}: {each.failure}" for each in seen)
    return HookkitError(message, cause=causes, hint=seen[0].failure and seen[0].failure.hint)


def bring(order: Order, seen: Sequence[Seen], done: Callable[[Outcome], None]) -> None:
    """Bring what is committed to the servers.

    :param seen: the servers, the first one first.
    :param done: is told of each server.
    :raises HookkitError: the first server no longer works; what was done about it is said.
    """
    clone, head = order.clone, order.clone.head
    waiting = []
    for each in seen:
        if each.failure is not None:
            done(Outcome(each.server, "failed", each.failure))
        elif each.oid == head:
            done(Outcome(each.server, "up to date"))
        else:
            waiting.append(each)

    def push(each: Seen) -> Outcome:
        outcome = servers.push(clone, each.server, order.plan.complaint, order.timeout)
        if outcome.answered and outcome.failure is not None:
            hint = _by_hand(order, each.server, each.oid) or outcome.failure.hint
            return outcome._replace(failure=outcome.failure._replace(hint=hint))
        return outcome

    for each in waiting[:1]:
        first = push(each)
        if first.answered:
            raise _way_back(order, first, [other.oid for other in seen if other.oid])
        done(first)
        if first.failure is not None:
            for other in waiting[1:]:
                done(Outcome(other.server, "not asked"))
            return
    for outcome in parallel.each(waiting[1:], push, options.JOBS):
        done(outcome)


def _by_hand(order: Order, server: servers.Server, old: str | None) -> str | None:
    """What to type on a server that takes nothing any more.

    :param old: the commit with which it worked.
    """
    if old is None or not order.plan.way_back:
        return None
    branch = shlex.quote(order.clone.branch)
    commands = [line.replace("{old}", old).replace("{branch}", branch) for line in order.plan.way_back]
    return f"on {server.name}, as the account that has the repositories: {' && '.join(commands)}"


def _way_back(order: Order, first: Outcome, known: Sequence[str]) -> HookkitError:
    """Take back what the first server did not stand; what to say about it.

    :param known: the commits that servers had.
    """
    clone, name = order.clone, first.server.name
    message = f"{name} took the push, but does not work with it; the other servers were not touched"
    hint = first.failure and first.failure.hint
    # The last one that somebody works with; what others have committed since is not taken back.
    base = next((oid for oid in clone.history() if oid in known), None)
    if base is None or base == clone.head:
        return HookkitError(message, cause=str(first.failure), hint=hint)
    admin_clone.take_back(clone, base, order.subject, order.backend)
    again = servers.push(clone, first.server, order.plan.complaint, order.timeout)
    if again.failure is None:
        return HookkitError(f"{message}; it was taken back, and {name} works again", cause=str(first.failure))
    return HookkitError(
        f"{message}; it was taken back in {clone.folder}, but {name} does not take that either",
        cause=f"{first.failure}\n{again.failure}",
        hint=hint,
    )
