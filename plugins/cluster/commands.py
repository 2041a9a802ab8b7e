"""``hookkit cluster status | conflicts | log | compact | forget | verify``."""

import time
from collections.abc import Sequence

import click

from hookkit.api import Repository, UsageError, announce, terminal
from hookkit_plugins.cluster import (
    advice,
    anew,
    checking,
    engine,
    hooks,
    journal,
    logged,
    merging,
    notes,
    replaced,
    settings,
)
from hookkit_plugins.cluster.resolve import CONFLICTS
from hookkit_plugins.cluster.result import Moved, Result
from hookkit_plugins.cluster.status import Bad, Kept, conflicts, forgotten, node_rows, standings

_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_NONE = "no journal yet: it begins with the first push, or with hookkit mirror sync"
_NODES = ("node", "entries", "last", "has followed")
_LOG = ("when", "entry", "pusher", "what")


@click.group(name="cluster")
def cluster() -> None:
    """The journals of the nodes, and what came of pushes that met."""


@cluster.command(name="status", short_help="Show the nodes, and how far each has followed.")
@_as_json
@click.pass_context
def show_status(context: click.Context, as_json: bool) -> None:
    """Show the nodes: the last entry of each that is here, and how far it had followed the others then."""
    repo: Repository = context.obj.repository()
    found, bad = standings(repo)
    gone = forgotten(repo)
    _warn(bad)
    if as_json:
        nodes = [
            {
                "node": node,
                "entries": last.entry.seq,
                "time": last.entry.time / 1000,
                "followed": dict(last.entry.past),
                "forgotten": node in gone,
            }
            for node, last in found
        ]
        terminal.as_json({"node": repo.node, "nodes": nodes, "conflicts": [_data(each) for each in conflicts(repo)]})
        return
    if not found:
        terminal.say(_NONE)
        return
    terminal.table("", _NODES, node_rows(found, repo.node, time.time(), gone))
    kept = len(conflicts(repo))
    if kept:
        terminal.say(f"{kept} conflict{'' if kept == 1 else 's'}: hookkit cluster conflicts")
    _still_reached(repo)


@cluster.group(
    name="conflicts", invoke_without_command=True, short_help="List what lost when several nodes were pushed to."
)
@_as_json
@click.pass_context
def show_conflicts(context: click.Context, as_json: bool) -> None:
    """List what lost when several nodes were pushed to at once, and what can be done with it."""
    if context.invoked_subcommand:
        return
    repo: Repository = context.obj.repository()
    found = conflicts(repo)
    if as_json:
        terminal.as_json([_data(each) for each in found])
    elif not found:
        terminal.say("no conflicts")
    else:
        rows = [(_name(each), each.ref, each.node, each.oid[:7], _subject(repo, each.oid)) for each in found]
        terminal.table("", ("conflict", "ref", "pushed to", "commit", "subject"), rows)
        terminal.say(
            "hint: hookkit cluster conflicts show|merge|drop CONFLICT; in a clone: git pull origin refs/conflicts/CONFLICT"
        )


@show_conflicts.command(name="show")
@click.argument("conflict")
@click.pass_context
def show_one(context: click.Context, conflict: str) -> None:
    """Show what CONFLICT has that its branch has not."""
    repo: Repository = context.obj.repository()
    kept = _named(repo, conflict)
    lost = merging.lost_at(repo, kept.ref, kept.kept, kept.oid)
    now = f"is {lost.winner or 'no more'}" if not lost.beside else f"cannot exist beside {lost.beside}"
    terminal.say(f"{kept.ref} {now}; {kept.oid} was pushed to {kept.node}, entry {kept.seq}")
    without = [f"^{lost.winner}"] if lost.winner else []
    listed = repo.git("log", "--oneline", "--no-decorate", kept.oid, *without, "--", check=False)
    for line in listed.text().splitlines():
        terminal.say(f"  {line}")
    terminal.say(f"hint: {advice.cure(lost)}; to be rid of it: {advice.drop(lost)}")


@show_conflicts.command(name="drop", short_help="Delete CONFLICT, on every node.")
@click.argument("conflict", nargs=-1, required=True)
@click.pass_context
def drop(context: click.Context, conflict: Sequence[str]) -> None:
    """Delete CONFLICT, on every node: what it keeps is wanted by nobody."""
    repo: Repository = context.obj.repository()
    chosen = [_named(repo, each) for each in conflict]
    for each in chosen:
        problem = journal.try_move(repo, {each.kept: (each.oid, None)}, "hookkit: dropped")
        if problem:
            raise UsageError(f"{_name(each)} could not be dropped", cause=problem)
        terminal.say(f"dropped {_name(each)}; it was {each.oid}")
    _announce(repo, hooks.together(repo, settings.read(repo), [each.kept for each in chosen]))


@show_conflicts.command(name="merge", short_help="Merge CONFLICT into its branch, on every node.")
@click.argument("conflict")
@click.pass_context
def merge(context: click.Context, conflict: str) -> None:
    """Merge CONFLICT into its branch, on every node; only where that leaves nothing to decide."""
    repo: Repository = context.obj.repository()
    kept = _named(repo, conflict)
    merged = merging.merge(repo, kept.ref, kept.kept, kept.oid)
    terminal.say(f"{kept.ref} is now {merged.new}")
    result = hooks.together(repo, settings.read(repo), [kept.ref], pusher=merging.by(repo))
    result.moved = [Moved(merged, None, merging.by(repo)), *result.moved]
    _announce(repo, result)


