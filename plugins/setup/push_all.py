"""``hookkit setup push-all``: every branch to every remote."""

from collections.abc import Sequence

import click

from hookkit.api import HookkitError, Repository, UsageError, git_over_network, terminal
from hookkit_plugins.setup import options, parallel, pushing
from hookkit_plugins.setup.pushing import Pushed
from hookkit_plugins.setup.remotes import chosen, short


@click.command(name="push-all", short_help="Push every branch to every remote.")
@click.argument("remote", nargs=-1)
@click.option("--tags", is_flag=True, help="All tags too.")
@click.option("--dry-run", is_flag=True, help="Ask the remotes, send nothing, show what would be sent.")
@options.as_json
@options.timeout
@click.pass_context
def push_all(
    context: click.Context, remote: Sequence[str], tags: bool, dry_run: bool, as_json: bool, timeout: float
) -> None:
    """Push every branch to every remote (or to those named), never by force.

    All remotes at once; one that fails does not stop the others. Exit status 1 if one of them does not have everything
    afterwards. A branch that exists only at a remote stays as it is.
    """
    repo: Repository = context.obj.repository()
    names = chosen(repo, remote)
    refspecs = [f"{prefix}*:{prefix}*" for prefix in ("refs/heads/", *["refs/tags/"] * tags) if repo.refs(prefix)]
    if not refspecs:
        raise UsageError("there is no branch here to push", hint="git commit")

    def push(name: str) -> Pushed:
        # git refuses refspecs for a remote that `git clone --mirror` or `git remote add --mirror` has made.
        config = [(f"remote.{name}.mirror", "false")]
        result = git_over_network(repo, *_arguments(name, refspecs, dry_run), timeout=timeout, config=config)
        return pushing.read(name, result)

    done = sorted(parallel.each(names, push, options.JOBS), key=lambda each: names.index(each.remote))
    if as_json:
        terminal.as_json([_data(each) for each in done])
    else:
        terminal.table("would be pushed" if dry_run else "", ("remote", "ref", "result", "why"), rows(done))
    failed = [each for each in done if not each.ok]
    if failed:
        raise error(done, failed)


def _arguments(name: str, refspecs: Sequence[str], dry_run: bool) -> list[str]:
    # Explicit, without +: `mirror = true` and `push = +...` of the remote, which would force and delete, do not count.
    fixed = ("--porcelain", "--no-force", "--no-mirror", "--no-prune", "--no-follow-tags")
    return ["push", *fixed, *["--dry-run"] * dry_run, "--", name, *refspecs]


def rows(done: Sequence[Pushed]) -> list[tuple[str, str, str, str]]:
    """A row per ref that a remote took or rejected, one for all that it has, one for why it could not be reached."""
    found: list[tuple[str, str, str, str]] = []
    for each in done:
        if each.failure is not None:
            found.append((each.remote, "", each.failure.kind.value, each.failure.cause))
        found += [(each.remote, short(ref), result, why) for ref, result, why in each.refs if result != "up to date"]
        same = sum(ref.result == "up to date" for ref in each.refs)
        if same:
            found.append((each.remote, f"{same} {'ref' if same == 1 else 'refs'}", "up to date", ""))
    return found


def error(done: Sequence[Pushed], failed: Sequence[Pushed]) -> HookkitError:
    """What is left, per remote, and what to type."""
    causes = []
    for each in failed:
        if each.failure is not None:
            causes.append(f"{each.remote}: {each.failure}")
        causes += [f"{each.remote}: {short(ref)} rejected: {why}" for ref, _, why in each.rejected]
    behind = any(ref.why.startswith(pushing.BEHIND) for each in failed for ref in each.rejected)
    hint = next((each.failure.hint for each in failed if each.failure and each.failure.hint), None)
    if behind:
        hint = "git fetch, merge what the remote has, then push again"
    message = f"{len(failed)} of {len(done)} {'remote does' if len(done) == 1 else 'remotes do'} not have everything"
    return HookkitError(message, cause="\n".join(causes), hint=hint or "try again: hookkit setup push-all")


def _data(each: Pushed) -> dict[str, object]:
    failure = each.failure
    return {
        "remote": each.remote,
        "ok": each.ok,
        "refs": [ref._asdict() for ref in each.refs],
        "error": str(failure) if failure else None,
        "hint": failure.hint if failure else None,
    }
