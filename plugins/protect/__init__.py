"""protect: refs that may not be deleted or rewritten, that are for some people only, or that must be signed.

Only declarations here. It judges in ``pre-receive``, the one hook that knows who pushes and that no access layer keeps for
itself, as gitolite does with ``update``.
"""

from collections.abc import Sequence

from hookkit.api import Option, Push, Refusal, Repository, hookimpl


@hookimpl
def hookkit_options() -> Sequence[Option[object]]:
    """The options of this plugin."""
    from hookkit_plugins.protect.settings import OPTIONS

    return OPTIONS


@hookimpl
def hookkit_pre_receive(repo: Repository, push: Push) -> Refusal | None:
    """Refuse what the rules forbid, all of it at once."""
    from hookkit_plugins.protect.judging import judge

    return judge(repo, push)
