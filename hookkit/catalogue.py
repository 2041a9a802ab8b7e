"""Every hook of githooks(5), except the p4 and fsmonitor ones, in one table."""

from typing import NamedTuple


class Hook(NamedTuple):
    """One git hook.

    :param name: git's name for it.
    :param stdin: git writes something to its standard input.
    :param refuses: a non-zero exit status stops what git was about to do.
    :param always: ``hookkit install`` writes its stub even if no plugin needs it yet, so that enabling one takes effect
        at once. The others cost something with every call, or change what git does by being there.
    """

    name: str
    stdin: bool = False
    refuses: bool = False
    always: bool = False

    @property
    def spec(self) -> str:
        """The name of its hookspec: ``hookkit_pre_receive`` for ``pre-receive``."""
        return "hookkit_" + self.name.replace("-", "_")


HOOKS: dict[str, Hook] = {
    hook.name: hook
    for hook in (
        Hook("applypatch-msg", refuses=True),
        Hook("pre-applypatch", refuses=True),
        Hook("post-applypatch"),
        Hook("pre-commit", refuses=True),
        Hook("pre-merge-commit", refuses=True),
        Hook("prepare-commit-msg", refuses=True),
        Hook("commit-msg", refuses=True),
        Hook("post-commit"),
        Hook("pre-rebase", refuses=True),
        Hook("post-checkout"),
        Hook("post-merge"),
        Hook("pre-push", stdin=True, refuses=True),
        Hook("pre-receive", stdin=True, refuses=True, always=True),
        Hook("update", refuses=True),
        Hook("proc-receive", refuses=True),
        Hook("post-receive", stdin=True, always=True),
        Hook("post-update"),
        Hook("reference-transaction", stdin=True, refuses=True),
        Hook("push-to-checkout", refuses=True),
        Hook("pre-auto-gc", refuses=True),
        Hook("post-rewrite", stdin=True),
        Hook("sendemail-validate", refuses=True),
        Hook("post-index-change"),
    )
}

BY_SPEC: dict[str, Hook] = {hook.spec: hook for hook in HOOKS.values()}
