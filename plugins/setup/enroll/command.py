"""``hookkit setup enroll``."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from hookkit.api import UsageError
from hookkit_plugins.setup import arriving, files, keys, options
from hookkit_plugins.setup.enroll import admin_clone, backends, diffs, enrolling, plain_folder
from hookkit_plugins.setup.enroll.admin_clone import Clone
from hookkit_plugins.setup.enroll.enrolling import Order
from hookkit_plugins.setup.enroll.report import Report


@click.command(short_help="Let other servers' keys write to repositories here.")
@click.argument("accounts", metavar="NAME=FILE.pub...", nargs=-1, required=True)
@click.option(
    "--admin",
    metavar="DIR",
    required=True,
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="A clone of the admin repository; the folder .ssh of a plain account.",
)
@click.option("--repos", metavar="GLOB", multiple=True, required=True, help="Repositories, by name; may be repeated.")
@click.option("--group", default="grp_mirror", show_default=True, metavar="NAME", help="The group of the accounts.")
@click.option("--backend", metavar="NAME", help="gitosis, gitolite, ssh or a plugin's; found out if not said.")
@click.option("--dry-run", is_flag=True, help="Show the differences; change nothing.")
@options.as_json
@options.timeout
def enroll(
    accounts: Sequence[str],
    admin: Path,
    repos: Sequence[str],
    group: str,
    backend: str | None,
    dry_run: bool,
    as_json: bool,
    timeout: float,
) -> None:
    """Let other servers' keys write to repositories here: gitosis, gitolite or a plain ssh account.

    NAME is what the server is called there, FILE.pub its public key (hookkit setup key --export). GLOB matches names of
    repositories, in full and with *, ?, []. The owner's files stay as they are but for what is new; the change is
    committed, pushed to one server, which must still answer, then to the others. Interrupted, run it again.
    """
    given = _keys(accounts)
    # Those that stand for others in gitosis or gitolite are none of ours.
    if not re.fullmatch(r"(?!(?:all|CREATOR|READERS|WRITERS)$)[A-Za-z0-9][A-Za-z0-9_.-]*", group):
        raise UsageError(f"{group!r} cannot be a group", hint="letters, digits, _ . -")
    clone = admin_clone.open_clone(admin)
    report = Report(dry_run=dry_run, as_json=as_json)
    wish = _Wish({name: str(key) for name, key in given.items()}, repos, group, backend, timeout)
    # From the first look to the last push: what two runs make of the same file would be what one of them makes.
    with files.alone(admin if clone is None else clone.repo.git_dir):
        if clone is None:
            _in_place(admin, wish, report, dry_run=dry_run)
        else:
            _committed(clone, wish, report, dry_run=dry_run)
    report.end()


class _Wish(NamedTuple):
    keys: dict[str, str]
    repos: Sequence[str]
    group: str
    backend: str | None
    timeout: float

    @property
    def subject(self) -> str:
        return f"Enroll {', '.join(self.keys)} in {self.group}"


def _in_place(admin: Path, wish: _Wish, report: Report, *, dry_run: bool) -> None:
    scratch = arriving.scratch()
    chosen = backends.choose(scratch, admin, wish.backend)
    plan = backends.ask(scratch, chosen, admin, wish.keys, wish.repos, wish.group)
    if plan.versioned:
        raise UsageError(f"{admin} is not a clone", hint=f"{chosen} needs a clone of its admin repository")
    before, after = admin_clone.changes(admin, plan.files)
    report.planned(chosen, plan, before, after, diffs.unified(before, after))
    if after and not dry_run:
        plain_folder.write(admin, before, after, plan.requests)
        report.written(after)


def _committed(clone: Clone, wish: _Wish, report: Report, *, dry_run: bool) -> None:
    with admin_clone.committed(clone) as tree:
        chosen = backends.choose(clone.repo, tree, wish.backend)
        plan = backends.ask(clone.repo, chosen, tree, wish.keys, wish.repos, wish.group)
        if not plan.versioned:
            raise UsageError(f"{clone.folder} is a clone, which {chosen} does not go by", hint="--admin ~/.ssh")
        before, after = admin_clone.changes(tree, plan.files)
    admin_clone.refuse_if_dirty(clone, after)
    report.planned(chosen, plan, before, after, diffs.unified(before, after))
    order = Order(clone, plan, after, wish.subject, chosen, wish.timeout)
    seen = enrolling.look_round(order)
    if dry_run:
        report.would_push([each for each in seen if order.files or each.oid != clone.head])
        return
    if order.files:
        report.commit = admin_clone.commit(clone, order.files, order.subject, order.backend)
        report.written(order.files)
    enrolling.bring(order, seen, report.server)


def _keys(accounts: Sequence[str]) -> dict[str, keys.PublicKey]:
    """The keys by the names that they are to have.

    :raises UsageError: a name is none at all, or twice there; a file holds no public key.
    """
    found: dict[str, keys.PublicKey] = {}
    for text in accounts:
        name, equals, file = text.partition("=")
        if not equals or not name or not file or re.search(r"[\s/\x00-\x1f\x7f]", name):
            raise UsageError(f"{text!r} is not NAME=FILE.pub", hint="git_alpha.example.org=git_alpha.example.org.pub")
        if name in found:
            raise UsageError(f"the name {name} is given twice")
        found[name] = keys.read(Path(file))
    return found
