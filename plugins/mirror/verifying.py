"""``hookkit mirror verify``: one repository, or every one below a folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hookkit.api import HookkitError, Repository, summary, terminal
from hookkit_plugins.mirror import settings, store
from hookkit_plugins.mirror.link import Link
from hookkit_plugins.mirror.many import each_below
from hookkit_plugins.mirror.refs import RefFilter, short
from hookkit_plugins.mirror.remotes import Remote
from hookkit_plugins.mirror.retry import Deadline, DeliveryError
from hookkit_plugins.mirror.syncing import selected
from hookkit_plugins.mirror.unreached import Unreached
from hookkit_plugins.mirror.verify import Difference, difference

_COLUMNS = ("remote", "result", "equal", "missing", "different", "only there", "here", "there", "what")


class Verdict(NamedTuple):
    """What a remote said."""

    remote: Remote
    result: Difference | DeliveryError

    @property
    def in_sync(self) -> bool:
        """It has every ref as it is here."""
        return isinstance(self.result, Difference) and self.result.in_sync


def verify_one(repo: Repository, names: Sequence[str], as_json: bool) -> bool:
    """Compare ``repo`` with its remotes (those named; none named: all) and show it; whether all have everything."""
    verdicts = _asked(repo, selected(repo, names), Unreached())
    if as_json:
        terminal.as_json([_data(each) for each in verdicts])
    elif verdicts:
        _table(_COLUMNS, [_row(each) for each in verdicts], verdicts)
    else:
        terminal.say("no remotes: add one with git remote add NAME URL")
    return all(each.in_sync for each in verdicts)


def verify_below(folder: Path, names: Sequence[str], as_json: bool) -> bool:
    """The same for every repository below ``folder``; what is in sync is only counted for people.

    :param names: remotes; in repositories without them nothing is done.
    """
    unreadable: list[OSError] = []
    found: list[tuple[Path, Verdict]] = []
    data: list[dict[str, object]] = []
    failed = 0
    hosts = Unreached()

    def asked(repo: Repository) -> list[Verdict]:
        everyone = selected(repo, ())
        return _asked(repo, [each for each in everyone if not names or each.name in names or each.of in names], hosts)

    for path, said in each_below(folder, asked, unreadable.append):
        if isinstance(said, HookkitError):
            failed += 1
            data.append({"repository": str(path), "remotes": [], "error": summary(said)})
            terminal.warn(f"{path}: {summary(said)}")
            continue
        found += [(path, verdict) for verdict in said]
        data.append({"repository": str(path), "remotes": [_data(each) for each in said], "error": None})
    for error in unreadable:
        terminal.warn(f"{error.filename}: {error.strerror}")
    wrong = [(path, verdict) for path, verdict in found if not verdict.in_sync]
    if as_json:
        terminal.as_json(data)
    else:
        if wrong:
            rows = [(str(path), *_row(verdict)) for path, verdict in wrong]
            _table(("repository", *_COLUMNS), rows, [verdict for _, verdict in wrong])
        count = f"{len(data)} {'repository' if len(data) == 1 else 'repositories'} below {folder}"
        terminal.say(f"{count}: {len(found) - len(wrong)} of {len(found)} remotes have everything")
    return not (wrong or failed or unreadable)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], verdicts: Sequence[Verdict]) -> None:
    terminal.table("", columns, rows, ["ok" if each.in_sync else "problem" for each in verdicts])


def _asked(repo: Repository, targets: Sequence[Remote], hosts: Unreached) -> list[Verdict]:
    chosen = settings.read(repo)
    mirrored = RefFilter(chosen.refs)
    outbox = store.Outbox(None)  # what is learned on the way is not written down
    ours = repo.refs()
    verdicts = []
    try:
        for each in targets:
            if known := hosts.failure(each):
                verdicts.append(Verdict(each, DeliveryError(known)))
                continue
            try:
                theirs = Link(repo, chosen, each, outbox, Deadline(chosen.deadline)).refs()
            except DeliveryError as error:
                hosts.note(each, error.failure)
                verdicts.append(Verdict(each, error))
            else:
                hosts.note(each, None)
                verdicts.append(Verdict(each, difference(ours, theirs, mirrored)))
    finally:
        outbox.close()
    return verdicts


def _row(verdict: Verdict) -> tuple[str, ...]:
    name, result = verdict.remote.name, verdict.result
    if isinstance(result, DeliveryError):
        return name, result.failure.kind.value, "-", "-", "-", "-", "-", "-", result.failure.cause
    names = [*result.missing, *result.different][:3]
    counts = (result.equal, len(result.missing), len(result.different), len(result.only_there))
    said = "in-sync" if result.in_sync else "different"
    marks = (result.here[:12], result.there[:12])
    return name, said, *map(str, counts), *marks, ", ".join(map(short, names))


def _data(verdict: Verdict) -> dict[str, Any]:
    name, result = verdict.remote.name, verdict.result
    if isinstance(result, DeliveryError):
        return {"remote": name, "result": "unknown", "error": str(result.failure)}
    return {
        "remote": name,
        "result": "in-sync" if result.in_sync else "different",
        "equal": result.equal,
        "missing": result.missing,
        "different": {ref: {"here": here, "there": there} for ref, (here, there) in result.different.items()},
        "only_there": result.only_there,
        "fingerprint": {"here": result.here, "there": result.there},
    }
