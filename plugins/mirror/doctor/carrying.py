"""Whether peers carry out the journals that they have got."""

import contextlib
from collections.abc import Iterator

from hookkit.api import Check
from hookkit_plugins.mirror.comparing import Refs, idle
from hookkit_plugins.mirror.doctor.subject import Subject
from hookkit_plugins.mirror.link import Link
from hookkit_plugins.mirror.retry import Deadline, DeliveryError
from hookkit_plugins.mirror.store import Outbox


def checks(subject: Subject) -> Iterator[Check]:
    """One check for each peer that says what it has."""
    repo, chosen = subject.repo, subject.settings
    peers = [each for each in subject.remotes if each.kind == "peer" and chosen.journals]
    seen: dict[str, Refs] = {}
    with contextlib.closing(Outbox(None)) as outbox:
        for each in peers:
            # That it does not answer says the check of the remote.
            with contextlib.suppress(DeliveryError):
                seen[each.name] = Link(repo, chosen, each, outbox, Deadline(chosen.deadline)).refs()
        wrong = idle(repo, chosen, peers, seen, outbox, Deadline(chosen.deadline))
    for name in seen:
        if name in wrong:
            yield Check(f"journals at {name}", "problem", wrong[name], "there: hookkit doctor")
        else:
            yield Check(f"journals at {name}", "ok", "none lies there without being carried out")
