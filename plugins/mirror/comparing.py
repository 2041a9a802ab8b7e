"""Whether peers that have got everything have also done with it what is to be done; who keeps the journals knows."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hookkit.api import Repository, Said, call_plugins, call_plugins_from_thread, has_plugins
from hookkit_plugins.mirror.hookspecs import hookkit_mirror_compared
from hookkit_plugins.mirror.link import Link
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.retry import Deadline, DeliveryError
from hookkit_plugins.mirror.settings import MirrorSettings
from hookkit_plugins.mirror.store import Outbox

Refs = Mapping[str, str]

# A push to the peer that is on its way is over by then, or has changed what is seen.
_PATIENCE = 3.0
_PAUSE = 0.5


def idle(
    repo: Repository,
    chosen: MirrorSettings,
    peers: Sequence[Remote],
    seen: Mapping[str, Refs],
    outbox: Outbox,
    deadline: Deadline,
) -> dict[str, str]:
    """What is wrong with the refs of ``peers``, by name.

    :param seen: the refs of those that said what they have.
    """
    by_name = {each.name: each for each in peers if each.name in seen}
    if not by_name or not chosen.journals or not has_plugins(repo, hookkit_mirror_compared):
        return {}

    def again(peer: str) -> Refs | None:
        try:
            return Link(repo, chosen, by_name[peer], outbox, deadline).refs()
        except DeliveryError:
            return None

    def ask(there: Mapping[str, Refs]) -> dict[str, str]:
        answers = [each.answer or {} for each in called(repo, hookkit_mirror_compared, chosen.deadline, there=there)]
        return {peer: why for answer in answers for peer, why in answer.items()}

    return lasting({name: seen[name] for name in by_name}, ask, again)


def lasting(
    seen: Mapping[str, Refs],
    ask: Callable[[Mapping[str, Refs]], Mapping[str, str]],
    again: Callable[[str], Refs | None],
    patience: float = _PATIENCE,
) -> dict[str, str]:
    """What ``ask`` says of peers as long as one looks: while a push is on its way, refs are ahead of journals or behind.

    :param again: the refs of a peer, asked once more; None: it does not say.
    """
    found = dict(ask(seen))
    ends = time.monotonic() + patience
    while found and time.monotonic() < ends:
        time.sleep(_PAUSE)
        later = ask({peer: refs for peer in found if (refs := again(peer)) is not None})
        found = {peer: why for peer, why in found.items() if later.get(peer) == why}
    return found


def called(repo: Repository, spec: Callable[..., object], seconds: float, **arguments: Any) -> list[Said]:
    """What plugins answer to ``spec``, whichever thread asks."""
    # One repository of many has a thread of its own, in which nothing may fork.
    if threading.current_thread() is threading.main_thread():
        return call_plugins(repo, spec, **arguments)
    return call_plugins_from_thread(repo, spec, within=seconds, **arguments)
