"""The ways to mirror that are compared; each sets itself up in a repository on every node of a cluster."""

from collections.abc import Callable
from typing import NamedTuple

from support.cluster import Cluster
from support.node import Node

ARTICLE = """\
#!/bin/bash
for REMOTE in $(git remote); do git push $REMOTE; done
"""
# The same, where a push that comes from another node is recognized by a push option, and goes no further.
GUARDED = """\
#!/bin/bash
[ "$GIT_PUSH_OPTION_0" = mirrored ] && exit
for REMOTE in $(git remote); do git push -o mirrored $REMOTE; done
"""


class Variant(NamedTuple):
    """One way to mirror.

    :param key: short, part of its repository's name.
    :param title: its name in the tables.
    """

    key: str
    title: str
    set_up: Callable[[Cluster], None]


def _hook(text: str) -> Callable[[Cluster], None]:
    def set_up(cluster: Cluster) -> None:
        for node in cluster:
            write_hook(node, cluster.repository, text)

    return set_up


def write_hook(node: Node, repository: str, text: str) -> None:
    """A post-receive hook of somebody's own, in a repository that takes push options."""
    node.git(repository, "config", "receive.advertisePushOptions", "true")
    # With a single remote git's own default would want an upstream branch, and push nothing.
    node.git(repository, "config", "push.default", "current")
    hook = node.path(repository) / "hooks" / "post-receive"
    hook.write_text(text)
    hook.chmod(0o755)


def _nothing(cluster: Cluster) -> None:
    pass


def _with(option: str, value: str) -> Callable[[Cluster], None]:
    def set_up(cluster: Cluster) -> None:
        cluster.install()
        for node in cluster:
            node.git(cluster.repository, "config", f"hookkit.mirror.{option}", value)

    return set_up


NO_HOOK = Variant("none", "no hook", _nothing)
NAIVE = Variant("article", "the article's hook", _hook(ARTICLE))
GUARD = Variant("guarded", "the article's hook, loop guard added", _hook(GUARDED))
HOOKKIT = Variant("hookkit", "hookkit", Cluster.install)
HOOKKIT_ALONE = Variant("alone", "hookkit, `multiplex = false`", _with("multiplex", "false"))
HOOKKIT_ASYNC = Variant("async", "hookkit, `wait = 0`", _with("wait", "0"))
ALL = (NO_HOOK, NAIVE, GUARD, HOOKKIT, HOOKKIT_ALONE, HOOKKIT_ASYNC)
