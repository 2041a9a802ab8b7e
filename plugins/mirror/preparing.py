"""Having other plugins bring what must be at a remote before the refs are."""

from collections.abc import Iterable, Sequence

from hookkit.api import (
    Failure,
    HookkitError,
    Kind,
    RefUpdate,
    Repository,
    Said,
    call_plugins_from_thread,
    has_plugins,
    one_line,
)
from hookkit_plugins.mirror.hookspecs import hookkit_mirror_before_push
from hookkit_plugins.mirror.plan import Change
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.retry import Deadline, DeliveryError

# The share of the time that is left which they may take: something is to be left for the push.
_SHARE = 0.9


def is_wanted(repo: Repository) -> bool:
    """Whether a plugin that is on in ``repo`` has something to bring."""
    return has_plugins(repo, hookkit_mirror_before_push)


def prepare(repo: Repository, remote: Remote, changes: Iterable[Change], deadline: Deadline) -> None:
    """Have plugins bring to ``remote`` what ``changes`` need.

    :raises DeliveryError: they could not, and nothing may be sent.
    """
    updates = updates_of(changes)
    if not updates:
        return
    try:
        said = call_plugins_from_thread(
            repo,
            hookkit_mirror_before_push,
            within=(seconds := deadline.check() * _SHARE),
            remote=remote.name,
            url=remote.url,
            updates=updates,
            seconds=seconds,
        )
    except HookkitError as error:
        raise DeliveryError(Failure(Kind.UNREADY, f"{error.message}: {error.cause}")) from None
    if failure := failure_in(said):
        raise DeliveryError(failure)


def updates_of(changes: Iterable[Change]) -> tuple[RefUpdate, ...]:
    """``changes`` in the hook's words, without deletions. Pure."""
    return tuple(
        RefUpdate(change.ref, change.lease or "0" * len(change.new), change.new) for change in changes if change.new
    )


def failure_in(answers: Sequence[Said]) -> Failure | None:
    """Why nothing may be sent: the first failure in ``answers``. Pure."""
    for said in answers:
        if said.failed:
            return Failure(Kind.UNREADY, f"plugin {said.plugin} {said.failed}")
        match said.answer:
            case None:
                pass
            case [str(kind), str(cause), hint] if kind in [*Kind]:
                return Failure(Kind(kind), one_line(cause), one_line(hint) if isinstance(hint, str) else None)
            case _:
                return Failure(Kind.UNREADY, f"plugin {said.plugin} answered neither with a Failure nor with None")
    return None
