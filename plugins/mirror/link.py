"""The connection to one remote: list its refs, push to it, fetch from it."""

from collections.abc import Iterable
from functools import partial

from hookkit.api import NetworkResult, Repository, git_over_network
from hookkit_plugins.mirror import failures, porcelain
from hookkit_plugins.mirror.failures import Failure, Kind
from hookkit_plugins.mirror.plan import Change
from hookkit_plugins.mirror.porcelain import Fate, RefResult
from hookkit_plugins.mirror.remotes import ALIAS, Remote
from hookkit_plugins.mirror.retry import Deadline, DeliveryError, retrying
from hookkit_plugins.mirror.settings import MirrorSettings
from hookkit_plugins.mirror.store import Outbox

# More names than this are not worth sending: the remote then lists everything.
_ASK_BY_NAME = 50


class Link:
    """Network commands against ``remote``, each within ``deadline``, each tried again while that makes sense."""

    def __init__(
        self, repo: Repository, settings: MirrorSettings, remote: Remote, outbox: Outbox, deadline: Deadline
    ) -> None:
        self._repo = repo
        self._settings = settings
        self._remote = remote
        self._outbox = outbox
        self._deadline = deadline

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
        for batch in porcelain.batches(changes):
            send = partial(self._pushed, batch, push_option)
            results |= retrying(send, self._settings.attempts, self._deadline)
        return results

    def _pushed(self, changes: list[Change], push_option: str | None) -> dict[str, RefResult]:
        with_option = push_option is not None and self._outbox.takes_push_options(self._remote.name)
        options = [push_option] if with_option and push_option else []
        result = self._git(*porcelain.arguments(changes, options))
        if with_option and failures.NO_PUSH_OPTIONS in result.stderr:
            self._outbox.learn_push_options(self._remote.name, self._remote.urls[0], takes=False)
            result = self._git(*porcelain.arguments(changes, ()))
        results = porcelain.parse(result.stdout)
        if result.timed_out or any(change.ref not in results for change in changes):
            raise DeliveryError(failures.classify(result.status, result.stderr, result.seconds))
        if all(each.fate is Fate.BUSY for each in results.values()):
            reason = next(iter(results.values())).reason
            raise DeliveryError(Failure(Kind.BUSY, reason))
        return {
            ref: each._replace(reason=str(failures.refusal(each.reason, result.stderr)))
            if each.fate is Fate.REFUSED
            else each
            for ref, each in results.items()
        }

    def fetch(self, oid_to_ref: dict[str, tuple[str, str]]) -> None:
        """Fetch values of remote refs into refs here: object id to (ref there, ref here).

        :raises DeliveryError: that failed.
        """
        refspecs = [f"+{there}:{here}" for there, here in oid_to_ref.values()]
        quietly = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--recurse-submodules=no")
        result = self._git("fetch", *quietly, "--", ALIAS, *refspecs)
        if result.status != 0:
            raise DeliveryError(failures.classify(result.status, result.stderr, result.seconds))

    def _git(self, *args: str) -> NetworkResult:
        left = self._deadline.check()
        return git_over_network(
            self._repo,
            *args,
            timeout=left,
            config=self._remote.config,
            connect_timeout=min(self._settings.connect_timeout, left),
        )
