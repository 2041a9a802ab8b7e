"""Comparing every ref with what a remote says now, whatever was written down about it."""

from collections.abc import Mapping
from typing import NamedTuple

from hookkit_plugins.mirror.refs import RefFilter


def fingerprint(refs: Mapping[str, str], mirrored: RefFilter) -> str:
    """A digest of the mirrored refs: SHA-256 of lines ``<oid> <ref>``, sorted by ref as bytes.

    ``git for-each-ref --format='%(objectname) %(refname)' refs/heads refs/tags refs/notes | sha256sum`` prints the same
    where hookkit.mirror.refs is not set.
    """
    import hashlib
    import os

    found = sorted((os.fsencode(ref), oid.encode()) for ref, oid in refs.items() if ref in mirrored)
    return hashlib.sha256(b"".join(oid + b" " + ref + b"\n" for ref, oid in found)).hexdigest()


class Difference(NamedTuple):
    """What is different between here and a remote.

    :param equal: how many refs are equal.
    :param missing: refs that the remote lacks.
    :param different: refs that have another value there: ref to (here, there).
    :param here: the :func:`fingerprint` of the refs here; :param there: of the remote's.
    :param only_there: refs that only the remote has: mirroring never deletes what it has not seen.
    """

    equal: int
    missing: tuple[str, ...]
    different: dict[str, tuple[str, str]]
    only_there: tuple[str, ...]
    here: str
    there: str

    @property
    def in_sync(self) -> bool:
        """The remote has every ref as it is here."""
        return not self.missing and not self.different


def difference(ours: Mapping[str, str], theirs: Mapping[str, str], mirrored: RefFilter) -> Difference:
    """Compare two sets of refs, those that are mirrored. Pure."""
    here = {ref: oid for ref, oid in ours.items() if ref in mirrored}
    there = {ref: oid for ref, oid in theirs.items() if ref in mirrored}
    return Difference(
        equal=sum(there.get(ref) == oid for ref, oid in here.items()),
        missing=tuple(sorted(here.keys() - there.keys())),
        different={ref: (oid, there[ref]) for ref, oid in sorted(here.items()) if ref in there and there[ref] != oid},
        only_there=tuple(sorted(there.keys() - here.keys())),
        here=fingerprint(ours, mirrored),
        there=fingerprint(theirs, mirrored),
    )
