"""A remote that is down: what pushes cost meanwhile, and how long it takes until it has everything when it is back."""

import time
from statistics import median

from support.client import WorkingCopy
from support.node import Node

from bench import servers
from bench.measure import Goal, Result, ratio, say, seconds, table

_REPOSITORIES = 5
_PATIENCE = 300
HEAD = ("", "measured", "x its comparison")


def compare(pushes: int, many: int) -> Result:
    """``pushes`` to five repositories while the remote is down; ``many`` repositories that wait for its return."""
    with servers.lab() as lab:
        alpha, bravo = servers.server(lab, "alpha"), servers.server(lab, "bravo")
        work = lab.client().init("work")
        work.commit("first")
        few = [f"few-{number}" for number in range(_REPOSITORIES)]
        alpha.create_repository("plain")
        for name in few:
            _connect(alpha, bravo, name)
        alpha.git("plain", "config", "--global", "hookkit.mirror.worker", "true")
        for name in (*few, "plain"):
            _push(work, alpha, name, "HEAD:refs/heads/main", "HEAD:refs/heads/old")
        say(f"{pushes} pushes to {len(few)} repositories whose remote is down")
        bravo.stop()
        without: list[float] = []
        held: list[float] = []
        for number in range(pushes):
            work.commit(f"change {number}")
            without.append(_push(work, alpha, "plain", "HEAD:refs/heads/main"))
            held.append(_push(work, alpha, few[number % len(few)], "HEAD:refs/heads/main"))
        work.git("commit", "--quiet", "--amend", "--allow-empty", "-m", "rewritten")
        for name in few:
            _push(work, alpha, name, "+HEAD:refs/heads/main", ":refs/heads/old")
        later = _returns(alpha, bravo, few)
        say(f"{many} repositories whose remote was down")
        names = [f"many-{number}" for number in range(many)]
        for name in names:
            _connect(alpha, bravo, name)
            _push(work, alpha, name, "HEAD:refs/heads/main")
        bravo.stop()
        work.commit("while it is down")
        for name in names:
            _push(work, alpha, name, "HEAD:refs/heads/main")
        logins = bravo.logins()
        worker = _returns(alpha, bravo, names)
        logins = bravo.logins() - logins
        work.commit("for the loop")
        for name in names:
            alpha.git(name, "config", "remote.bravo.hookkit", "off")
            _push(work, alpha, name, "HEAD:refs/heads/main")
        started = time.monotonic()
        for name in names:
            alpha.git(name, "push", "--quiet", "bravo", "main")
        loop = time.monotonic() - started
    rows = [
        ("the first push that finds it down", seconds(held[:1]), ratio(held[:1], without)),
        ("a push while it is down, others", seconds(held[1:]), ratio(held[1:], without)),
        ("a push to a repository without hook and remote", seconds(without), "1.00"),
        (f"{len(few)} repositories have everything after its return", f"{later:.1f} s", "-"),
        (f"{many} repositories have everything after its return", f"{worker:.1f} s", f"{worker / loop:.2f}"),
        (f"`for r in ...; do git push` for {many} repositories", f"{loop:.1f} s", "1.00"),
        (f"ssh logins for {many} repositories", str(logins), "-"),
    ]
    goals = [
        Goal("a push while a remote is down: at most 1.2 x no hook", 1.2, median(held[1:]) / median(without)),
        Goal("everything there after its return: at most 10 s", 10, later),
        Goal(f"{many} repositories: at most a third of a loop of `git push`", 1 / 3, worker / loop),
        Goal(f"ssh logins for {many} repositories: a handful", 5, logins),
    ]
    return Result(table(HEAD, rows), goals)


def _connect(alpha: Node, bravo: Node, name: str) -> None:
    for node in (alpha, bravo):
        node.create_repository(name)
    alpha.git(name, "remote", "add", "bravo", bravo.url(name))
    alpha.hookkit(name, "install")


def _push(work: WorkingCopy, node: Node, name: str, *refspecs: str) -> float:
    started = time.monotonic()
    work.git("push", "--quiet", node.url(name), *refspecs)
    return time.monotonic() - started


def _returns(alpha: Node, bravo: Node, names: list[str]) -> float:
    """Seconds from its start until it has everything; nobody types anything."""
    bravo.start()
    started = time.monotonic()
    waiting = list(names)
    while waiting:
        # The last ones first: what is there stays there.
        while waiting and alpha.refs(waiting[-1]) == bravo.refs(waiting[-1]):
            waiting.pop()
        if time.monotonic() - started > _PATIENCE:
            raise TimeoutError(f"{len(waiting)} repositories have not arrived")
        time.sleep(0.05)
    return time.monotonic() - started
