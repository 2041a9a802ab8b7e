"""``hookkit setup join``."""

import contextlib
from collections.abc import Sequence
from pathlib import Path

import click

from hookkit.api import HookkitError, UsageError, terminal
from hookkit_plugins.setup import arrival_lines, arriving, identity, joining, options, servers, signers
from hookkit_plugins.setup import keys as public_keys
from hookkit_plugins.setup.clone import wanted_names
from hookkit_plugins.setup.cloning import Arrived
from hookkit_plugins.setup.joining import Joining, Tried
from hookkit_plugins.setup.key_command import DRY_RUN


@click.command(name="join", short_help="All that belongs on a new server, in one go.")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, resolve_path=True, path_type=Path))
@click.argument("repo", nargs=-1)
@click.option("--node", metavar="NAME", required=True, help="What this server is called.")
@click.option(
    *("--from", "patterns"),
    metavar="NAME=URL_PATTERN",
    multiple=True,
    required=True,
    help="A server of the cluster, and where its repositories are: alpha=git@alpha:{}.git. The first is cloned from.",
)
@click.option(
    *("--fingerprint", "fingerprints"),
    metavar="NAME=SHA256:...",
    multiple=True,
    help="The fingerprint of a server's host key, from its owner.",
)
@options.accept_new
@click.option("--peer", is_flag=True, help="The servers run hookkit too, and so does this one.")
@click.option(
    *("--signer", "keys"),
    metavar="NAME=FILE.pub",
    multiple=True,
    help="With --peer: the public key of a server, as with 'hookkit setup trust'.",
)
@DRY_RUN
@options.as_json
@options.one_repository
def join(
    folder: Path,
    repo: Sequence[str],
    node: str,
    patterns: Sequence[str],
    fingerprints: Sequence[str],
    accept_new: bool,
    peer: bool,
    keys: Sequence[str],
    dry_run: bool,
    as_json: bool,
    timeout: float,
) -> None:
    """Make this account a server of the cluster: the repositories REPO... in DIR are those of the servers named.

    A key, if there is none; the servers' host keys, pinned; the repositories, with hooks; every server as a remote of each,
    with the key that it signs with; and a look at whether all of them can be pushed to. What is done already is not done
    again: interrupted, or until the others have let the key in, run it again.
    """
    if keys and not peer:
        raise UsageError("--signer is for --peer: a mirror signs nothing")
    found = servers.read(patterns, fingerprints, keys)
    for signer in (each.signer for each in found if each.signer):
        # Before anything is done.
        public_keys.read(signer)
    kind = "peer" if peer else None
    wanted = Joining(signers.checked_node(node), found, kind, folder, wanted_names(repo))
    if dry_run:
        _show_plan(wanted, accept_new=accept_new)
        return
    say = (lambda _: None) if as_json else terminal.say
    if made := joining.key():
        say(f"{made}: made, to be let in at the others: {identity.look().public}")
    for pin in joining.pins(wanted, accept_new=accept_new, dry_run=False):
        pin.put()
        say(f"{pin.place.host}: host key {pin.key}")
    arrived = _arrived(wanted, timeout, as_json=as_json)
    tried = joining.tried(wanted, arrived)
    if as_json:
        terminal.as_json(_data(arrived, tried))
    else:
        _show_tried(tried)
        for check in joining.peer_checks(wanted, arrived):
            terminal.judge(check.verdict, check.cause, check.hint)
    if problem := arrival_lines.error(arrived) or joining.error(tried):
        raise _with_key(problem)


def _show_plan(wanted: Joining, *, accept_new: bool) -> None:
    mine = identity.look()
    if mine.public is None:
        terminal.say(f"{mine.path}: would be made")
    pins = list(joining.pins(wanted, accept_new=accept_new, dry_run=True))
    for pin in pins:
        question = "" if pin.agreed else "; nobody has said yet that this is the right one"
        terminal.say(f"{pin.place.host}: host key {pin.key}{question}")
    for line in joining.plan(wanted, pins):
        terminal.say(line)


def _arrived(wanted: Joining, timeout: float, *, as_json: bool) -> list[Arrived]:
    jobs = wanted.jobs
    arriving.tidy(wanted.folder, jobs)
    done: list[Arrived] = []
    with (
        arrival_lines.progress(len(jobs), as_json) as show,
        contextlib.closing(arriving.arriving(jobs, wanted.connect, timeout=timeout)) as arrivals,
    ):
        for each in arrivals:
            done.append(each)
            show(each)
    return done


def _show_tried(tried: Sequence[Tried]) -> None:
    for server in dict.fromkeys(each.server for each in tried):
        here = [each for each in tried if each.server == server]
        bad = [each for each in here if each.problem is not None]
        count = f"{len(here) - len(bad)} of {len(here)} repositories can be pushed to"
        terminal.judge("problem" if bad else "ok", f"{server}: {count}")
        for each in bad:
            if each.problem is not None:
                terminal.judge("problem", f"{server}: {each.repository}: {each.problem.cause}", each.problem.hint)


def _with_key(problem: HookkitError) -> HookkitError:
    if "not let in" in (problem.cause or ""):
        problem.hint = f"let this key in there, then run this again: {identity.look().public}"
    return problem


def _data(arrived: Sequence[Arrived], tried: Sequence[Tried]) -> dict[str, object]:
    return {
        "key": str(identity.look().public),
        "repositories": [arrival_lines.data(each) for each in arrived],
        "remotes": [
            {
                "remote": each.server,
                "repository": each.repository,
                "ok": each.problem is None,
                "error": each.problem.cause if each.problem else None,
            }
            for each in tried
        ],
    }
