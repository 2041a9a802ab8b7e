"""A node whose repositories are kept by gitolite 3."""

from pathlib import Path

from support.account import Account
from support.client import Client
from support.node import SshNode


class GitoliteNode(SshNode):
    """gitolite behind a real sshd, configured the way its manual says: by pushes to ``gitolite-admin``.

    Its administrator, :attr:`admin`, has the key that ``gitolite setup`` is given.
    """

    def __init__(self, root: Path, name: str, hosts: Path) -> None:
        super().__init__(root, name, hosts)
        self.admin = Client(root, f"{name}-admin", hosts)
        key = self.home / f"{self.admin.name}.pub"
        key.write_text(self.admin.public_key + "\n")
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

    def admit(self, account: Account) -> None:
        """Add the key of ``account`` to ``keydir/``, under its name."""
        self.configure(f"key of {account.name}", {f"keydir/{account.name}.pub": account.public_key + "\n"})

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
