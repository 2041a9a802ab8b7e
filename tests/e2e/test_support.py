"""The ground that the other tests stand on: servers that serve, faults that are faults, and nothing left afterwards."""

import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import faults, leaks
from support.client import Client, WorkingCopy
from support.cluster import Cluster
from support.commands import CommandFailedError
from support.lab import Lab
from support.node import Node, SshNode
from support.poll import until

from hookkit.testing import requirements

Nodes = Callable[..., list[SshNode]]


@pytest.fixture
def alpha(nodes: Nodes) -> SshNode:
    (alpha,) = nodes("alpha")
    alpha.create_repository("project")
    return alpha


@pytest.fixture
def work(alpha: SshNode, client: Client) -> WorkingCopy:
    work = client.clone(alpha.url("project"))
    work.commit("first")
    return work


def test_a_push_over_real_ssh(alpha: SshNode, work: WorkingCopy) -> None:
    before = alpha.logins()
    work.push()
    assert alpha.refs("project") == {"refs/heads/main": work.oid()}
    assert alpha.logins() - before == 1


def test_a_hook_has_the_nodes_home_and_a_bare_path(alpha: SshNode, work: WorkingCopy) -> None:
    hook = alpha.path("project") / "hooks" / "post-receive"
    hook.write_text('#!/bin/sh\necho "$HOME $PATH"\n')
    hook.chmod(0o755)
    (said,) = work.push().remote
    assert said.split() == [str(alpha.home), said.split()[1]]
    assert sys.prefix not in said


def test_nodes_push_to_each_other_with_their_own_configuration(nodes: Nodes, client: Client) -> None:
    alpha, bravo = nodes("alpha", "bravo")
    for node in (alpha, bravo):
        node.create_repository("project")
    hook = alpha.path("project") / "hooks" / "post-receive"
    hook.write_text("#!/bin/sh\nexec git push --quiet bravo main\n")
    hook.chmod(0o755)
    alpha.git("project", "remote", "add", "bravo", bravo.url("project"))
    work = client.clone(alpha.url("project"))
    work.commit()
    work.push()
    assert bravo.refs("project", "refs/heads/") == {"refs/heads/main": work.oid()}


def test_a_node_stops_and_starts_on_the_same_port(alpha: SshNode, work: WorkingCopy) -> None:
    port = alpha.port
    alpha.stop()
    assert "Connection refused" in work.push(check=False).stderr
    alpha.start()
    assert alpha.port == port
    work.push()


def test_stop_ends_what_runs_on_the_node(alpha: SshNode, work: WorkingCopy) -> None:
    hook = alpha.path("project") / "hooks" / "post-receive"
    hook.write_text("#!/bin/sh\nsetsid sleep 1000 </dev/null >/dev/null 2>&1 &\n")
    hook.chmod(0o755)
    work.push()
    assert any("1000" in leaks.command(pid) for pid in leaks.processes(str(alpha.home)))
    alpha.stop()
    assert leaks.processes(str(alpha.home)) == []


def test_a_frozen_node_accepts_and_is_silent(alpha: SshNode, work: WorkingCopy) -> None:
    with faults.frozen(alpha), pytest.raises(CommandFailedError, match="took longer"):
        work.push(timeout=1)
    work.push()


def test_dropped_packets_leave_no_rule(lab: Lab, alpha: SshNode, work: WorkingCopy) -> None:
    with faults.packets_dropped(alpha):
        assert leaks.rules(lab.root.name)
        with pytest.raises(CommandFailedError, match="took longer"):
            work.push(timeout=1)
    assert not leaks.rules(lab.root.name)
    work.push()


def test_a_wrong_host_key(alpha: SshNode, work: WorkingCopy) -> None:
    with faults.wrong_host_key(alpha):
        assert "Host key verification failed" in work.push(check=False).stderr
    work.push()


def test_a_refused_key(alpha: SshNode, work: WorkingCopy) -> None:
    with faults.key_refused(alpha):
        assert "Permission denied (publickey" in work.push(check=False).stderr
    work.push()


def test_a_missing_repository(alpha: SshNode, work: WorkingCopy) -> None:
    with faults.repository_missing(alpha, "project"):
        assert "does not appear to be a git repository" in work.push(check=False).stderr
    work.push()


def test_a_full_disk(alpha: SshNode, work: WorkingCopy) -> None:
    with faults.disk_full(alpha, "project"):
        assert "No space left on device" in work.push(check=False).stderr
    work.push()
    assert alpha.refs("project") == {"refs/heads/main": work.oid()}