def _announce(repo: Repository, result: Result) -> None:
    """Tell people and other plugins of it: so it is carried to the other nodes."""
    for line in notes.lines(result):
        terminal.warn(line)
    announce(repo, notes.pushes(result, repo.node), "cluster")


@cluster.command(name="log", short_help="Show who pushed what where, from the journals.")
@click.argument("node", nargs=-1)
@click.option("-n", "limit", metavar="N", type=click.IntRange(1), default=20, show_default=True, help="At most N.")
@_as_json
@click.pass_context
def show_log(context: click.Context, node: Sequence[str], limit: int, as_json: bool) -> None:
    """Show the entries of the journals (all, or those of NODE), newest first: who pushed what where."""
    repo: Repository = context.obj.repository()
    heads = journal.heads(repo)
    for each in node:
        if each not in heads:
            raise UsageError(f"there is no journal of {each!r}", hint=f"there are: {', '.join(heads) or 'none'}")
    found, bad = logged.entries(repo, node or heads)
    records = found[:limit]
    _warn(bad)
    if as_json:
        terminal.as_json([logged.data(record) for record in records])
        return
    if not records:
        terminal.say(_NONE)
        return
    rows = [
        (logged.when(record), f"{record.entry.node} {record.entry.seq}", record.pusher or "-", logged.what(record))
        for record in records
    ]
    terminal.table("", _LOG, rows)


@cluster.command(name="compact", short_help="Begin this node's journal anew with a checkpoint.")
@click.pass_context
def compact_journal(context: click.Context) -> None:
    """Have this node's journal begin anew with a checkpoint, which stands for all entries until now.

    Nodes that were away are brought back by it. What no ref and no conflict names any more is unreachable once every
    node has done this, and no journal is said to reach it still; 'git gc --prune=now' on each then removes it.
    """
    repo: Repository = context.obj.repository()
    result = anew.compact(repo, settings.read(repo))
    if not result.journals:
        there = repo.node in journal.heads(repo)
        terminal.say("nothing to do: the journal has no entry since its last checkpoint" if there else _NONE)
    else:
        _announce(repo, result)
        terminal.say("the journal begins anew; do the same on the other nodes: hookkit cluster compact")
    _still_reached(repo)


def _still_reached(repo: Repository) -> None:
    for line in replaced.lines(replaced.reached(repo), forgotten(repo)):
        terminal.say(line)


@cluster.command(name="forget", short_help="Write down that NODE will not come back.")
@click.argument("node")
@click.pass_context
def forget_node(context: click.Context, node: str) -> None:
    """Write down that NODE will not come back: what it pushed stays, nobody waits for it."""
    repo: Repository = context.obj.repository()
    known = {*journal.heads(repo)} - {repo.node}
    if node not in known:
        raise UsageError(f"there is no other node {node!r}", hint=f"there are: {', '.join(sorted(known)) or 'none'}")
    if node in forgotten(repo):
        terminal.say(f"{node} is forgotten already")
        return
    _announce(repo, engine.forget(repo, settings.read(repo), node))
    terminal.say(
        f"{node} is forgotten; on every node, remove its key from the file of signers, and the remote of that name"
    )


@cluster.command(short_help="Work out every ref from the journals, and compare.")
@_as_json
@click.pass_context
def verify(context: click.Context, as_json: bool) -> None:
    """Work out every ref from the journals alone, check their signatures, and compare; exit status 1 if anything differs."""
    repo: Repository = context.obj.repository()
    found = checking.verify(repo, settings.read(repo))
    if as_json:
        terminal.as_json(found._asdict())
    elif not found.nodes:
        terminal.say(_NONE)
    else:
        for line in found.problems:
            terminal.say(line)
        terminal.say(
            f"{_count(found.entries, 'entry', 'entries')} of {_count(found.nodes, 'node', 'nodes')} make "
            f"{_count(found.refs, 'ref', 'refs')}: "
            + ("not as they are here" if found.different else "as they are here")
        )
    if found.problems:
        context.exit(1)


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _warn(bad: Sequence[Bad]) -> None:
    for each in bad:
        terminal.warn(f"{each}; unless a disk has lost something: {each.cure}")


def _named(repo: Repository, name: str) -> Kept:
    full = name if name.startswith(CONFLICTS) else CONFLICTS + name
    for each in conflicts(repo):
        if each.kept == full:
            return each
    raise UsageError(f"there is no conflict {name!r}", hint="hookkit cluster conflicts lists them")


def _name(kept: Kept) -> str:
    return kept.kept.removeprefix(CONFLICTS)


def _subject(repo: Repository, oid: str) -> str:
    return repo.git("log", "-1", "--no-show-signature", "--format=%s", oid, "--", check=False).text()


def _data(kept: Kept) -> dict[str, object]:
    return {"ref": kept.ref, "kept": kept.kept, "node": kept.node, "oid": kept.oid}
