"""Carries out a page of the documentation on real servers: every command in it is typed, by whom it says, in its order."""

import re
import socket
import sysconfig
import venv
from pathlib import Path

from support import pages
from support.account import USER, Account
from support.gitolite import GitoliteNode
from support.lab import Lab
from support.node import Node
from support.pages import Block, Step


class Stage:
    """The servers and people of one page.

    What a comment ``<!-- stage: ... -->`` may say: ``servers NAME...``, ``gitolite NAME`` (a server where gitolite keeps the
    repository ``project``), ``strangers NAME...`` and ``gitolite-strangers NAME...`` (servers without a key that know no
    other; their gitolite keeps nothing), ``admin NAME`` (a person who may change ``gitolite-admin`` on all of them),
    ``person NAME``, ``stop NAME``, ``start NAME``,
    ``environment NAME`` (hookkit in ``~/hookkit``, a virtual environment that more can be installed into), or a command
    that the page does not show, such as ``alpha$ git init``.
    """

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._status = 0

    def perform(self, text: str) -> str:
        """Carry out the page ``text``; it, with the output that was seen wherever it shows something else."""
        lines = text.split("\n")
        # Later blocks first would be easier to replace, but things happen in the page's order.
        moved = 0
        for block in pages.blocks(text):
            if block.kind == "stage":
                self._behind(block.lines[0])
            elif block.kind == "file":
                self._write(block)
            elif block.kind == "console":
                seen = pages.shown(self._play(step) for step in pages.steps(block.lines))
                start = block.line - 1 + moved
                lines[start : start + len(block.lines)] = seen
                moved += len(seen) - len(block.lines)
        return "\n".join(lines)

    def _play(self, step: Step) -> Step:
        seen = self._type(step.who, step.command)
        return step if pages.matches(step.output, seen) else step._replace(output=seen)

    def _type(self, who: str, command: str) -> list[str]:
        account = self._account(who)
        place = self._lab.root / f"{who}.place"
        script = f"exec 2>&1\n(exit {self._status})\n{command}\nstatus=$?; pwd >{place}; exit $status\n"
        own = account.home / "hookkit" / "bin"
        path = f"{own}:{account.environment['PATH']}" if own.is_dir() else account.environment["PATH"]
        # For pages that use pip: what builds a plugin is installed already (0: pip reads this variable as build_isolation).
        env = {"PATH": path, "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_QUIET": "1"}
        where = Path(place.read_text().strip()) if place.exists() else account.home
        done = account.run("sh", "-c", script, cwd=where, env=env, check=False)
        self._status = done.status
        text = done.stdout.replace(f"{USER}@{socket.gethostname()}", f"git@{who}")
        return self._as_readers_see(text).split("\n")[:-1]

    def _as_readers_see(self, text: str) -> str:
        """``text`` with homes and addresses as real servers have them; RFC 5737."""
        text = text.replace(f"{USER}@127.0.0.1: ", "git@192.0.2.1: ")
        for number, node in enumerate(self._lab.nodes.values(), 1):
            text = text.replace(str(node.home), "/home/git")
            if port := getattr(node, "port", None):
                text = text.replace(f"127.0.0.1 port {port}", f"192.0.2.{number} port 22")
        for client in self._lab.clients.values():
            text = text.replace(str(client.home), f"/home/{client.name}")
        return re.sub(r" +$", "", text, flags=re.MULTILINE)

    def _account(self, name: str) -> Account:
        return self._lab.nodes.get(name) or self._lab.clients[name]

    def _node(self, name: str) -> Node:
        return self._lab.nodes[name]

    def _behind(self, text: str) -> None:
        who, prompt, command = text.partition("$ ")
        if prompt:
            said = self._type(who, command)
            assert self._status == 0, f"{text}: {said}"
            return
        action, *names = text.split()
        for name in names:
            match action:
                case "servers":
                    self._lab.node(name)
                case "gitolite":
                    self._lab.node(name, "gitolite").create_repository("project")
                case "strangers":
                    self._lab.stranger(name)
                case "gitolite-strangers":
                    self._lab.stranger(name, "gitolite")
                case "admin":
                    self._lab.client(name)
                    for node in self._lab.nodes.values():
                        if isinstance(node, GitoliteNode):
                            node.make_admin(name)
                case "person":
                    self._lab.client(name)
                case "stop":
                    self._node(name).stop()
                case "start":
                    self._node(name).start()
                case "environment":
                    make_environment(self._node(name).home / "hookkit")
                case _:
                    raise ValueError(f"nobody knows how to {action}")

    def _write(self, block: Block) -> None:
        who, _, name = block.name.partition(":")
        path = self._account(who).home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text)
        if block.text.startswith("#!"):
            path.chmod(0o755)


def make_environment(folder: Path) -> None:
    """A virtual environment that has all that this one has; what is installed into it stays in it."""
    venv.create(folder, symlinks=True)
    site = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    (site / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    for name in ("hookkit", "pip"):
        script = folder / "bin" / name
        module = "hookkit" if name == "hookkit" else "pip"
        script.write_text(f'#!/bin/sh\nexec "{folder}/bin/python" -m {module} "$@"\n')
        script.chmod(0o755)
