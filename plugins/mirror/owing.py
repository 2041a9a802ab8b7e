"""How much a remote has yet to be told."""

from hookkit.api import Repository
from hookkit_plugins.mirror.refs import Filter
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.store import Outbox


def pending(repo: Repository, outbox: Outbox, remote: Remote, mirrored: Filter) -> int:
    """How many refs ``remote`` is owed by ``repo``, held ones included.

    One that was tried and never compared lacks everything, as far as anybody knows: it will be compared, and sent all that
    it lacks. Of one that nobody has tried yet nothing is known.
    """
    owed = outbox.owed(remote.name)[0]
    known = outbox.known(remote.name, remote.shown_url)
    if known.compared is not None or not (owed or known.failing_since):
        return owed
    written = {debt.ref for debt in outbox.debts(remote.name, waiting=True)}
    written.update(held.ref for held in outbox.held(remote.name))
    return len(written.union(ref for ref in repo.refs() if ref in mirrored))
