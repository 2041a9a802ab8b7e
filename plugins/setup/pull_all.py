"""``hookkit setup pull-all``: every branch from every remote."""

from collections.abc import Sequence

import click

from hookkit.api import HookkitError, Repository, failures, terminal
from hookkit_plugins.setup import options, pulling, worktrees
from hookkit_plugins.setup.fetching import Fetched, fetched
from hookkit_plugins.setup.moving import move
from hookkit_plugins.setup.pulling import Step
from hookkit_plugins.setup.remotes import chosen, short


@click.command(name="pull-all", short_help="Bring every branch up to date with every remote.")
@click.argument("remote", nargs=-1)
@click.option("--tags", is_flag=True, help="All tags too; one that is here already never moves.")
@click.option("--dry-run", is_flag=True, help="Fetch, move nothing, show what would move.")
@options.as_json
@options.timeout
@click.pass_context
def pull_all(
    context: click.Context, remote: Sequence[str], tags: bool, dry_run: bool, as_json: bool, timeout: float
) -> None:
    """Bring every branch up to date with every remote (or with those named), never by force.

    A branch goes forward to what contains the commits of all remotes; one that is not here is made. A branch that is
    checked out goes forward as with git pull --ff-only. Where commits would be lost, nothing moves. Exit status 1 if a
    remote did not answer, or a branch or tag could not follow.
    """
    repo: Repository = context.obj.repository()
    names = chosen(repo, remote)
    with fetched(repo, names, tags=tags, tracking=not dry_run, timeout=timeout) as found:
        steps = _steps(repo, found, tags)
        if not dry_run:
            trees, busy = worktrees.checked_out(repo), worktrees.busy(repo)
            steps = [move(repo, step, trees, busy) for step in steps]
    if as_json:
        terminal.as_json({"remotes": [_remote(each) for each in found], "refs": [each._asdict() for each in steps]})
    else:
        terminal.table("would move" if dry_run else "", ("ref", "result", "why"), rows(found, steps))
    if any(each.failure for each in found) or not all(each.ok for each in steps):
        raise error(found, steps)


def _steps(repo: Repository, found: Sequence[Fetched], tags: bool) -> list[Step]:
    def below(prefix: str) -> dict[str, dict[str, str]]:
        return {each.remote: {ref: oid for ref, oid in each.refs.items() if ref.startswith(prefix)} for each in found}

    steps = pulling.branches(repo.refs("refs/heads/"), below("refs/heads/"), repo.is_ancestor)
    return steps + (pulling.tags(repo.refs("refs/tags/"), below("refs/tags/")) if tags else [])


def rows(found: Sequence[Fetched], steps: Sequence[Step]) -> list[tuple[str, str, str]]:
    """A row per ref that moved or could not, one for all that need not, one per remote that did not answer."""
    listed = [(short(each.ref), each.result, each.why) for each in steps if each.result != "up to date"]
    same = sum(each.result == "up to date" for each in steps)
    if same:
        listed.append((f"{same} {'ref' if same == 1 else 'refs'}", "up to date", ""))
    return listed + [
        (f"({each.remote})", each.failure.kind.value, each.failure.cause) for each in found if each.failure
    ]


def error(found: Sequence[Fetched], steps: Sequence[Step]) -> HookkitError:
    """What is left, and what to type."""
    failed = [(each.remote, each.failure) for each in found if each.failure]
    left = [each for each in steps if not each.ok]
    causes = [f"{name}: {failure}" for name, failure in failed]
    causes += [f"{short(each.ref)} {each.result}: {each.why}" for each in left]
    stuck = [failures.classify(1, f"error: {each.why}", 0) for each in left if each.result == "failed"]
    hint = next((failure.hint for failure in (*(failure for _, failure in failed), *stuck) if failure.hint), None)
    if any(each.result == "diverged" for each in left):
        hint = "git merge or git rebase, one diverged branch at a time, then hookkit setup push-all"
    return HookkitError("not everything is up to date", cause="\n".join(causes), hint=hint)


def _remote(each: Fetched) -> dict[str, object]:
    failure = each.failure
    return {
        "remote": each.remote,
        "ok": failure is None,
        "error": str(failure) if failure else None,
        "hint": failure.hint if failure else None,
    }
