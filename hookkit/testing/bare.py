"""A bare repository, as its owner works with it."""

from pathlib import Path

from hookkit.testing.account import HOOKKIT, Account
from hookkit.testing.commands import Done


class BareRepository:
    """A repository that people push to.

    :param owner: whose it is; commands run as that account.
    :param path: where it is.
    :param url: what others clone from and push to.
    """

    def __init__(self, owner: Account, path: Path, url: str) -> None:
        self.owner = owner
        self.path = path
        self.url = url

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path}>"

    def git(self, *args: str, stdin: str = "", check: bool = True) -> Done:
        """Run git in it, as its owner.

        :raises CommandFailedError: it failed and ``check`` is set, or it took too long.
        """
        return self.owner.run("git", "-C", str(self.path), *args, stdin=stdin, check=check)

    def hookkit(self, *args: str, stdin: str = "", check: bool = True, env: dict[str, str] | None = None) -> Done:
        """Run ``hookkit -C <this repository> ...``, as its owner.

        :raises CommandFailedError: it failed and ``check`` is set, or it took too long.
        """
        return self.owner.run(*HOOKKIT, "-C", str(self.path), *args, stdin=stdin, check=check, env=env)

    def install(self, *args: str) -> Done:
        """``hookkit install``."""
        return self.hookkit("install", *args)

    def enable(self, plugin: str) -> Done:
        """``hookkit plugins enable``: from now on ``plugin`` runs here."""
        return self.hookkit("plugins", "enable", plugin)

    def set(self, key: str, value: str, *more: str) -> None:
        """``hookkit config set``: give an option this value, or these, in the place of those that it has here.

        :raises CommandFailedError: there is no such option, or a value is not allowed.
        """
        self.hookkit("config", "set", key, value)
        for each in more:
            self.hookkit("config", "set", "--add", key, each)

    def run_hook(
        self, hook: str, *args: str, stdin: str = "", check: bool = False, env: dict[str, str] | None = None
    ) -> Done:
        """``hookkit run``: one hook as git would call it, with ``args``, and ``stdin`` on its standard input; githooks(5).

        :returns: its exit status, and in ``stderr`` what whoever pushes would see.
        """
        return self.hookkit("run", hook, *args, "--stdin", "-", stdin=stdin, check=check, env=env)

    def refs(self, *patterns: str) -> dict[str, str]:
        """Its refs (all, or those below ``patterns``) and the objects that they name."""
        listed = self.git("for-each-ref", "--format=%(objectname) %(refname)", *patterns).stdout
        # Not splitlines(): a ref name may contain what Unicode takes for the end of a line.
        pairs = (line.split(" ", 1) for line in listed.split("\n") if line)
        return {ref: oid for oid, ref in pairs}
