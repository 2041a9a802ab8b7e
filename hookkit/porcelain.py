"""What ``git push --porcelain`` answers; git-push(1), OUTPUT. Pure."""

from collections.abc import Iterator
from typing import NamedTuple


class PushedLine(NamedTuple):
    """What git says of one ref of a push.

    :param flag: one character: a space for a fast-forward, ``+`` forced, ``-`` deleted, ``*`` new, ``!`` rejected, ``=``
        up to date.
    :param ref: its name at the remote.
    :param summary: the rest, for people.
    """

    flag: str
    ref: str
    summary: str


def pushed_lines(stdout: str) -> Iterator[PushedLine]:
    """A line for each ref; a remote with several URLs answers once for each."""
    for line in stdout.split("\n"):
        flag, *fields = line.split("\t")
        if len(fields) > 1 and len(flag) == 1:
            yield PushedLine(flag, fields[0].partition(":")[2], "\t".join(fields[1:]))


def reason_in(summary: str) -> str:
    """Why a ref was rejected: the words in parentheses at the end of its summary."""
    return summary.partition("(")[2].rpartition(")")[0] or summary
