"""The connection to one remote: list its refs, push to it, fetch from it."""

from collections.abc import Iterable
from functools import partial

from hookkit.api import (
    Failure,
    Kind,
    NetworkResult,
    Repository,
    SharedConnection,
    failures,
    git_over_network,
    shared_connection,
)
from hookkit_plugins.mirror import lines, porcelain
from hookkit_plugins.mirror.plan import Change
from hookkit_plugins.mirror.porcelain import Fate, RefResult
from hookkit_plugins.mirror.remotes import ALIAS, Remote
from hookkit_plugins.mirror.retry import Deadline, DeliveryError, retrying
from hookkit_plugins.mirror.settings import MirrorSettings
from hookkit_plugins.mirror.store import Outbox

# More names than this are not worth sending: the remote then lists everything.
_ASK_BY_NAME = 50
# How often a push that was refused as a whole is cut in two: enough to find one ref among a thousand.
_CUTS = 12
# Configuration of the account that would change what is sent, and that no option of the commands turns off.
_OURS = (("push.pushOption", ""),)


class Link:
    """Network commands against ``remote``, each within ``deadline``, each tried again while that makes sense.

    ``notes`` collects what the remote wants whoever pushed to know.
    """

    def __init__(
        self, repo: Repository, settings: MirrorSettings, remote: Remote, outbox: Outbox, deadline: Deadline
    ) -> None:
        self._repo = repo
        self._settings = settings
        self._remote = remote
        self._outbox = outbox
        self._deadline = deadline
        self.notes: list[str] = []
        self._shared = shared_connection(repo, remote.url) if settings.multiplex else SharedConnection(None)

    def refs(self, wanted: Iterable[str] | None = None) -> dict[str, str]:
        """What the remote has: all refs, or those ``wanted`` that it has.

        :raises DeliveryError: it does not say.
        """
        asked = None if wanted is None else set(wanted)
        by_name = sorted(asked) if asked is not None and len(asked) <= _ASK_BY_NAME else []
        result = retrying(lambda: self._listed(by_name), self._settings.attempts, self._deadline)
        found = porcelain.parse_refs(result.stdout)
        # A name given to ls-remote also matches refs that end like it.
        return found if asked is None else {ref: oid for ref, oid in found.items() if ref in asked}

    def _listed(self, names: list[str]) -> NetworkResult:
        result = self._git("ls-remote", "--refs", "--quiet", "--", ALIAS, *names)
        if result.status != 0:
            raise DeliveryError(failures.classify(result.status, result.stderr, result.seconds))
        return result

    def push(self, changes: list[Change], push_option: str | None) -> dict[str, RefResult]:
        """Send ``changes``; what became of each.

        :raises DeliveryError: the remote could not be reached, or did not answer for every ref.
        """
        results: dict[str, RefResult] = {}
        waiting = list(porcelain.batches(changes))
        cuts = 0
        while waiting:
            batch = waiting.pop(0)
            try:
                answer = retrying(partial(self._pushed, batch, push_option), self._settings.attempts, self._deadline)
            except DeliveryError:
                # These were cut from what was refused as a whole: that answer stays.
                if all(change.ref in results for change in changes):
                    return results
                raise
            results |= answer
            # One bad ref does not stop the others, also where the remote judges a push as a whole.
            if len(batch) > 1 and cuts < _CUTS and all(each.whole for each in answer.values()):
                cuts += 1
                waiting[:0] = [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
        return results

    def _pushed(self, changes: list[Change], push_option: str | None) -> dict[str, RefResult]:
        with_option = push_option is not None and self._outbox.takes_push_options(self._remote.name)
        options = [push_option] if with_option and push_option else []
        result, answered = self._sent(changes, options)
        if with_option and failures.NO_PUSH_OPTIONS in result.stderr:
            self._outbox.learn_push_options(self._remote.name, self._remote.shown_url, takes=False)
            result, answered = self._sent(changes, [])
        self.notes += lines.notes(result.stderr)
        results = porcelain.parse(result.stdout)
        if result.timed_out and answered:
            cause = f"not done after {result.seconds:.0f}s; there is much to send, or a hook there takes its time"
            raise DeliveryError(Failure(Kind.SLOW, cause))
        if result.timed_out or any(change.ref not in results for change in changes):
            raise DeliveryError(failures.classify(result.status, result.stderr, result.seconds))
        results = {ref: _judged(ref, each, result.stderr) for ref, each in results.items()}
        if all(each.fate is Fate.BUSY for each in results.values()):
            raise DeliveryError(Failure(Kind.BUSY, next(iter(results.values())).reason))
        if all(each.whole for each in results.values()):
            failure = failures.classify(result.status, result.stderr, result.seconds)
            if failure.kind in {Kind.DISK_FULL, Kind.READ_ONLY}:
                raise DeliveryError(failure)
        return results

    def _sent(self, changes: list[Change], options: list[str]) -> tuple[NetworkResult, bool]:
        """One push, and whether the remote had answered when it ended."""
        result = self._git(*porcelain.arguments(changes, options))
        stderr, answered = failures.without_progress(result.stderr)
        return result._replace(stderr=stderr), answered

    def fetch(self, oid_to_ref: dict[str, tuple[str, str]]) -> None:
        """Fetch values of remote refs into refs here: object id to (ref there, ref here).

        :raises DeliveryError: that failed.
        """
        refspecs = [f"+{there}:{here}" for there, here in oid_to_ref.values()]
        # Not --quiet: what takes long is to say that it goes on.
        options = ("--progress", "--no-tags", "--no-prune", "--no-write-fetch-head", "--no-auto-maintenance")
        result = self._git("fetch", *options, "--recurse-submodules=no", "--", ALIAS, *refspecs)
        if result.status != 0:
            stderr, _ = failures.without_progress(result.stderr)
            raise DeliveryError(failures.classify(result.status, stderr, result.seconds))

    def _git(self, *args: str) -> NetworkResult:
        result = self._git_once(*args)
        if result.status != 0 and self._shared.failed(result):
            result = self._git_once(*args)
        return result

    def _git_once(self, *args: str) -> NetworkResult:
        left = self._deadline.check()
        return git_over_network(
            self._repo,
            *args,
            timeout=left,
            config=(*self._remote.config, *_OURS),
            connect_timeout=min(self._settings.connect_timeout, left),
            ssh_options=self._shared.options(),
            go_on=self._deadline.put_off,
        )


def _judged(ref: str, result: RefResult, stderr: str) -> RefResult:
    """``result``, with what the remote said beside it."""
    if result.fate is Fate.BUSY:
        lasting, words = failures.about_lock(ref, result.reason, stderr)
        return result._replace(fate=Fate.REFUSED if lasting else Fate.BUSY, reason=words)
    if result.fate is Fate.REFUSED:
        return result._replace(reason=str(failures.refusal(ref, result.reason, stderr)))
    return result
