"""A node whose repositories are kept by gitolite 3."""

import re
import tempfile
from functools import cache
from pathlib import Path

from support.account import Account
from support.client import Client
from support.commands import run
from support.node import SshNode
from support.requirements import SYSTEM_PATH


@cache
def _settings() -> str:
    """gitolite's own settings, without lists for gitweb and git-daemon: writing them is most of what a push to it takes."""
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / ".gitolite" / "logs").mkdir(parents=True)
        env = {"PATH": SYSTEM_PATH, "HOME": home}
        default = run(("gitolite", "print-default-rc"), env=env, cwd=Path(home)).stdout
    return re.sub(r"(?m)^ *'(gitweb|daemon)',\n", "", default)


class GitoliteNode(SshNode):
    """gitolite behind a real sshd, configured the way its manual says: by pushes to ``gitolite-admin``.

    Its administrator, :attr:`admin`, has the key that ``gitolite setup`` is given.
    """

    def __init__(self, root: Path, name: str, hosts: Path) -> None:
        super().__init__(root, name, hosts)
        self.admin = Client(root, f"{name}-admin", hosts)
        key = self.home / f"{self.admin.name}.pub"
        key.write_text(self.admin.public_key + "\n")
        (self.home / ".gitolite.rc").write_text(_settings())
        # gitolite's own hook looks at pushes to `master` of its admin repository only, whatever git calls a first branch.
        master = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "init.defaultBranch", "GIT_CONFIG_VALUE_0": "master"}
        self.run("gitolite", "setup", "-pk", str(key), env=master)
        self._clone = self.admin.clone(self.url("gitolite-admin"))

    @property
    def repositories(self) -> Path:
        """Where gitolite keeps them."""
        return self.home / "repositories"

    def url(self, repository: str) -> str:
        """gitolite's names are its own: no path, no ``.git``."""
        return f"ssh://{self.name}/{repository}"

    def admit(self, *accounts: Account) -> None:
        """Add the key of each of ``accounts`` to ``keydir/``, under its name."""
        if accounts:
            names = ", ".join(account.name for account in accounts)
            keys = {f"keydir/{account.name}.pub": account.public_key + "\n" for account in accounts}
            self.configure(f"keys of {names}", keys)

    def create_repository(self, repository: str) -> Path:
        """Have gitolite make a repository that everybody who has a key may do everything with."""
        conf = (self._clone.path / "conf" / "gitolite.conf").read_text()
        block = f"\nrepo {repository}\n    RW+ = @all\n"
        self.configure(f"repository {repository}", {"conf/gitolite.conf": conf + block})
        return self.path(repository)

    def make_admin(self, name: str) -> None:
        """Let ``name``, who has a key in ``keydir/``, change gitolite's configuration."""
        conf = (self._clone.path / "conf" / "gitolite.conf").read_text()
        block = f"\nrepo gitolite-admin\n    RW+ = {name}\n"
        if block not in conf:
            self.configure(f"admin {name}", {"conf/gitolite.conf": conf + block})

    def configure(self, message: str, files: dict[str, str]) -> None:
        """Write ``files`` in the admin repository, commit and push."""
        self._clone.commit(message, files)
        self._clone.push()
