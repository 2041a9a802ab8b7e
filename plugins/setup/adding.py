"""Adding a remote: what is to change, and the change; then, whether it can be pushed to."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hookkit.api import Check, Probed, Repository, has_hooks, install_hooks, pinned, probe
from hookkit_plugins.setup import checking, files, keys, settings, signers
from hookkit_plugins.setup.files import Change
from hookkit_plugins.setup.keys import PublicKey
from hookkit_plugins.setup.pinning import Pin
from hookkit_plugins.setup.settings import Setting

_PATIENCE = 40.0
# In these the hook post-update, which runs after a push, is what puts a new configuration in force.
_ADMIN = ("gitolite-admin.git", "gitosis-admin.git")


class Wish(NamedTuple):
    """A remote as somebody wants it.

    :param kind: ``peer`` or ``mirror``; None: as it is, ``mirror`` for a new one.
    :param signer: the file with the public key of a peer.
    :param replace: a remote of that name may lead elsewhere.
    """

    name: str
    url: str
    kind: str | None = None
    signer: Path | None = None
    replace: bool = False


class Plan(NamedTuple):
    """What is to change, for a remote of ``kind``.

    :param signer: who is to be trusted with which key; ``trusted`` is the change that this takes now.
    """

    kind: str
    settings: list[Setting]
    trusted: Change | None = None
    signer: tuple[str, PublicKey] | None = None


def plan(repo: Repository, wish: Wish) -> Plan:
    """What is missing in the repository.

    :raises HookkitError: the wish cannot be granted as it is.
    """
    kind = wish.kind or settings.kind_of(repo, wish.name)
    wanted = settings.remote(repo, wish.name, wish.url, kind, replace=wish.replace)
    if wish.signer is None:
        return Plan(kind, wanted)
    signer = (signers.checked_node(wish.name), keys.read(wish.signer))
    trusted = signers.change(repo, *signer)
    return Plan(kind, wanted, trusted, signer) if trusted.needed else Plan(kind, wanted)


def shown(todo: Plan, pin: Pin | None) -> list[str]:
    """What would change, line by line: commands of git, and diffs."""
    changed = [*_of(pin), *([todo.trusted] if todo.trusted else [])]
    return [*(each.command for each in todo.settings), *(line for each in changed for line in each.diff())]


def carry_out(repo: Repository, todo: Plan, pin: Pin | None) -> list[str]:
    """Do it; a line for each change. Whatever interrupts it, a second run does the rest.

    :raises HookkitError: something is impossible.
    """
    done = [f"{each.path}: written" for each in _of(pin)]
    if pin is not None:
        pin.put()
    if todo.signer is not None:
        # Looked at again: others may be trusted at this moment too.
        trusted = signers.trust(repo, *todo.signer)
        done.append(f"{trusted.path}: written")
    for each in todo.settings:
        each.apply(repo)
        done.append(each.command)
    repo.reload()
    # Another plugin may need other hooks.
    switched = any(each.key == settings.CLUSTER for each in todo.settings)
    return done + list(install_hooks(repo) if switched and has_hooks(repo) else ())


def checks(repo: Repository, wish: Wish, kind: str, pin: Pin | None, *, dry_run: bool) -> list[Check]:
    """Whether ``wish.url`` can be pushed to; none if nobody has said yet that its host key is the right one."""
    if pin is not None and not pin.agreed:
        return []
    said = _probed(repo, wish.url, pin, dry_run=dry_run)
    found = list(checking.checks(said, kind, pin.place.host if pin else None))
    if not has_hooks(repo):
        cause = "hookkit is not installed in this repository: what is pushed here stays here"
        found.append(Check("hooks", "warning", cause, "hookkit install --node NAME"))
    return [*found, *(peer_checks(repo, wish) if kind == "peer" else ())]


def peer_checks(repo: Repository, wish: Wish) -> Iterator[Check]:
    """What keeps a peer's pushes from counting here."""
    if wish.signer is None and signers.lacks(repo, wish.name):
        cause = f"no key of {wish.name} is trusted here: what it sends is refused"
        yield Check("signer", "warning", cause, f"hookkit setup trust {wish.name} FILE.pub")
    if repo.git_dir.name in _ADMIN:
        cause = "what a peer sends moves refs without git's post-update hook: the configuration would not be in force"
        yield Check("admin repository", "warning", cause, f"hookkit setup remote {wish.name} URL --mirror")


def _of(pin: Pin | None) -> Iterator[Change]:
    return files.changes(pinned.files(pin.added_to(pinned.read())) if pin is not None else {})


def _probed(repo: Repository, url: str, pin: Pin | None, *, dry_run: bool) -> Probed:
    if pin is None or not dry_run:
        return probe(repo, url, timeout=_PATIENCE)
    # As it would be once it is pinned.
    with tempfile.NamedTemporaryFile("w", prefix="hookkit-") as file:
        file.write(pin.key.line + "\n")
        file.flush()
        own = (("UserKnownHostsFile", file.name), ("GlobalKnownHostsFile", "/dev/null"))
        strict = (("StrictHostKeyChecking", "yes"),)
        return probe(repo, url, timeout=_PATIENCE, ssh_options=(*strict, *own, *pin.ssh_options))
