"""``hookkit setup remote``."""

import shlex
from pathlib import Path

import click

from hookkit.api import Check, HookkitError, Repository, UsageError, redact, terminal
from hookkit_plugins.setup import adding, names, options
from hookkit_plugins.setup import place as places
from hookkit_plugins.setup.adding import Wish
from hookkit_plugins.setup.key_command import DRY_RUN
from hookkit_plugins.setup.pinning import Pin, pin


@click.command(name="remote", short_help="Add a remote, with its host key pinned, and try it.")
@click.argument("name")
@click.argument("url")
@click.option("--peer", "kind", flag_value="peer", help="It is another server of the cluster, and runs hookkit too.")
@click.option("--mirror", "kind", flag_value="mirror", help="It is any git server; so is a new remote.")
@click.option(
    "--signer",
    metavar="FILE.pub",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --peer: the public key of that server, as with 'hookkit setup trust'.",
)
@options.consent
@click.option("--replace", is_flag=True, help="If NAME leads elsewhere: it leads to URL from now on.")
@DRY_RUN
@options.as_json
@click.pass_context
def remote(
    context: click.Context,
    name: str,
    url: str,
    kind: str | None,
    signer: Path | None,
    fingerprint: str | None,
    accept_new: bool,
    replace: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Have this repository push to URL, called NAME, and see whether it can.

    Over ssh, the server's host key is pinned for hookkit's own commands as soon as somebody has said that it is the
    right one: with --fingerprint, with --accept-new, or on a terminal, where the question is asked. Nothing in ~/.ssh
    changes. Then the other end is asked about login, write access, version and push options; nothing changes there.
    Exit status 1 if nothing can be pushed yet: settle that, and run it again.
    """
    repo: Repository = context.obj.repository()
    names.checked_remote(name)
    if signer is not None and kind != "peer":
        raise UsageError("--signer is for a --peer: a mirror signs nothing")
    where = places.where(repo, places.checked(url))
    wish = Wish(name, url, kind, signer, replace)
    todo = adding.plan(repo, wish)
    again = shlex.join(("hookkit", "setup", "remote", name, redact(url), *([f"--{kind}"] if kind else ())))
    consent = options.consented(fingerprint, accept_new, f"{again} --fingerprint ")
    found = pin(repo, where, consent, dry_run=dry_run) if where else None
    done = adding.shown(todo, found) if dry_run else adding.carry_out(repo, todo, found)
    if not as_json:
        _print(found, done, dry_run=dry_run)
    checks = adding.checks(repo, wish, todo.kind, found, dry_run=dry_run)
    if as_json:
        terminal.as_json(_data(name, url, todo.kind, found, done, checks))
    else:
        for each in checks:
            terminal.judge(each.verdict, f"{each.name}: {each.cause}", each.hint)
    problem = next((each for each in checks if each.verdict == "problem"), None)
    if problem is not None:
        raise HookkitError(f"nothing can be pushed to {name} yet", cause=problem.cause, hint=problem.hint)


def _print(found: Pin | None, done: list[str], *, dry_run: bool) -> None:
    if found is not None:
        open_question = "" if found.agreed else "; nobody has said yet that this is the right one"
        terminal.say(f"{found.place.host}: host key {found.key}{open_question}")
    if not done:
        terminal.say("nothing would change" if dry_run else "nothing changed")
    elif dry_run:
        terminal.say("would change:")
    for line in done:
        terminal.say(line)


def _data(name: str, url: str, kind: str, found: Pin | None, done: list[str], checks: list[Check]) -> dict[str, object]:
    key = found and {"name": found.key.name, "type": found.key.kind, "fingerprint": found.key.fingerprint}
    return {
        "remote": name,
        "url": redact(url),
        "kind": kind,
        "host_key": key,
        "changes": done,
        "checks": [
            {"name": each.name, "verdict": each.verdict, "cause": each.cause, "hint": each.hint} for each in checks
        ],
    }
