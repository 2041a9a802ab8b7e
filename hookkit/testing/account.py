"""A user account on some machine: a home, a key, an ssh and a git configuration, and nothing from whoever runs the tests."""

import os
import pwd
import shutil
import sys
from pathlib import Path

from hookkit.testing.commands import Done, run
from hookkit.testing.requirements import SYSTEM_PATH
from hookkit.testing.sshd import make_key

USER = pwd.getpwuid(os.geteuid()).pw_name
BIN = Path(sys.executable).parent
HOOKKIT = (sys.executable, "-P", "-m", "hookkit")
"""The command ``hookkit`` of the environment that the tests run in; it need not be on anybody's path."""


class Account:
    """Somebody with a home: a server account, or a person who pushes.

    :param root: the lab's folder.
    :param name: unique in the lab.
    :param hosts: the ssh configuration that names the lab's nodes, shared by all.
    """

    def __init__(self, root: Path, name: str, hosts: Path) -> None:
        self.root = root
        self.name = name
        self.home = root / name / "home"
        self.ssh_dir = self.home / ".ssh"
        self.ssh_dir.mkdir(parents=True, mode=0o700)
        self.key = self.ssh_dir / "id_ed25519"
        self.ssh_config = self.ssh_dir / "config"
        if shutil.which("ssh-keygen"):
            make_key(self.key)
        self.runtime_dir = root / name / "run"
        self.runtime_dir.mkdir(mode=0o700)
        self.temporary_dir = root / name / "tmp"
        self.temporary_dir.mkdir()
        # First, so that it goes before what all know; ssh takes the first value that it finds, ssh_config(5).
        self.own_hosts = self.ssh_dir / "hosts"
        self.own_hosts.touch()
        self.ssh_config.write_text(
            f"Include {self.own_hosts}\n"
            f"Include {hosts}\n"
            f"IdentityFile {self.key}\n"
            "IdentitiesOnly yes\n"
            "BatchMode yes\n"
            "StrictHostKeyChecking yes\n"
            f"UserKnownHostsFile {hosts.with_name('known_hosts')}\n"
            "GlobalKnownHostsFile /dev/null\n"
        )
        # ssh takes ~ from the password file, not from HOME: both paths are absolute.
        self.git_config = self.home / ".gitconfig"
        self.git_config.write_text(
            f"[init]\n\tdefaultBranch = main\n[core]\n\tsshCommand = ssh -F {self.ssh_config}\n"
            # What the lab sets for all its accounts.
            + hosts.with_name("gitconfig").read_text()
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    @property
    def public_key(self) -> str:
        """Its public key: one line."""
        return self.key.with_suffix(".pub").read_text().strip()

    @property
    def session_environment(self) -> dict[str, str]:
        """What a login as this account has beside what every login has."""
        return {
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(self.runtime_dir),
            "TMPDIR": str(self.temporary_dir),
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a terminal of this account; ``hookkit`` and ``git hookkit`` are on its path."""
        return {
            "PATH": f"{BIN}:{SYSTEM_PATH}",
            "LANG": "C.UTF-8",
            "USER": USER,
            "LOGNAME": USER,
            "SHELL": "/bin/sh",
            **self.session_environment,
        }

    def run(
        self,
        *argv: str,
        cwd: Path | None = None,
        stdin: str = "",
        check: bool = True,
        timeout: float = 60,
        env: dict[str, str] | None = None,
    ) -> Done:
        """Run a command as this account, at home unless ``cwd`` says where; ``env`` is added to the environment.

        :raises CommandFailedError: it failed and ``check`` is set, or it took too long.
        """
        environment = self.environment | (env or {})
        return run(argv, env=environment, cwd=cwd or self.home, stdin=stdin, check=check, timeout=timeout)
