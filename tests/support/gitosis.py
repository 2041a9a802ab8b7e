"""A node whose repositories are kept by a double of gitosis."""

import sys
from pathlib import Path

from support import gitosis_double
from support.account import Account
from support.client import Client, WorkingCopy
from support.node import SshNode

_ADMIN = "gitosis-admin"


class GitosisNode(SshNode):
    """The serving side of gitosis behind a real sshd, configured the way its manual says: by pushes to ``gitosis-admin``.

    Its administrator, :attr:`admin`, has the only key at the beginning. See :mod:`support.gitosis_double`.
    """

    def __init__(self, root: Path, name: str, hosts: Path) -> None:
        super().__init__(root, name, hosts)
        self.admin = Client(root, f"{name}-admin", hosts)
        self.repositories.mkdir()
        path = self.path(_ADMIN)
        self.run("git", "init", "--quiet", "--bare", "--initial-branch=master", str(path))
        hook = path / "hooks" / "post-update"
        script = Path(gitosis_double.__file__).resolve()
        variables = f"HOME={self.home} GITOSIS_AUTHORIZED_KEYS={self.authorized_keys}"
        hook.write_text(f"#!/bin/sh\nunset GIT_DIR\nexec env {variables} {sys.executable} -I {script} post-update\n")
        hook.chmod(0o755)
        first = self.admin.init("first")
        conf = f"[gitosis]\n\n[group gitosis-admin]\nmembers = {self.admin.name}\nwritable = {_ADMIN}\n"
        conf += "\n[group lab]\nmembers = @all\nwritable =\n"
        first.commit(
            "gitosis-init", {"gitosis.conf": conf, f"keydir/{self.admin.name}.pub": f"{self.admin.public_key}\n"}
        )
        first.push(str(path), "HEAD:master")
        self._clone = self.admin.clone(self.url(_ADMIN))

    @property
    def repositories(self) -> Path:
        """Where gitosis keeps them."""
        return self.home / "repositories"

    def url(self, repository: str) -> str:
        """gitosis's names are its own: no path."""
        return f"ssh://{self.name}/{repository}.git"

    def admit(self, *accounts: Account) -> None:
        """Add the key of each of ``accounts`` to ``keydir/``, under its name."""
        if accounts:
            names = ", ".join(account.name for account in accounts)
            keys = {f"keydir/{account.name}.pub": account.public_key + "\n" for account in accounts}
            self.configure(f"keys of {names}", keys)

    def create_repository(self, repository: str) -> Path:
        """Have everybody who has a key write to a repository, and make it."""
        conf = (self._clone.path / "gitosis.conf").read_text()
        head, _, tail = conf.rpartition("writable =")
        self.configure(f"repository {repository}", {"gitosis.conf": f"{head}writable = {repository}{tail}"})
        self.run("git", "init", "--quiet", "--bare", str(self.path(repository)))
        return self.path(repository)

    def make_admin(self, name: str) -> None:
        """Let ``name``, who has a key in ``keydir/``, change the configuration."""
        conf = (self._clone.path / "gitosis.conf").read_text()
        head, members, tail = conf.partition(f"members = {self.admin.name}")
        if name not in tail.partition("\n")[0].split():
            self.configure(f"admin {name}", {"gitosis.conf": f"{head}{members} {name}{tail}"})

    def configure(self, message: str, files: dict[str, str]) -> None:
        """Write ``files`` in the admin repository, commit and push."""
        self._clone.commit(message, files)
        self._clone.push()

    @property
    def clone(self) -> WorkingCopy:
        """The administrator's clone of the admin repository."""
        return self._clone
