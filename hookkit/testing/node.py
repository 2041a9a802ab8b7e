"""Nodes: git servers. Over real ssh, or, where sshd cannot be had, plain paths."""

from pathlib import Path

from hookkit.testing import leaks
from hookkit.testing.account import HOOKKIT, USER, Account
from hookkit.testing.bare import BareRepository
from hookkit.testing.commands import Done
from hookkit.testing.sshd import Sshd


class Node(Account):
    """A server account with bare repositories; what all kinds of nodes have in common."""

    @property
    def repositories(self) -> Path:
        """Where its repositories are."""
        return self.home

    def path(self, repository: str) -> Path:
        """The bare repository on this node's disk."""
        return self.repositories / f"{repository}.git"

    def url(self, repository: str) -> str:
        """What others clone from and push to."""
        raise NotImplementedError

    def create_repository(self, repository: str) -> Path:
        """Make an empty bare repository and return its path."""
        self.run("git", "init", "--quiet", "--bare", str(self.path(repository)))
        return self.path(repository)

    def bare(self, repository: str = "project") -> BareRepository:
        """Make one, and return a handle to it; hookkit is not installed in it yet."""
        return BareRepository(self, self.create_repository(repository), self.url(repository))

    def git(self, repository: str, *args: str, stdin: str = "", check: bool = True) -> Done:
        """Run git in one of its repositories, as this account."""
        return self.run("git", "-C", str(self.path(repository)), *args, stdin=stdin, check=check)

    def hookkit(
        self, repository: str, *args: str, check: bool = True, timeout: float = 60, env: dict[str, str] | None = None
    ) -> Done:
        """Run ``hookkit -C <repository> ...`` as this account, as its owner would type it."""
        command = (*HOOKKIT, "-C", str(self.path(repository)), *args)
        return self.run(*command, check=check, timeout=timeout, env=env)

    def refs(self, repository: str, *patterns: str) -> dict[str, str]:
        """The refs of one of its repositories (all, or those below ``patterns``) and the objects that they name."""
        listed = self.git(repository, "for-each-ref", "--format=%(objectname) %(refname)", *patterns).stdout
        # Not splitlines(): a ref name may contain what Unicode takes for the end of a line.
        pairs = (line.split(" ", 1) for line in listed.split("\n") if line)
        return {ref: oid for oid, ref in pairs}

    def admit(self, *accounts: Account) -> None:
        """Let ``accounts`` log in."""

    @property
    def running(self) -> bool:
        """It can be reached, unless something between is broken."""
        raise NotImplementedError

    def start(self) -> None:
        """Make it reachable again."""

    def stop(self) -> None:
        """Make it unreachable, at once: connections are refused from now on."""

    def freeze(self) -> None:
        """Connections are accepted, but nobody answers."""
        raise NotImplementedError("only a server can be frozen")

    def thaw(self) -> None:
        """The opposite of :meth:`freeze`."""
        raise NotImplementedError("only a server can be frozen")

    def logins(self) -> int:
        """How many ssh logins it has seen."""
        return 0

    def sessions(self) -> int:
        """How many commands others have run on it over ssh: one for each push, fetch or look at its refs."""
        return 0

    def close(self) -> None:
        """Stop it for good."""
        self.stop()


class SshNode(Node):
    """A plain ssh account on a server of its own: its own sshd, port, host key and home.

    :param root: the lab's folder.
    :param hosts: the lab's ssh configuration, to which it adds itself.
    """

    def __init__(self, root: Path, name: str, hosts: Path) -> None:
        super().__init__(root, name, hosts)
        self.authorized_keys = self.ssh_dir / "authorized_keys"
        self.sshd = Sshd(root / name / "sshd", self.session_environment, self.authorized_keys)
        with hosts.open("a") as file:
            file.write(f"Host {name}\n HostName 127.0.0.1\n Port {self.port}\n User {USER}\n HostKeyAlias {name}\n\n")
        with hosts.with_name("known_hosts").open("a") as file:
            file.write(f"{name} {self.sshd.host_key}\n")
        self.start()

    @property
    def port(self) -> int:
        """The loopback port of its sshd."""
        return self.sshd.port

    def url(self, repository: str) -> str:
        """An ssh URL; the host is this node's name, which the ssh configuration of every account in the lab knows."""
        return f"ssh://{self.name}/~/{repository}.git"

    def admit(self, *accounts: Account) -> None:
        """Add the keys of ``accounts`` to those that may log in."""
        with self.authorized_keys.open("a") as file:
            file.writelines(f"{account.public_key}\n" for account in accounts)

    @property
    def running(self) -> bool:
        """Its sshd runs (or is frozen)."""
        return self.sshd.running

    def start(self) -> None:
        """Start its sshd again, on the same port."""
        self.sshd.start()

    def stop(self) -> None:
        """End everything that runs on it, as a power cut does; connections are refused from now on."""
        self.sshd.kill()
        leaks.end(f"{self.home}")

    def freeze(self) -> None:
        """Stop its sshd and the sessions in place."""
        self.sshd.freeze()

    def thaw(self) -> None:
        """Let them go on."""
        self.sshd.thaw()

    def logins(self) -> int:
        """How many ssh logins it has seen, from its own log."""
        return self.sshd.logins()

    def sessions(self) -> int:
        """How many commands others have run on it, from its own log."""
        return self.sshd.sessions()

    def close(self) -> None:
        """Stop it and give its port back."""
        self.stop()
        self.sshd.close()


class PathNode(Node):
    """A node without a server: others reach it by path. What can be had where there is no sshd."""

    def __init__(self, root: Path, name: str, hosts: Path) -> None:
        super().__init__(root, name, hosts)
        self._away = self.home.with_name("away")
        self.repositories.mkdir()

    @property
    def repositories(self) -> Path:
        """A folder that can be moved away: that is how this node stops."""
        return self.home / "repositories"

    def url(self, repository: str) -> str:
        """The path."""
        return str(self.path(repository))

    @property
    def running(self) -> bool:
        """Its repositories are in place."""
        return not self._away.exists()

    def start(self) -> None:
        """Put its repositories back."""
        if not self.running:
            self._away.rename(self.repositories)

    def stop(self) -> None:
        """Move its repositories away."""
        if self.running:
            self.repositories.rename(self._away)
