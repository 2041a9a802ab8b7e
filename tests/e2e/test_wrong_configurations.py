"""Wrong configurations, and what people see of each: from ``hookkit config check``, from ``hookkit doctor``, when they push.

The table is ``wrong_configurations.txt``; ``HOOKKIT_WRITE_DOCS=1 pytest`` with this file writes what is seen into it.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.client import WorkingCopy
from support.lab import Lab
from support.node import Node

TABLE = Path(__file__).with_name("wrong_configurations.txt")
WRITING = os.environ.get("HOOKKIT_WRITE_DOCS") == "1"

WRONG = (
    ("hookkit.mirror.wiat", "5"),
    ("hookkit.mirorr.wait", "5"),
    ("hookkit.wait", "5"),
    ("hookkit.mirror.wait", "soon"),
    ("hookkit.mirror.wait", "-1"),
    ("hookkit.mirror.deadline", "10 minutes"),
    ("hookkit.mirror.timeout", "never"),
    ("hookkit.mirror.diverged", "overwirte"),
    ("hookkit.mirror.refs", "heads/main"),
    ("hookkit.mirror.jobs", "0"),
    ("hookkit.mirror.jobs", "many"),
    ("hookkit.mirror.attempts", "21"),
    ("hookkit.mirror.hops", "1.5"),
    ("hookkit.mirror.enabled", "maybe"),
    ("hookkit.mirror.remotes", "brvao"),
    ("hookkit.mirror.remotes", "charlie"),
    ("hookkit.lint.enabled", "true"),
    ("hookkit.node", "a b"),
    ("hookkit.output", "loud"),
    ("remote.bravo.hookkit", "pere"),
    ("remote.bravo.hookkit-mirror-kind", "peer"),
    ("remote.bravo.url", "/srv/no/such/project.git"),
    ("remote.bravo.url", "ssh://git@127.0.0.1:1/project.git"),
    ("remote.bravo.url", "gopher://bravo/project.git"),
    ("core.sshCommand", "no-such-ssh"),
    ("core.hooksPath", "/srv/hooks"),
    ("receive.advertisePushOptions", "perhaps"),
    ("hookkit.mirror.wait", "120"),
    ("hookkit.mirror.stale-after", "1h"),
    ("hookkit.mirror.worker", "perhaps"),
    ("hookkit.mirror.remotes", "bravo, charlie"),
    ("hookkit.notify.enabled", "true"),
    ("remote.bravo.hookkit", "off"),
    ("remote.bravo.url", "<repository>"),
)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:  # one for all: only a line of configuration differs
    with Lab() as lab:
        yield lab


@pytest.fixture(scope="module")
def alpha(lab: Lab) -> Node:
    node, bravo = lab.node("alpha", "path"), lab.node("bravo", "path")
    for each in (node, bravo):
        each.create_repository("project")
    node.git("project", "config", "remote.bravo.url", bravo.url("project"))
    node.git("project", "config", "hookkit.mirror.attempts", "1")
    node.hookkit("project", "install", "--node", "alpha")
    return node


@pytest.fixture(scope="module")
def work(alpha: Node, lab: Lab) -> WorkingCopy:
    copy = lab.client("dana").clone(alpha.url("project"))
    copy.commit("first")
    return copy


def title(key: str, value: str) -> str:
    return f"{key} = {value}"


@pytest.mark.parametrize(("key", "value"), WRONG, ids=[title(*each) for each in WRONG])
def test_what_people_see(alpha: Node, work: WorkingCopy, lab: Lab, key: str, value: str) -> None:
    config = alpha.path("project") / "config"
    right = config.read_bytes()
    alpha.hookkit("project", "mirror", "sync")  # what an earlier mistake has left
    if key == "core.sshCommand":
        alpha.git("project", "config", "remote.bravo.url", "ssh://bravo/project.git")
    alpha.git("project", "config", key, value.replace("<repository>", str(alpha.path("project"))))
    try:
        seen = f"== {title(key, value)}\n{seen_by_everybody(alpha, work)}"
    finally:
        config.write_bytes(right)
    for place, name in ((alpha.path("project"), "<repository>"), (lab.root, "<root>")):
        seen = seen.replace(str(place), name)
    assert "Traceback" not in seen
    assert "has a bug" not in seen
    if WRITING:
        write(seen)
    assert seen in TABLE.read_text()


def seen_by_everybody(alpha: Node, work: WorkingCopy) -> str:
    check = alpha.hookkit("project", "config", "check", check=False)
    doctor = alpha.hookkit("project", "doctor", check=False)
    branch = work.oid()[:8] + str(len(alpha.refs("project")))
    push = work.push("origin", f"HEAD:refs/heads/{branch}", check=False)
    of_push = push.remote if push.status == 0 else push.stderr.splitlines()
    wrong = [line for line in doctor.stdout.splitlines() if not line.startswith("ok ")]
    parts = (
        ("config check", check.status, (check.stdout + check.stderr).splitlines()),
        ("doctor", doctor.status, [*wrong, *doctor.stderr.splitlines()]),
        ("push", push.status, of_push),
    )
    lines = [line for name, status, said in parts for line in (f"-- {name}: {status}", *said)]
    text = "\n".join(map(str.rstrip, lines)).replace(branch, "main")
    text = re.sub(r"\b\d+\.\d\ds\b", "0.00s", text)
    # One that was never compared lacks all branches, those of the other tests too.
    text = re.sub(r"\b\d+ refs? queued", "N refs queued", text)
    return re.sub(r" for \d+s\b", "", text) + "\n"


def write(seen: str) -> None:
    """Put what was seen into its place in the table, in the order of :data:`WRONG`."""
    there = TABLE.read_text() if TABLE.exists() else ""
    blocks = {block.split("\n", 1)[0]: f"== {block}" for block in there.split("== ")[1:]}
    blocks[seen.removeprefix("== ").split("\n", 1)[0]] = seen
    TABLE.write_text("".join(blocks[title(*each)] for each in WRONG if title(*each) in blocks))


def test_the_table_has_nothing_else() -> None:
    titles = [line.removeprefix("== ") for line in TABLE.read_text().splitlines() if line.startswith("== ")]
    assert titles == [title(*each) for each in WRONG]
