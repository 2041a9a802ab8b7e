"""A pytest plugin for those who write plugins: real repositories, real pushes, real servers.

Name it in the project's topmost ``conftest.py``: ``pytest_plugins = ["hookkit.testing"]``. It is not loaded otherwise: who
has hookkit installed pays nothing for it, in any test run. It needs ``pip install hookkit[testing]``, and builds on
pytest-git.

PYTEST_DONT_REWRITE: a conftest.py may import from here what it annotates with, before pytest gets to see this module.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hookkit.testing import leaks
from hookkit.testing.bare import BareRepository
from hookkit.testing.client import Client, WorkingCopy
from hookkit.testing.commands import CommandFailedError, Done
from hookkit.testing.lab import Lab
from hookkit.testing.link import TwoNodes
from hookkit.testing.node import Node, SshNode
from hookkit.testing.poll import until
from hookkit.testing.requirements import require

if TYPE_CHECKING:
    from pytest_git import GitRepo  # type: ignore[import-untyped]

__all__ = [
    "BareRepository",
    "Client",
    "CommandFailedError",
    "Done",
    "Lab",
    "Node",
    "SshNode",
    "TwoNodes",
    "WorkingCopy",
    "require",
    "until",
]


@pytest.fixture(scope="session", autouse=True)
def isolated_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of its own for the tests' process: nothing of your git configuration is seen, or changed. It is always on."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(
        "[init]\n\tdefaultBranch = main\n[user]\n\tname = tester\n\temail = tester@example.org\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name.startswith(("GIT_", "XDG_", "SSH_")) or name == "HOOKKIT_TRACE":
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield home


@pytest.fixture(scope="session", autouse=True)
def nothing_left() -> Iterator[None]:
    """Fails at the end if a process or a folder that these fixtures made is still there. It is always on."""
    yield
    with contextlib.suppress(OSError):  # made on demand, where there is no $XDG_RUNTIME_DIR; in use, it is not empty
        Path(f"/tmp/hookkit-{os.geteuid()}").rmdir()
    left = leaks.left(f"{leaks.PREFIX}{os.getpid()}-")
    assert not left, "left behind:\n" + "\n".join(left)


@pytest.fixture
def lab() -> Iterator[Lab]:
    """The folder that the accounts, repositories and servers of one test are in; with the test, everything in it ends.

    ``lab.client("erin")`` is one more person, ``lab.node("alpha")`` one more server.
    """
    with Lab() as lab:
        yield lab


@pytest.fixture
def person(lab: Lab) -> Client:
    """Dana, who pushes: a home, a git configuration and an ssh key of her own, and nothing of yours."""
    return lab.client("dana")


@pytest.fixture
def bare(person: Client) -> BareRepository:
    """An empty bare repository with hookkit installed, reached by path. Your plugin is off: ``bare.enable("name")``."""
    path = person.home / "project.git"
    person.run("git", "init", "--quiet", "--bare", str(path))
    made = BareRepository(person, path, str(path))
    made.install()
    return made


@pytest.fixture
def clone(git_repo: GitRepo, person: Client, bare: BareRepository) -> Iterator[WorkingCopy]:
    """Dana's clone of ``bare``, nothing committed yet.

    It lives in the workspace of pytest-git: ``git_repo.api`` is the same repository, as GitPython has it.
    """
    work = WorkingCopy(person, Path(git_repo.workspace))
    work.git("remote", "add", "origin", bare.url)
    yield work
    # GitPython leaves a `git cat-file` running until its object happens to be collected.
    git_repo.api.close()


@pytest.fixture
def push(clone: WorkingCopy) -> Callable[..., Done]:
    """``push()``: commit something in ``clone`` and push it to ``bare``; arguments are those of ``git push``.

    What comes back has ``status`` (not 0: it was refused) and ``remote``, the lines that the hooks said.
    """

    def push(*args: str) -> Done:
        clone.commit("a change")
        return clone.push(*args, check=False)

    return push


@pytest.fixture
def run_hook(bare: BareRepository) -> Callable[..., Done]:
    """``run_hook("pre-receive", stdin="<old> <new> <ref>\\n")``: call one hook of ``bare`` as git would, without a push.

    What comes back has ``status``, the hook's exit status, and ``stderr``, what it said.
    """
    return bare.run_hook


@pytest.fixture
def node(lab: Lab) -> SshNode:
    """The server alpha: an account with a real sshd, port, host key and home. Skipped where sshd is not installed.

    ``node.bare("project")`` makes a repository on it, ``person.clone(project.url)`` clones that over ssh; ``node.stop()``
    and ``node.start()`` are a power cut and its end.
    """
    require("sshd")
    return _ssh_node(lab, "alpha")


@pytest.fixture
def two_nodes(lab: Lab) -> Iterator[TwoNodes]:
    """The servers alpha and bravo, each with the repository ``project``, hookkit installed and the other as remote.

    ``two_nodes.cut()`` cuts the link between them, ``two_nodes.heal()`` mends it. Skipped where sshd is not installed.
    """
    require("sshd")
    with TwoNodes(_ssh_node(lab, "alpha"), _ssh_node(lab, "bravo")) as pair:
        yield pair


def _ssh_node(lab: Lab, name: str) -> SshNode:
    made = lab.node(name)
    assert isinstance(made, SshNode)
    return made
