"""What goes wrong between servers, made on purpose; each is a context manager that makes it good again."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.node import Node, SshNode
from support.requirements import program, require


@contextmanager
def stopped(node: Node) -> Iterator[None]:
    """The node is down: connections are refused."""
    node.stop()
    try:
        yield
    finally:
        node.start()


@contextmanager
def frozen(node: Node) -> Iterator[None]:
    """The node accepts connections and says nothing."""
    node.freeze()
    try:
        yield
    finally:
        node.thaw()


@contextmanager
def packets_dropped(node: SshNode) -> Iterator[None]:
    """Whatever is sent to the node disappears."""
    require("firewall")
    # The comment is how the rule is found and removed even if this process cannot do it any more.
    rule = f"INPUT -i lo -p tcp --dport {node.port} -m comment --comment {node.root.name} -j DROP".split()
    iptables = program("iptables") or "iptables"
    subprocess.run((iptables, "-w", "-I", *rule), check=True)
    try:
        yield
    finally:
        subprocess.run((iptables, "-w", "-D", *rule), check=True)


@contextmanager
def wrong_host_key(node: SshNode) -> Iterator[None]:
    """The node shows another host key than the one that everybody has pinned."""
    folder = node.sshd.folder
    kept = folder / "kept"
    kept.mkdir()
    for name in ("host_key", "host_key.pub"):
        shutil.copy2(folder / name, kept)
    node.sshd.make_host_key()
    _restart(node)
    try:
        yield
    finally:
        for path in kept.iterdir():
            path.replace(folder / path.name)
        kept.rmdir()
        _restart(node)


@contextmanager
def key_refused(node: SshNode) -> Iterator[None]:
    """The node accepts nobody's key, and those who were in are out."""
    content = node.authorized_keys.read_text()
    node.authorized_keys.write_text("")
    node.sshd.end_sessions()
    try:
        yield
    finally:
        node.authorized_keys.write_text(content)


@contextmanager
def repository_missing(node: Node, repository: str) -> Iterator[None]:
    """The repository is not where it was."""
    path = node.path(repository)
    away = path.with_name(f"{repository}.away")
    path.rename(away)
    try:
        yield
    finally:
        away.rename(path)


@contextmanager
def disk_full(node: Node, repository: str) -> Iterator[None]:
    """The repository's disk has no room left. It is a small file system of its own from now on."""
    require("mount")
    path = node.path(repository)
    copy = path.with_name(f"{repository}.copy")
    shutil.copytree(path, copy, symlinks=True)
    used = sum(file.stat().st_blocks * 512 for file in copy.rglob("*"))
    mount = ("mount", "-t", "tmpfs", "-o", f"mode=755,size={used + (1 << 20)}", "tmpfs", str(path))
    subprocess.run(mount, check=True)
    shutil.copytree(copy, path, symlinks=True, dirs_exist_ok=True)
    shutil.rmtree(copy)
    ballast = path / "ballast"
    _fill(ballast)
    try:
        yield
    finally:
        ballast.unlink()
        subprocess.run(("mount", "-o", "remount,size=256m", str(path)), check=True)


_STALLING = """#!/bin/sh
# Counts the commands that Python programs start; the one that the file `at` names never begins.
case $(cat /proc/$PPID/comm) in python*) ;; *) exec {git} "$@" ;; esac
number=$(($(cat {folder}/number 2>/dev/null || echo 0) + 1))
echo $number >{folder}/number
if [ $number = "$(cat {folder}/at)" ]; then
    echo "$*" >{folder}/stalled
    exec sleep 600
fi
exec {git} "$@"
"""


class Stall:
    """The place where hookkit on a node is to stop, counted in the git commands that it starts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def at(self, number: int) -> None:
        """Stop before the command of that number, counted from now."""
        for name in ("stalled", "number"):
            (self.folder / name).unlink(missing_ok=True)
        (self.folder / "at").write_text(str(number))

    @property
    def reached(self) -> str | None:
        """The command that does not begin; None: that far it has not come."""
        try:
            return (self.folder / "stalled").read_text().strip() or None
        except FileNotFoundError:
            return None


@contextmanager
def stalling(node: SshNode) -> Iterator[Stall]:
    """Hookkit on the node can be stopped before any of the git commands that it starts."""
    folder = node.home.with_name("git-core")
    core = Path(subprocess.run(("git", "--exec-path"), capture_output=True, text=True, check=True).stdout.strip())
    folder.mkdir()
    for program_file in core.iterdir():
        if program_file.name != "git":
            (folder / program_file.name).symlink_to(program_file)
    script = folder / "git"
    script.write_text(_STALLING.format(git=core / "git", folder=folder))
    script.chmod(0o755)
    stall = Stall(folder)
    stall.at(0)
    node.sshd.set_environment(node.session_environment | {"GIT_EXEC_PATH": str(folder)})
    _restart(node)
    try:
        yield stall
    finally:
        node.sshd.set_environment(node.session_environment)
        _restart(node)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


def _restart(node: SshNode) -> None:
    node.stop()
    node.start()
