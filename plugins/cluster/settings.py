"""The options of the cluster plugin, and their values in one repository."""

from fnmatch import fnmatchcase
from typing import NamedTuple

from hookkit.api import Option, RefPatterns, Repository, is_pattern, options

KEEP, MERGE = "keep", "merge"


def _is_policy(text: str) -> bool:
    policy, _, pattern = text.partition(":")
    return policy in (KEEP, MERGE) and (not pattern or pattern.startswith("refs/"))


REFS = options.strings(
    "refs",
    ("refs/heads/*", "refs/tags/*", "refs/notes/*"),
    "Which refs are the same on every node; a pattern that starts with '!' leaves out.",
    allowed="refs/..., '*' stands for anything, '!refs/...' leaves out; may be given several times",
    check=is_pattern,
)
CONFLICT = options.strings(
    "conflict",
    (KEEP,),
    "What to do when a branch was pushed on two nodes at once: keep the loser under refs/conflicts/, or have one node merge "
    "both where that works without a conflict. The last value whose pattern matches counts.",
    allowed="keep, merge, keep:PATTERN or merge:PATTERN; may be given several times",
    check=_is_policy,
)
VERIFY = options.boolean("verify", True, "Sign journals with this node's key, and take those of others only if signed.")
KEY = options.path("key", "~/.ssh/id_ed25519", "This node's private key, which signs its journal.")
SIGNERS = options.path(
    "signers",
    "~/.config/hookkit/signers",
    "The nodes' public keys, as allowed signers: lines NODE KEYTYPE KEY; ssh-keygen(1), ALLOWED SIGNERS.",
)
ALLOW_UNRELATED = options.boolean(
    "allow-unrelated", False, "Let a node join whose repository has not one commit in common with this one."
)

COMPACT_AFTER = options.integer(
    "compact-after",
    90,
    "After how many days 'hookkit mirror sync' has this node's journal begin anew with a checkpoint; 0: never by itself.",
)

OPTIONS: tuple[Option[object], ...] = (REFS, CONFLICT, VERIFY, KEY, SIGNERS, ALLOW_UNRELATED, COMPACT_AFTER)


class ClusterSettings(NamedTuple):
    """The values of :data:`OPTIONS`, paths absolute."""

    patterns: RefPatterns
    conflict: tuple[str, ...]
    verify: bool
    key: str
    signers: str
    allow_unrelated: bool
    compact_after: int = 0

    def covers(self, ref: str) -> bool:
        """Whether ``ref`` is to be the same on every node."""
        return not ref.startswith(("refs/hookkit/", "refs/conflicts/")) and ref in self.patterns

    def merges(self, ref: str) -> bool:
        """Whether what two nodes pushed to ``ref`` at once is to be merged."""
        policy = KEEP
        for each in self.conflict:
            word, _, pattern = each.partition(":")
            if not pattern or fnmatchcase(ref, pattern):
                policy = word
        return policy == MERGE


def read(repo: Repository) -> ClusterSettings:
    """The settings of ``repo``.

    :raises ConfigError: one of them is not allowed.
    """
    settings = repo.settings("cluster")
    return ClusterSettings(
        RefPatterns(settings.get(REFS), REFS.default),
        settings.get(CONFLICT),
        settings.get(VERIFY),
        str(repo.locate(settings.get(KEY))),
        str(repo.locate(settings.get(SIGNERS))),
        settings.get(ALLOW_UNRELATED),
        settings.get(COMPACT_AFTER),
    )
