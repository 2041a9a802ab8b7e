"""What peers cost: a push with journals, against one that is only mirrored, also in repositories that are large."""

import sys
import time
from collections import defaultdict
from statistics import median

from support.account import HOOKKIT
from support.client import WorkingCopy
from support.cluster import Cluster
from support.node import Node

from bench import servers
from bench.measure import Goal, Result, ratio, rotated, say, seconds, table
from hookkit_plugins.cluster.entry import Record, message
from hookkit_plugins.cluster.resolve import Entry, Update

HEAD = ("repository", "push", "x no hook", "more than mirrored")
CONTACT = ("first contact", "memory", "processor time")
# In megabytes, of its largest process; in seconds, of all.
_COST = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_maxrss / 1024, used.ru_utime + used.ru_stime)
"""
_FEW = 10
_NONE, _MIRRORED, _PEERS = "none", "mirrored", "peers"


class Track:
    """One repository on two nodes, and pushes to the first of them.

    :param kind: what the nodes are to each other; :param entries: in the journal of a third node.

    :ivar contact: what their first contact cost, in megabytes and seconds.
    """

    contact = (0.0, 0.0)

    def __init__(self, nodes: tuple[Node, ...], work: WorkingCopy, kind: str, refs: int, entries: int = 0) -> None:
        name = f"{kind}-{refs}-{entries}"
        say(f"pushes: {kind}, {refs} refs, {entries} entries")
        self._cluster = Cluster(nodes, name)
        self._url = nodes[0].url(name)
        self._work = work
        self._cluster.connect()
        oid = work.oid()
        packed = "".join(f"{oid} refs/tags/t{number:06}\n" for number in range(refs))
        for node in nodes:
            work.git("push", "--quiet", node.url(name), "HEAD:refs/heads/main")
            # Written as git keeps them: creating so many one by one takes minutes.
            (node.path(name) / "packed-refs").write_text(f"# pack-refs with: peeled fully-peeled sorted \n{packed}")
        if kind != _NONE:
            self._cluster.install()
        if entries:
            _write_entries(self._cluster, oid, entries)
        if kind == _PEERS:
            self._cluster.pair_up()
            costs = [_cost_of_sync(node, name) for node in nodes]
            self.contact = max(memory for memory, _ in costs), sum(used for _, used in costs)
        self.push()

    def push(self) -> float:
        """Push one small commit; the seconds that it took."""
        self._work.commit(self._cluster.repository)
        started = time.monotonic()
        self._work.git("push", "--quiet", self._url, "HEAD:refs/heads/main")
        return time.monotonic() - started


def _cost_of_sync(node: Node, repository: str) -> tuple[float, float]:
    command = (*HOOKKIT, "-C", str(node.path(repository)), "mirror", "sync")
    memory, used = node.run(sys.executable, "-c", _COST, *command, timeout=600).stdout.split()
    return float(memory), float(used)


def compare(rounds: int, refs: int, entries: int) -> tuple[Result, str]:
    """Pushes without hook, to a mirror and to a peer, in repositories with few and with so many refs and entries.

    :returns: that, and a table of what the first contact of two peers costs.
    """
    with servers.lab() as lab:
        nodes = (servers.server(lab, "alpha"), servers.server(lab, "bravo"))
        work = lab.client().init("work")
        work.commit("first")
        tracks = {
            "no hook": Track(nodes, work, _NONE, _FEW),
            "a mirror": Track(nodes, work, _MIRRORED, _FEW),
            "a peer": Track(nodes, work, _PEERS, _FEW),
            f"a mirror, {refs:,} refs": Track(nodes, work, _MIRRORED, refs),
            f"a peer, {refs:,} refs": Track(nodes, work, _PEERS, refs),
            f"a peer, {entries:,} entries": Track(nodes, work, _PEERS, _FEW, entries),
        }
        times: dict[str, list[float]] = defaultdict(list)
        for _, (label, track) in rotated([*tracks.items()], rounds):
            times[label].append(track.push())
    none, mirror, peer, mirror_many, peer_many, peer_entries = (times[label] for label in tracks)
    pairs = ((peer, mirror), (peer_many, mirror_many), (peer_entries, mirror))
    few, many, long = (median(one) - median(other) for one, other in pairs)
    more = dict(zip(tracks, (None, None, few, None, many, long), strict=True))
    rows = [
        (label, seconds(times[label]), ratio(times[label], none), "-" if added is None else f"{added:.2f} s")
        for label, added in more.items()
    ]
    goals = [
        Goal(f"what peers cost beside mirroring, {refs:,} refs: at most 1.5 x that with {_FEW}", 1.5, many / few),
        Goal(f"the same, {entries:,} entries in a journal", 1.5, long / few),
    ]
    peers = {label: track.contact for label, track in tracks.items() if label.startswith("a peer")}
    contact = [(label, f"{memory:.0f} MB", f"{used:.1f} s") for label, (memory, used) in peers.items()]
    return Result(table(HEAD, rows), goals), table(CONTACT, contact)


def _write_entries(cluster: Cluster, oid: str, count: int) -> None:
    """A journal of a third node, on both."""
    stream = ["reset refs/hookkit/journal/zulu\n", _commit(None, "the root of a journal\n", mark=1)]
    for number in range(1, count + 1):
        update = Update(oid if number > 10 else None, oid)
        entry = Entry("zulu", number, 1_700_000_000_000 + number, {}, {f"refs/heads/zulu-{number % 10}": update})
        stream.append(_commit(number, message(Record(entry)), mark=number + 1))
    for node in cluster.nodes:
        node.git(cluster.repository, "config", "hookkit.cluster.verify", "false")
        node.git(cluster.repository, "fast-import", "--quiet", stdin="".join(stream))


def _commit(parent: int | None, text: str, mark: int) -> str:
    above = f"from :{parent}\n" if parent else ""
    head = f"commit refs/hookkit/journal/zulu\nmark :{mark}\ncommitter zulu <zulu> 1700000000 +0000\n"
    return f"{head}data {len(text.encode())}\n{text}{above}\n"
