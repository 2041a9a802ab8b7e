"""Which host key a server shows: asked by ssh itself, which knows about ports, aliases, proxies and jump hosts.

It writes what it sees into a file that is thrown away, offers no key and no password, and is sent away again: nobody has
trusted anything by then.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from hookkit.api import (
    HookkitError,
    Repository,
    failures,
    is_openssh,
    run_program,
    ssh_command,
    ssh_over_network,
)
from hookkit_plugins.setup import host_keys
from hookkit_plugins.setup.host_keys import HostKey
from hookkit_plugins.setup.place import Place

_PATIENCE = 30.0
_OPTIONS = (
    ("StrictHostKeyChecking", "accept-new"),
    ("GlobalKnownHostsFile", "/dev/null"),
    ("HashKnownHosts", "no"),
    ("UpdateHostKeys", "no"),
    ("VerifyHostKeyDNS", "no"),
    ("CheckHostIP", "no"),
    ("PreferredAuthentications", "none"),
    ("BatchMode", "yes"),
    ("ConnectTimeout", "10"),
    # A connection that is open already shows nothing.
    ("ControlMaster", "no"),
    ("ControlPath", "none"),
    ("ClearAllForwardings", "yes"),
    ("PermitLocalCommand", "no"),
    ("RemoteCommand", "none"),
    ("RequestTTY", "no"),
    ("LogLevel", "INFO"),
)
_KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521", "rsa-sha2-512,rsa-sha2-256")
_TRUSTS = ("stricthostkeychecking", "userknownhostsfile", "hostkeyalgorithms")


def check_command(repo: Repository) -> None:
    """Whether the account's ssh command is one that host keys can be pinned for.

    :raises HookkitError: it is another program, or says itself what is trusted.
    """
    command = ssh_command(repo)
    if not is_openssh(command):
        hint = "pin the key in what that program reads, and add the remote with git remote add"
        raise HookkitError(f"the ssh command of this account is not OpenSSH: {command}", hint=hint)
    if any(word in command.lower().replace(" ", "") for word in (f"-o{each}" for each in _TRUSTS)):
        cause = f"{command}: ssh takes the first value that it meets"
        hint = "take that out of core.sshCommand or GIT_SSH_COMMAND; ~/.ssh/config may say it"
        raise HookkitError(
            "the ssh command of this account says itself which host keys are right", cause=cause, hint=hint
        )


def shown(repo: Repository, place: Place) -> HostKey:
    """The host key that the server shows by itself.

    :raises HookkitError: it cannot be reached.
    """
    (key,) = _look(repo, place, (), ())
    return key


def every(repo: Repository, place: Place) -> Iterator[HostKey]:
    """Its key of each kind, one after the other."""
    for kinds in _KINDS:
        try:
            yield from _look(repo, place, (), (("HostKeyAlgorithms", kinds),))
        except HookkitError as error:
            if "no matching host key type" not in (error.cause or ""):
                raise


def is_still(repo: Repository, place: Place, known: HostKey) -> bool:
    """Whether the server has the key that is known for it, beside the one that it shows by itself."""
    try:
        return not _look(repo, place, (known,), (("HostKeyAlgorithms", _algorithms(known.kind)),))
    except HookkitError:
        return False


def known_to_account(repo: Repository, place: Place, name: str) -> list[HostKey]:
    """What the account's own files know under ``name``."""
    said = settings(repo, place)
    files = [Path(file) for key in ("userknownhostsfile", "globalknownhostsfile") for file in said.get(key, "").split()]
    found = []
    for file in files:
        done = run_program(("ssh-keygen", "-F", name, "-f", os.path.expanduser(file)))  # noqa: PTH111
        found += host_keys.parse(done.text().split("\n"))
    return found


def settings(repo: Repository, place: Place) -> dict[str, str]:
    """What the account's ssh configuration says about a server, in lower case; several values separated by line feeds."""
    found: dict[str, str] = {}
    for line in ssh_over_network(repo, "-G", *place.words, timeout=_PATIENCE).stdout.split("\n"):
        key, _, value = line.partition(" ")
        found[key] = f"{found[key]}\n{value}" if key in found else value
    return found


def _look(
    repo: Repository, place: Place, known: tuple[HostKey, ...], options: tuple[tuple[str, str], ...]
) -> list[HostKey]:
    """The keys that were not known."""
    with tempfile.TemporaryDirectory(prefix="hookkit-") as folder:
        file = Path(folder, "known_hosts")
        file.write_text("".join(f"{key.line}\n" for key in known))
        every_option = (*options, *_OPTIONS, ("UserKnownHostsFile", str(file)))
        # "true" is run only if the server wants to know nothing of who it is.
        result = ssh_over_network(repo, "-nT", *place.words, "true", timeout=_PATIENCE, options=every_option)
        seen = [key for key in host_keys.parse(file.read_text().split("\n")) if key not in known]
    if seen or (known and (result.status == 0 or "Permission denied (" in result.stderr)):
        return seen
    failure = failures.classify(result.status, result.stderr, result.seconds)
    hint = failure.hint if failure.kind.unreachable else None
    raise HookkitError(f"{place.host} does not show its host key", cause=str(failure), hint=hint)


def _algorithms(kind: str) -> str:
    return _KINDS[2] if kind == "ssh-rsa" else kind
