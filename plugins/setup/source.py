"""What a repository has at its source, and how what is here compares with it. Pure."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

PREFIXES = ("refs/heads/", "refs/tags/", "refs/notes/")


class Source(NamedTuple):
    """A repository at its source.

    :param head: its default branch, as a ref; None if it has none, or that is not a branch.
    """

    refs: dict[str, str]
    head: str | None

    @property
    def object_format(self) -> str:
        """git's name for how its objects are named."""
        return "sha256" if any(len(oid) == 64 for oid in self.refs.values()) else "sha1"


class Kept(NamedTuple):
    """A ref that is not what it is at the source, and why: ``only here``, ``ahead``, ``differs`` or ``missing``."""

    ref: str
    why: str

    @property
    def ok(self) -> bool:
        """The source only lacks it."""
        return self.why in ("only here", "ahead")


def read(listed: str) -> Source:
    """What ``git ls-remote --symref`` says; git-ls-remote(1)."""
    refs, head = {}, None
    for line in listed.split("\n"):
        value, tab, ref = line.partition("\t")
        if tab and ref == "HEAD" and value.startswith("ref: refs/heads/"):
            head = value.removeprefix("ref: ")
        elif tab and ours(ref) and not ref.endswith("^{}"):
            refs[ref] = value
    return Source(refs, head)


def ours(ref: str) -> bool:
    """Whether a ref is cloned."""
    return ref.startswith(PREFIXES)


def kept(source: Mapping[str, str], here: Mapping[str, str], contains: Callable[[str, str], bool]) -> list[Kept]:
    """The refs that are not the same.

    :param contains: whether the first commit is contained in the second.
    """
    found = []
    for ref in sorted({*source, *here}):
        if ref not in source:
            found.append(Kept(ref, "only here"))
        elif ref not in here:
            found.append(Kept(ref, "missing"))
        elif here[ref] != source[ref]:
            ahead = not ref.startswith("refs/tags/") and contains(source[ref], here[ref])
            found.append(Kept(ref, "ahead" if ahead else "differs"))
    return found
