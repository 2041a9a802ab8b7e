"""Adding a remote: what is to change, and the change; then, whether it can be pushed to."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from hookkit.api import Check, Probed, Repository, has_hooks, install_hooks, pinned, probe
from hookkit_plugins.setup import checking, files, keys, settings, signers
from hookkit_plugins.setup.files import Change
from hookkit_plugins.setup.pinning import Pin
from hookkit_plugins.setup.settings import Setting

_PATIENCE = 40.0


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
    """What is to change, for a remote of ``kind``."""

    kind: str
    settings: list[Setting]
    trusted: Change | None


def plan(repo: Repository, wish: Wish) -> Plan:
    """What is missing in the repository.

    :raises HookkitError: the wish cannot be granted as it is.
    """
    kind = wish.kind or settings.kind_of(repo, wish.name)
    wanted = settings.remote(repo, wish.name, wish.url, kind, replace=wish.replace)
    trusted = None
    if wish.signer is not None:
        key = keys.read(wish.signer)
        trusted = signers.change(repo, signers.checked_node(wish.name), key)
    return Plan(kind, wanted, trusted if trusted and trusted.needed else None)


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
    if todo.trusted is not None:
        todo.trusted.write(0o644)
        done.append(f"{todo.trusted.path}: written")
    for each in todo.settings:
        each.apply(repo)
        done.append(each.command)
    repo.reload()
    # Another plugin may need other hooks.
    switched = any(each.key == settings.CLUSTER for each in todo.settings)
    return done + list(install_hooks(repo) if switched and has_hooks(repo) else ())


def checks(repo: Repository, url: str, kind: str, pin: Pin | None, *, dry_run: bool) -> list[Check]:
    """Whether ``url`` can be pushed to; none if nobody has said yet that its host key is the right one."""
    if pin is not None and not pin.agreed:
        return []
    found = list(checking.checks(_probed(repo, url, pin, dry_run=dry_run), kind, pin.place.host if pin else None))
    if not has_hooks(repo):
        cause = "hookkit is not installed in this repository: what is pushed here stays here"
        found.append(Check("hooks", "warning", cause, "hookkit install --node NAME"))
    return found


def _of(pin: Pin | None) -> Iterator[Change]:
    if pin is not None:
        for path, text in pinned.files(pin.added_to(pinned.read())).items():
            change = Change(path, files.read(path), text.encode("utf-8", "surrogateescape"))
            if change.needed:
                yield change


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
