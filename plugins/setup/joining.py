"""Joining a cluster: what is to be done on a new server, and doing it, step by step; each step is done once."""

import getpass
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from hookkit.api import Check, HookkitError, Repository, install_hooks, pinned, probe, redact, shared_connection
from hookkit_plugins.setup import adding, arriving, checking, files, identity, keys, names, options, parallel, signers
from hookkit_plugins.setup import place as places
from hookkit_plugins.setup.adding import Wish
from hookkit_plugins.setup.cloning import Arrived, Job
from hookkit_plugins.setup.files import Change
from hookkit_plugins.setup.pinning import Pin, pin
from hookkit_plugins.setup.servers import Server

_PATIENCE = 60.0


class Tried(NamedTuple):
    """Whether a repository can be pushed to a server; ``problem`` is what is in the way."""

    server: str
    repository: str
    problem: Check | None


class Joining(NamedTuple):
    """What somebody wants.

    :param servers: the first is the one to clone from.
    :param kind: what the others are as remotes: ``peer`` or ``mirror``; None: as they are.
    """

    node: str
    servers: Sequence[Server]
    kind: str | None
    folder: Path
    names: Sequence[str]

    @property
    def jobs(self) -> list[Job]:
        """What is to be cloned."""
        source = self.servers[0]
        return [
            Job(name, names.url(source.pattern, name), self.folder / f"{name}.git", source.name, self.node)
            for name in self.names
        ]

    def wishes(self, name: str) -> list[Wish]:
        """The remotes of one repository."""
        return [
            Wish(each.name, names.url(each.pattern, name), self.kind, each.signer if self.kind == "peer" else None)
            for each in self.servers
        ]

    def connect(self, repo: Repository, job: Job) -> list[str]:
        """Add all the remotes to one repository.

        :raises HookkitError: one of that name leads elsewhere, or another key signs for it.
        """
        wishes = self.wishes(job.name)
        # All of them are looked at before the first is granted.
        for wish in wishes:
            adding.plan(repo, wish)
        added = [wish.name for wish in wishes if adding.carry_out(repo, adding.plan(repo, wish), None)]
        return [f"remotes {', '.join(added)} set up"] if added else []


def key() -> str | None:
    """Make the key of this account, if it has none; where it is, if it was made."""
    found = identity.look()
    if found.public is not None:
        return None
    return str(identity.make(f"{getpass.getuser()}@{socket.gethostname()}").path)


def pins(wanted: Joining, *, accept_new: bool, dry_run: bool) -> Iterator[Pin]:
    """The host keys that are to be pinned, one after the other.

    :raises HookkitError: nobody has said that one is right, or it is wrong.
    """
    empty = arriving.scratch()
    for server in wanted.servers:
        where = places.where(empty, names.url(server.pattern, wanted.names[0]))
        again = f"hookkit setup join ... --fingerprint {server.name}="
        consent = options.consented(server.fingerprint, accept_new and server.fingerprint is None, again)
        if where is not None:
            yield pin(empty, where, consent, dry_run=dry_run)


def plan(wanted: Joining, found: Sequence[Pin]) -> Iterator[str]:
    """What would be written, and what would become of each repository, as far as that is known without asking anybody.

    :param found: the host keys that would be pinned.
    :raises HookkitError: it cannot be done.
    """
    for change in (*_pinned(found), *_trusted(wanted)):
        yield from change.diff()
    for job in wanted.jobs:
        here = job.target.is_dir() and any(job.target.iterdir())
        what = "is here, would get what it lacks" if here else "would be cloned"
        installed = f", hookkit installed as node {wanted.node}"
        repo = Repository.discover(job.target) if here else arriving.scratch()
        if here and not install_hooks(repo, wanted.node, dry_run=True):
            installed = ""
        yield f"{job.target}: {what} from {redact(job.url)}{installed}"
        for wish in wanted.wishes(job.name):
            yield from (f"  {each.command}" for each in adding.plan(repo, wish).settings)


def _pinned(found: Sequence[Pin]) -> Iterator[Change]:
    pins = pinned.read()
    # The key that is yet to be made will be there.
    own = [str(identity.place())] if identity.look().public is None else []
    for each in found:
        pins = each._replace(identities=(*own, *each.identities)).added_to(pins)
    return files.changes(pinned.files(pins) if found else {})


def _trusted(wanted: Joining) -> Iterator[Change]:
    """The file of signers with all of them; where a repository has a file of its own, the same lines go there."""
    path = signers.place(arriving.scratch())
    text = files.read(path) or b""
    for each in wanted.servers:
        if each.signer is not None:
            text = signers.with_key(text, signers.checked_node(each.name), keys.read(each.signer), str(path))
    return files.changes({path: text.decode("utf-8", "surrogateescape")} if text else {})


def tried(wanted: Joining, arrived: Sequence[Arrived]) -> list[Tried]:
    """Whether each repository that is here can be pushed to each server."""
    empty = arriving.scratch()
    pairs = [(each.job, wish) for each in arrived if each.failure is None for wish in wanted.wishes(each.job.name)]

    def attempt(pair: tuple[Job, Wish]) -> Tried:
        job, wish = pair
        shared = shared_connection(empty, wish.url).options()
        checks = checking.checks(probe(empty, wish.url, timeout=_PATIENCE, ssh_options=shared), wish.kind or "mirror")
        return Tried(wish.name, job.name, next((each for each in checks if each.verdict == "problem"), None))

    return sorted(parallel.each(pairs, attempt, options.JOBS))


def peer_checks(wanted: Joining, arrived: Sequence[Arrived]) -> dict[Check, None]:
    """What keeps the pushes of peers from counting here, each once."""
    repos = [(each.job, Repository.discover(each.job.target)) for each in arrived if each.failure is None]
    pairs = [(repo, wish) for job, repo in repos for wish in wanted.wishes(job.name) if wish.kind == "peer"]
    return dict.fromkeys(check for repo, wish in pairs for check in adding.peer_checks(repo, wish))


def error(found: Sequence[Tried]) -> HookkitError | None:
    """What keeps this server from pushing to the others; None: nothing."""
    problems = [each for each in found if each.problem is not None]
    if not problems:
        return None
    causes = dict.fromkeys(f"{each.server}: {each.problem.cause}" for each in problems if each.problem)
    hint = problems[0].problem.hint if problems[0].problem else ""
    return HookkitError(
        f"{len(problems)} of {len(found)} remotes cannot be pushed to yet",
        cause="\n".join(causes),
        hint=hint if "run this again" in hint else f"{hint}, then run this again",
    )
