"""What ``hookkit setup enroll`` says: as it happens, or at the end as JSON; and whether all went well."""

from collections.abc import Mapping, Sequence

from hookkit.api import HookkitError, terminal
from hookkit_plugins.setup.enroll.plan import Plan
from hookkit_plugins.setup.enroll.servers import Outcome, Seen

_WORDS = {"pushed": "pushed, it answers", "up to date": "up to date", "not asked": "not asked"}


class Report:
    """One run.

    :ivar commit: the commit that was made.
    """

    def __init__(self, *, dry_run: bool, as_json: bool) -> None:
        self._dry_run = dry_run
        self._as_json = as_json
        self._plan = Plan({})
        self._backend = ""
        self._diff: Sequence[str] = ()
        self._files: dict[str, str] = {}
        self._outcomes: list[Outcome] = []
        self._would_push: list[str] = []
        self.commit: str | None = None

    def planned(
        self, backend: str, plan: Plan, before: Mapping[str, str], after: Mapping[str, str], diff: Sequence[str]
    ) -> None:
        """What is to be done; a dry run shows it."""
        self._backend, self._plan, self._diff = backend, plan, diff
        self._files = {path: "changed" if path in before else "added" for path in after}
        for note in plan.notes:
            terminal.warn(note)
        if self._dry_run:
            for line in diff:
                self._say(line)

    def written(self, files: Mapping[str, str]) -> None:
        """These are written."""
        for path in files:
            self._say(f"{path}: {self._files[path]}")

    def would_push(self, seen: Sequence[Seen]) -> None:
        """Where a dry run would have pushed."""
        self._would_push = [each.server.name for each in seen]
        for each in seen:
            self._say(f"{each.server.name}: {f'failed, {each.failure}' if each.failure else 'would be pushed to'}")

    def server(self, outcome: Outcome) -> None:
        """One server is done."""
        self._outcomes.append(outcome)
        if outcome.result != "up to date":
            self._say(f"{outcome.server.name}: {_WORDS.get(outcome.result) or f'failed, {outcome.failure}'}")

    def end(self) -> None:
        """The last line, or the JSON.

        :raises HookkitError: a server is not as it should be.
        """
        changed = bool(self._files or self._would_push or any(each.result == "pushed" for each in self._outcomes))
        failed = [each for each in self._outcomes if each.result in ("failed", "not asked")]
        if self._as_json:
            terminal.as_json(self._data(changed))
        elif not changed and not failed:
            self._say("nothing changed")
        if failed:
            raise _error(failed, len(self._outcomes))

    def _say(self, line: str) -> None:
        if not self._as_json:
            terminal.say(line)

    def _data(self, changed: bool) -> dict[str, object]:
        return {
            "backend": self._backend,
            "changed": changed,
            "dry_run": self._dry_run,
            "repositories": list(self._plan.repositories),
            "files": self._files,
            "diff": "".join(f"{line}\n" for line in self._diff),
            "commit": self.commit,
            "notes": list(self._plan.notes),
            "servers": [
                {
                    "server": each.server.name,
                    "result": each.result,
                    "error": str(each.failure) if each.failure else None,
                    "hint": each.failure.hint if each.failure else None,
                }
                for each in self._outcomes
            ],
        }


def _error(failed: Sequence[Outcome], count: int) -> HookkitError:
    cause = "\n".join(f"{each.server.name}: {each.failure or 'not asked'}" for each in failed)
    # Those that have it and no longer work are nothing to wait for.
    broken = [each for each in failed if each.answered]
    if broken:
        names = ", ".join(each.server.name for each in broken)
        message = f"{names} took the push, but {'does' if len(broken) == 1 else 'do'} not work with it"
        hints = [each.failure.hint for each in broken if each.failure and each.failure.hint]
        return HookkitError(message, cause=cause, hint="\n".join(hints) or None)
    hint = next((each.failure.hint for each in failed if each.failure and each.failure.hint), None)
    message = f"{len(failed)} of {count} servers do not have it"
    return HookkitError(message, cause=cause, hint=hint or "when that is settled, run it again")
