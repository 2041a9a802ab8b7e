"""Whether a peer that has the journals has the refs that they come to."""

from collections.abc import Mapping

from hookkit.api import Repository, short_ref
from hookkit_plugins.cluster import settings
from hookkit_plugins.cluster.journal import JOURNALS
from hookkit_plugins.cluster.opening import locked, opened
from hookkit_plugins.cluster.settings import ClusterSettings

Refs = Mapping[str, str]


def compare(repo: Repository, there: Mapping[str, Refs]) -> dict[str, str]:
    """For peers whose refs are not what the journals come to, although they have them all, what people should know.

    :raises HookkitError: what this node has made of the journals cannot be read now.
    """
    with locked(repo), opened(repo) as store:
        applied = store.all_applied()
    here, chosen = repo.refs(), settings.read(repo)
    found = {peer: different(here, refs, applied, chosen) for peer, refs in there.items()}
    return {peer: _said(differing, here, there[peer]) for peer, differing in found.items() if differing}


def different(here: Refs, there: Refs, applied: Refs, chosen: ClusterSettings) -> list[str]:
    """The refs that are not what they are here, where both have the same journals. Pure.

    A ref that only one of them has may be one that the peer leaves out (``hookkit.cluster.refs``); a peer that has none
    at all leaves out everything.

    :param applied: what the journals come to: what is not so here either says nothing about the peer.
    """
    journals = {ref: oid for ref, oid in here.items() if ref.startswith(JOURNALS)}
    if not journals or any(there.get(ref) != oid for ref, oid in journals.items()):
        return []
    made = {ref: oid for ref, oid in here.items() if chosen.covers(ref) and applied.get(ref) == oid}
    nothing = not any(chosen.covers(ref) for ref in there)
    return [ref for ref, oid in sorted(made.items()) if (nothing if ref not in there else there[ref] != oid)]


def _said(differing: list[str], here: Refs, there: Refs) -> str:
    ref, *others = differing
    more = f", and {len(others)} more" if others else ""
    return (
        f"has the journals, but they are not carried out: {short_ref(ref)} is {_value(there.get(ref))} there, "
        f"by the journals {_value(here.get(ref))}{more}; is hookkit installed there, and the plugin cluster on, "
        "for this ref too? Then, there: hookkit mirror sync"
    )


def _value(oid: str | None) -> str:
    return oid[:12] if oid else "nothing"
