"""The command line of a mirror push, and what ``git push --porcelain`` answers; git-push(1), OUTPUT. Pure."""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from hookkit.api import pushed_lines, reason_in
from hookkit_plugins.mirror.plan import Change
from hookkit_plugins.mirror.remotes import ALIAS

# Command line and environment together must stay below what execve(2) takes (2 MiB with a usual stack limit).
_ARGUMENT_BYTES = 1_200_000

# The remote has something else than we thought: `git push` has sent nothing for this ref.
_MOVED = ("stale info", "non-fast-forward", "fetch first", "already exists", "needs force")
# Somebody else moved the ref, or holds its lock, at this very moment.
_BUSY = (
    "failed to update ref",
    "cannot lock ref",
    "failed to lock",
    "incorrect old value provided",
    "reference already exists",
    "Unable to create",
    # The connection ended before the remote had said what became of it.
    "remote failed to report status",
)
# The remote has judged the whole push, not this ref.
_WHOLE = ("pre-receive hook declined", "unpacker error", "unpack failed", "unpack-objects", "index-pack")


class Fate(Enum):
    """What became of one ref of a push."""

    DONE = "done"
    MOVED = "moved"
    BUSY = "busy"
    REFUSED = "refused"


class RefResult(NamedTuple):
    """What became of one ref, and why, in the words of git or of the remote.

    :param forced: it was not a fast-forward.
    :param whole: the remote has refused the push as a whole: it says nothing about this ref.
    """

    fate: Fate
    reason: str = ""
    forced: bool = False
    whole: bool = False


def arguments(changes: Iterable[Change], push_options: Iterable[str]) -> list[str]:
    """The arguments of the git command that sends ``changes``.

    No ``--force`` and no ``+``: either would switch the leases off without a word.
    """
    leases, refspecs = [], []
    for change in changes:
        refspecs.append(f"{change.new or ''}:{change.ref}")
        if change.lease is not None:
            leases.append(f"--force-with-lease={change.ref}:{change.lease}")
    options = [f"--push-option={option}" for option in push_options]
    # What the account's own configuration could add (push.followTags, push.gpgSign, submodules...) is not ours to send.
    fixed = ("--porcelain", "--progress", "--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no")
    return ["push", *fixed, "--no-force-if-includes", *options, *leases, "--", ALIAS, *refspecs]


def batches(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """``changes`` in as few parts as fit on a command line."""
    batch: list[Change] = []
    size = 0
    for change in changes:
        length = 2 * len(change.ref.encode("utf-8", "surrogateescape")) + 160
        if batch and size + length > _ARGUMENT_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(change)
        size += length
    if batch:
        yield batch


def parse(stdout: str) -> dict[str, RefResult]:
    """The result per ref. A remote with several URLs answers once for each: the worst counts."""
    order = list(Fate)
    results: dict[str, RefResult] = {}
    for flag, ref, summary in pushed_lines(stdout):
        result = RefResult(Fate.DONE, forced=flag == "+") if flag != "!" else _rejected(summary)
        before = results.get(ref)
        if before is None or order.index(result.fate) > order.index(before.fate):
            results[ref] = result
    return results


def _rejected(summary: str) -> RefResult:
    reason = reason_in(summary)
    if summary.startswith("[rejected]") and reason.startswith(_MOVED):
        return RefResult(Fate.MOVED, reason)
    if any(phrase in reason for phrase in _BUSY):
        return RefResult(Fate.BUSY, reason)
    return RefResult(Fate.REFUSED, reason, whole=reason.startswith(_WHOLE))


def parse_refs(stdout: str) -> dict[str, str]:
    """The refs of ``git ls-remote --refs``."""
    pairs = (line.split("\t", 1) for line in stdout.split("\n") if "\t" in line)
    return {ref: oid for oid, ref in pairs if ref.startswith("refs/")}
