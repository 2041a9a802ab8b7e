"""What people read: one plain line per remote. Pure."""

from hookkit.api import ago, shown
from hookkit_plugins.mirror.refs import short
from hookkit_plugins.mirror.report import Report, Sent
from hookkit_plugins.mirror.store import Held
from hookkit_plugins.mirror.words import refs

# More refs than this are counted, not named.
_NAMED = 3
_LONGEST = 500
NOTE = "hookkit: note: "
"""How a line begins that is meant for whoever pushed, on whichever node it is said: every node passes it on."""


def line(report: Report, now: float) -> str:
    """The line about one remote: ``bravo  709387f..e2375b5 main  ok 0.21s``."""
    return _fit(f"hookkit: {report.remote.name}  {what(report, now, f'  ok {report.seconds:.2f}s')}")


def what(report: Report, now: float, done: str = "") -> str:
    """What a delivery came to: ``709387f..e2375b5 main``; ``done`` is said of what was sent."""
    parts = []
    if report.sent:
        parts.append(_sent(report.sent) + done)
    if report.held:
        parts.append(_held(report))
    if report.taken:
        parts.append(f"{refs(report.queued)} queued behind a push that is on its way")
    elif report.failure:
        parts.append(_failed(report, now))
    elif not parts:
        parts.append("in sync already")
    return _fit("; ".join(parts))


def _fit(text: str) -> str:
    return shown(text).replace("\n", " ")[:_LONGEST]


def notes(stderr: str) -> list[str]:
    """What the other side wants whoever pushed to know."""
    said = (line.removeprefix("remote: ").rstrip() for line in stderr.split("\n"))
    return [shown(line)[:_LONGEST] for line in said if line.startswith(NOTE)]


def hint(report: Report) -> str | None:
    """What to do about it, if there is something to do."""
    if report.failure is not None:
        return report.failure.hint
    return "hookkit mirror verify compares both sides, ref by ref" if report.held else None


def _sent(sent: tuple[Sent, ...]) -> str:
    if len(sent) > _NAMED:
        return f"{len(sent)} refs"
    return ", ".join(_change(each) for each in sent)


def _change(sent: Sent) -> str:
    change, name = sent.change, short(sent.change.ref)
    if change.new is None:
        return f"{name} deleted"
    if change.lease is None:
        return f"{name} new"
    return f"{change.lease[:7]}{'...' if sent.forced else '..'}{change.new[:7]} {name}"


def _held(report: Report) -> str:
    diverged = [held for held in report.held if held.verdict == "diverged"]
    refused = [held for held in report.held if held.verdict == "refused"]
    parts = []
    if diverged:
        what = f"{short(diverged[0].ref)} diverged" if len(diverged) == 1 else f"{len(diverged)} refs diverged"
        parts.append(f"{what}: {report.remote.name} has {_theirs(diverged)} that was never here; it is left alone")
    if refused:
        what = f"{short(refused[0].ref)} refused" if len(refused) == 1 else f"{len(refused)} refs refused"
        # The reason of a refusal begins with the word itself.
        parts.append(f"{what}: {refused[0].detail.removeprefix('refused: ')}")
    return "; ".join(parts)


def _theirs(diverged: list[Held]) -> str:
    return diverged[0].detail[:7] if len(diverged) == 1 else "something"


def _failed(report: Report, now: float) -> str:
    failure = report.failure
    if failure is None:
        return ""
    since = report.failing_since
    lasting = f" for {ago(now - since)}" if since is not None and now - since >= 1 else ""
    queued = f", {refs(report.queued)} queued" if report.queued else ""
    return f"{failure.kind.value}{lasting}{queued}: {failure.cause}"
