"""Which host key is pinned for a server, and who has said that it is the right one."""

from collections.abc import Callable
from typing import NamedTuple

from hookkit.api import HookkitError, Pins, Repository, UsageError, pinned
from hookkit_plugins.setup import host_keys, identity, looking
from hookkit_plugins.setup.host_keys import HostKey
from hookkit_plugins.setup.place import Place

# Beside the key that `hookkit setup key` makes: what ssh tries by itself, where nothing is configured; ssh_config(5).
_OTHERS = ("id_ecdsa", "id_rsa")


class Consent(NamedTuple):
    """How somebody says that a host key is the right one.

    :param fingerprint: the fingerprint, from the server's owner.
    :param accept_new: the first key that the server shows.
    :param ask: asks a person, if there is one.
    :param again: what to type again, up to the fingerprint.
    """

    fingerprint: str | None
    accept_new: bool
    ask: Callable[[str], bool] | None
    again: str


class Pin(NamedTuple):
    """What is to be pinned.

    :param agreed: somebody has said that it is right, or it was pinned before; if not, only a dry run may go on.
    """

    place: Place
    key: HostKey
    identities: tuple[str, ...]
    agreed: bool = True

    def added_to(self, pins: Pins) -> Pins:
        """``pins`` with this one."""
        return pins.adding(self.place.host, self.place.port, self.key.line, self.identities)

    def put(self) -> None:
        """Write it down."""
        with pinned.changing() as pins:
            pinned.write(self.added_to(pins))

    @property
    def ssh_options(self) -> tuple[tuple[str, str], ...]:
        """How to log in with the account's keys before it is written down."""
        return (("IdentitiesOnly", "yes"), *(("IdentityFile", f'"{path}"') for path in self.identities))


def pin(repo: Repository, place: Place, consent: Consent, *, dry_run: bool) -> Pin:
    """What is to be pinned for ``place``.

    :raises HookkitError: the server's key is not the one that was pinned, or not the one that was named; or nobody has
        said that it is right; or this account's own key cannot be used.
    """
    looking.check_command(repo)
    identities = _identities(repo, place)
    shown = looking.shown(repo, place)
    before = [key for key in host_keys.parse(pinned.read().keys) if key.name == shown.name]
    key = shown if shown in before else next((key for key in before if looking.is_still(repo, place, key)), None)
    if key is not None and consent.fingerprint in (None, key.fingerprint):
        return Pin(place, key, identities)
    if consent.fingerprint is not None:
        return Pin(place, _named(repo, place, consent.fingerprint, [shown]), identities)
    if before:
        raise _changed(place, before, shown, "pinned", consent)
    known = looking.known_to_account(repo, place, shown.name)
    if host_keys.contradicts(known, shown):
        raise _changed(place, known, shown, "known to this account's ssh", consent)
    return Pin(place, shown, identities, agreed=_agreed(place, shown, consent, dry_run=dry_run))


def _agreed(place: Place, shown: HostKey, consent: Consent, *, dry_run: bool) -> bool:
    if consent.accept_new:
        return True
    if dry_run:
        return False
    if consent.ask is None:
        raise HookkitError(
            f"nobody has said that this is the host key of {place.host}: {shown}",
            cause="a key that is trusted unseen may be that of somebody in between",
            hint=f"compare it with what the server's owner tells you, then: {consent.again}{shown.fingerprint}",
        )
    if not consent.ask(f"{place.host} shows the host key {shown}. Is that what its owner says?"):
        raise HookkitError(f"the host key of {place.host} was not accepted; nothing was changed")
    return True


def _named(repo: Repository, place: Place, wanted: str, seen: list[HostKey]) -> HostKey:
    if wanted == seen[0].fingerprint:
        return seen[0]
    for key in looking.every(repo, place):
        if key.fingerprint == wanted:
            return key
        seen.append(key)
    keys = "\n".join(f"it shows {key}" for key in dict.fromkeys(seen))
    hint = "ask its owner; on the server: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"
    raise HookkitError(f"{place.host} does not have the host key {wanted}; nothing was changed", cause=keys, hint=hint)


def _changed(place: Place, before: list[HostKey], shown: HostKey, where: str, consent: Consent) -> HookkitError:
    was = ", ".join(str(key) for key in before)
    return HookkitError(
        f"the host key of {place.host} has changed; nothing was changed here",
        cause=f"{where}: {was}\nit shows: {shown}\nit was installed anew, or somebody is in between",
        hint=f"if its owner confirms the new one: {consent.again}{shown.fingerprint}",
    )


def _identities(repo: Repository, place: Place) -> tuple[str, ...]:
    own = identity.place()
    said = looking.settings(repo, place)
    usual = said.get("identityfile", "").startswith("~/.ssh/id_rsa\n")
    configured = [line.strip('"') for line in said.get("identityfile", "").split("\n") if line]
    try:
        found = identity.look()
    except HookkitError:
        # With a key of its own for this server, the account need not have a usable one in the usual place.
        if usual or str(own) in configured or not configured:
            raise
        return ()
    paths = [own] if found.public is not None else []
    paths += [path for path in (own.with_name(name) for name in _OTHERS) if path.exists()]
    for path in paths:
        if not str(path).isprintable():
            raise UsageError(f"the path {str(path)!r} cannot stand in an ssh configuration")
    return tuple(map(str, paths))
