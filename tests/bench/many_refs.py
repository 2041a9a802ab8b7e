"""What hookkit adds to a push of one ref, in a repository with few and with many refs."""

from collections import defaultdict
from statistics import median

from support.client import WorkingCopy
from support.cluster import Cluster
from support.lab import Lab

from bench import servers
from bench.measure import Goal, Result, rotated, say, seconds, table
from bench.variants import HOOKKIT, NO_HOOK, write_hook

FEW = 10
# What somebody would write by hand for exactly this push; what git itself needs for it is not hookkit's cost.
BY_HAND = """\
#!/bin/sh
[ "$GIT_PUSH_OPTION_0" = mirrored ] && exit
git push -o mirrored bravo main
"""
_NOISE = 0.02
HEAD = ("refs", "no hook", "`git push bravo main` in the hook", "hookkit", "hookkit's own part")


def compare(rounds: int, many: int) -> Result:
    """The same push in both."""
    with servers.lab() as lab:
        nodes = (servers.server(lab, "alpha"), servers.server(lab, "bravo"))
        tracks = []
        for refs in (FEW, many):
            say(f"a one-ref push among {refs} refs, {rounds} rounds")
            for kind in ("none", "hand", "hookkit"):
                cluster = Cluster(nodes, f"{kind}-{refs}")
                cluster.connect()
                tracks.append(((refs, kind), _prepare(lab, cluster, kind, refs)))
        times: dict[tuple[int, str], list[float]] = defaultdict(list)
        for turn, (key, work) in rotated(tracks, rounds):
            work.commit(f"turn {turn}", {"file": f"{turn}\n"})
            times[key].append(work.push("origin", "main").seconds)
    rows = []
    own = {}
    for refs in (FEW, many):
        none, hand, hookkit = (times[refs, kind] for kind in ("none", "hand", "hookkit"))
        own[refs] = median(hookkit) - median(hand)
        rows.append((f"{refs:,}", seconds(none), seconds(hand), seconds(hookkit), f"{own[refs]:.2f} s"))
    # Below zero there is no part of its own, and what is less than this is noise.
    more = max(own[many], 0) / max(own[FEW], _NOISE)
    goal = Goal(f"its own part among {many:,} refs: at most 1.5 x that among {FEW}", 1.5, more)
    return Result(table(HEAD, rows), [goal])


def _prepare(lab: Lab, cluster: Cluster, kind: str, refs: int) -> WorkingCopy:
    """The repository with its refs on both nodes, the hook, and a work tree that has pushed once."""
    work = lab.client().init(cluster.repository)
    work.git("remote", "add", "origin", cluster["alpha"].url(cluster.repository))
    work.commit("first")
    work.push("origin", "main")
    bravo = cluster["bravo"]
    bravo.git(cluster.repository, "fetch", "--quiet", "alpha", "main:main")
    # Written as git keeps them: creating so many one by one takes minutes.
    oid = work.oid()
    names = sorted(f"refs/tags/t{number}" for number in range(refs))
    packed = "# pack-refs with: peeled fully-peeled sorted \n" + "".join(f"{oid} {name}\n" for name in names)
    for node in cluster:
        (node.path(cluster.repository) / "packed-refs").write_text(packed)
    if kind == "hand":
        write_hook(cluster["alpha"], cluster.repository, BY_HAND)
        bravo.git(cluster.repository, "config", "receive.advertisePushOptions", "true")
    {"none": NO_HOOK, "hand": NO_HOOK, "hookkit": HOOKKIT}[kind].set_up(cluster)
    work.commit("second")
    work.push("origin", "main")
    return work
