"""People who push: an account of their own, and clones."""

from pathlib import Path

from hookkit.testing.account import Account
from hookkit.testing.commands import Done


class WorkingCopy:
    """A clone (or any repository with a work tree) of somebody.

    :param client: whose it is; commands run as that account.
    """

    def __init__(self, client: "Client", path: Path) -> None:
        self.client = client
        self.path = path

    def git(
        self, *args: str, stdin: str = "", check: bool = True, timeout: float = 60, env: dict[str, str] | None = None
    ) -> Done:
        """Run git here.

        :raises CommandFailedError: it failed and ``check`` is set, or it took too long.
        """
        return self.client.run("git", *args, cwd=self.path, stdin=stdin, check=check, timeout=timeout, env=env)

    def commit(self, message: str = "a change", files: dict[str, str] | None = None) -> str:
        """Write ``files`` (default: one file, named and filled after ``message``), commit, and return the commit."""
        for name, content in (files or {f"{message}.txt": f"{message}\n"}).items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            self.git("add", "--", name)
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.oid()

    def oid(self, revision: str = "HEAD") -> str:
        """The object that ``revision`` names."""
        return self.git("rev-parse", "--verify", revision).stdout.strip()

    def push(self, *args: str, check: bool = True, timeout: float = 60) -> Done:
        """``git push``, with ``args`` as git takes them; without any, the current branch to ``origin``.

        :raises CommandFailedError: it failed and ``check`` is set, or it took too long.
        """
        return self.git("push", *(args or ("origin", "HEAD")), check=check, timeout=timeout)


class Client(Account):
    """Somebody who pushes, from a machine of their own."""

    def __init__(self, root: Path, name: str, hosts: Path) -> None:
        super().__init__(root, name, hosts)
        with self.git_config.open("a") as file:
            file.write(f"[user]\n\tname = {name}\n\temail = {name}@example.org\n")

    def clone(self, url: str, folder: str | None = None) -> WorkingCopy:
        """Clone ``url`` into ``folder``, which is named after the URL if nothing is said."""
        folder = folder or url.rstrip("/").rpartition("/")[2].removesuffix(".git")
        self.run("git", "clone", "--quiet", url, folder)
        return WorkingCopy(self, self.home / folder)

    def init(self, folder: str) -> WorkingCopy:
        """A new repository with a work tree and no remote."""
        self.run("git", "init", "--quiet", folder)
        return WorkingCopy(self, self.home / folder)