def test_gitolite(nodes: Nodes, client: Client) -> None:
    (alpha,) = nodes("alpha", kind="gitolite")
    alpha.create_repository("project")
    hook = alpha.path("project") / "hooks" / "post-receive"
    hook.write_text("#!/bin/sh\necho pushed by $GL_USER\n")
    hook.chmod(0o755)
    work = client.clone(alpha.url("project"))
    work.commit()
    assert work.push().remote == ["pushed by dana"]
    assert alpha.refs("project") == {"refs/heads/main": work.oid()}


def test_a_path_node_stops_and_starts(nodes: Callable[..., list[Node]], client: Client) -> None:
    (alpha,) = nodes("alpha", kind="path")
    alpha.create_repository("project")
    work = client.clone(alpha.url("project"))
    work.commit()
    alpha.stop()
    assert work.push(check=False).status == 128
    alpha.start()
    work.push()
    assert alpha.refs("project") == {"refs/heads/main": work.oid()}


def test_a_cluster_without_hookkit_is_only_connected(
    cluster: Callable[..., Cluster], pusher: Callable[..., WorkingCopy]
) -> None:
    two = cluster(2, install=False)
    work = pusher(two)
    work.commit()
    work.push("alpha", "main")
    assert two.refs() == {"alpha": {"refs/heads/main": work.oid()}, "bravo": {}}
    assert two["alpha"].git("project", "remote").stdout.split() == ["bravo"]


LAB = """
    import sys, time
    from support.lab import Lab
    from support import faults
    with Lab() as lab:
        alpha = lab.node("alpha")
        alpha.create_repository("project")
        alpha.freeze()
        print(lab.root.name, flush=True)
        time.sleep(100)
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_lab_that_is_interrupted_leaves_nothing(how: signal.Signals) -> None:
    requirements.require("sshd")
    support = str(Path(__file__).parents[1])
    with subprocess.Popen(
        (sys.executable, "-c", textwrap.dedent(LAB)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": support, "TMPDIR": str(leaks.PLACE)},
    ) as child:
        assert child.stdout is not None
        mark = child.stdout.readline().strip()
        assert leaks.left(mark)
        child.send_signal(how)
        child.wait()
    if how is signal.SIGKILL:
        # Nobody can tidy up after that but the next lab.
        assert leaks.left(mark)
        Lab().close()
    # Where several run tests at once, one of the others may be at it.
    until(lambda: leaks.left(mark) == [], f"{leaks.left(mark)} are left")


LEAVING = """
    import subprocess, tempfile
    from support import remains

    remains.PATIENCE = 0.5

    def test_that_leaves_much():
        tempfile.mkdtemp(prefix="left-here-")
        subprocess.Popen(("sleep", "1000"), start_new_session=True)

    def test_that_only_waits_too_little():
        subprocess.Popen(("sleep", "0.2"), start_new_session=True)
"""


def test_what_tests_leave_outside_of_labs_is_found_and_ended(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(textwrap.dedent(LEAVING))
    (tmp_path / "pytest.ini").touch()
    run = tmp_path / "run"
    done = subprocess.run(
        (sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", "--basetemp", run, "-W", "ignore"),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed, 1 error" in done.stdout, done.stdout
    assert re.search(r"process \d+ of test_it.py::test_that_leaves_much: sleep 1000", done.stdout), done.stdout
    assert "in the temporary directory: left-here-" in done.stdout
    assert "sleep 0.2" not in done.stdout
    assert leaks.processes(str(run)) == []
    assert list(run.glob("temporary*/*")) == []


def test_a_missing_requirement_skips_or_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "missing", lambda what: f"there is no {what}")
    monkeypatch.delenv(requirements.REQUIRE_REAL, raising=False)
    with pytest.raises(pytest.skip.Exception, match="there is no sshd"):
        requirements.require("sshd")
    monkeypatch.setenv(requirements.REQUIRE_REAL, "1")
    with pytest.raises(pytest.fail.Exception, match="there is no sshd"):
        requirements.require("sshd")


def test_a_command_that_fails_shows_what_it_said(client: Client) -> None:
    started = time.monotonic()
    with pytest.raises(CommandFailedError, match="not a git repository"):
        client.run("git", "rev-parse", "HEAD")
    assert time.monotonic() - started < 5
