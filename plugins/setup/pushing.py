"""What came of pushing everything to one remote. Pure."""

from typing import NamedTuple

from hookkit.api import Failure, NetworkResult, failures, pushed_lines, reason_in

_WORDS = {" ": "pushed", "*": "new", "=": "up to date"}
# What is missing here; git-push(1) rejects it before anything is sent.
BEHIND = ("non-fast-forward", "fetch first")


class PushedRef(NamedTuple):
    """What became of one ref: ``up to date``, ``new``, ``pushed`` or ``rejected``, and why."""

    ref: str
    result: str
    why: str = ""


class Pushed(NamedTuple):
    """What became of one remote.

    :param failure: why it could not be reached; the refs are then those that it had answered for.
    """

    remote: str
    refs: tuple[PushedRef, ...]
    failure: Failure | None = None

    @property
    def ok(self) -> bool:
        """The remote has everything now."""
        return self.failure is None and not self.rejected

    @property
    def rejected(self) -> list[PushedRef]:
        """What it did not take."""
        return [each for each in self.refs if each.result == "rejected"]

    @property
    def moved(self) -> list[PushedRef]:
        """What it took."""
        return [each for each in self.refs if each.result in ("pushed", "new")]


def read(remote: str, result: NetworkResult) -> Pushed:
    """What ``git push --porcelain`` has said. A remote with several URLs answers for each: the worst counts."""
    found: dict[str, PushedRef] = {}
    order = ("up to date", "new", "pushed", "rejected")
    for flag, ref, summary in pushed_lines(result.stdout):
        word = _WORDS.get(flag, "rejected")
        each = PushedRef(ref, word, _why(ref, summary, result.stderr) if word == "rejected" else "")
        if ref not in found or order.index(word) > order.index(found[ref].result):
            found[ref] = each
    refs = tuple(found[ref] for ref in sorted(found))
    answered = result.status == 0 or (result.status == 1 and any(each.result == "rejected" for each in refs))
    failure = None if answered else failures.classify(result.status, result.stderr, result.seconds)
    return Pushed(remote, refs, failure)


def _why(ref: str, summary: str, stderr: str) -> str:
    reason = reason_in(summary)
    return reason if summary.startswith("[rejected]") else failures.refusal(ref, reason, stderr).cause
