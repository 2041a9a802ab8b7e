"""The plugins' part of one hook call: who is called, in which order, and what their answers come to."""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from hookkit import discovery, trace
from hookkit.catalogue import HOOKS, Hook
from hookkit.discovery import Cache, Found
from hookkit.errors import ConfigError, summary
from hookkit.options import TIMEOUT
from hookkit.repository import Repository
from hookkit.text import one_line, shown
from hookkit.values import ProcResult, Push, Refusal

Emit = Callable[[str], None]


def wanted(repo: Repository, hook: Hook, cache: Cache, fail: Callable[[str, str], None]) -> list[Found]:
    """Who is to be called, in order: those who are on and implement ``hook``, or of whom that is not known.

    :param fail: is told of a plugin that cannot be called.
    """
    found: list[tuple[int, Found]] = []
    for each in cache.plugins:
        implemented = cache.implemented(each)
        if cache.shadowed(each) or (implemented is not None and hook.spec not in implemented):
            continue
        try:
            if each.enabled(repo.config):
                found.append(((implemented or {}).get(hook.spec, 0), each))
        except ConfigError as error:
            fail(_who(each), f"is neither on nor off: {summary(error)}")
    for entry in discovery.missing(cache, repo.config):
        name = entry.key.split(".", 1)[1].rpartition(".")[0]
        fail(
            name, f"is switched on in {entry.place} but not installed; to do without it: hookkit plugins disable {name}"
        )
    return [each for _, each in sorted(found, key=lambda pair: pair[0])]


def _who(found: Found) -> str:
    return f"{found.name} ({found.distribution})"


class Dispatch:
    """One call of one hook. Plugins are imported in child processes only, never in this one."""

    def __init__(self, repo: Repository, hook: Hook, args: Sequence[str], emit: Emit) -> None:
        self._repo = repo
        self._hook = hook
        self._args = args
        self._emit = emit
        self._status = 0
        # What has happened cannot be refused, nor a state that git may invent; githooks(5).
        over = hook.name == "reference-transaction" and not {"preparing", "prepared"} & {*args}
        self._refuses = hook.refuses and not over

    def run(self, stdin: bytes) -> int:
        """Call everybody; the exit status for git: 1 if anybody refused, or failed in a hook that can refuse."""
        if plugins := self._wanted():
            # Only now: most hook calls have nobody to call.
            from hookkit import events

            arguments = events.parse(self._hook.name, self._args, stdin, os.environ, Path.cwd())
            self._tell(plugins, [("", arguments)])
        return self._status

    def announce(self, pushes: Iterable[Push], by: str) -> None:
        """Tell everybody but the plugin ``by`` about what it did."""
        plugins = [found for found in self._wanted() if found.name != by]
        self._tell(plugins, [(by, {"push": push}) for push in pushes])

    def _tell(self, plugins: list[Found], told: list[tuple[str, dict[str, object]]]) -> None:
        """Call everybody, about what others did in their calls too; those who were called before they did, once more.

        :param told: who did it, and the arguments of the hook.
        """
        if len(plugins) > 1:
            # What each of them would import in its own process is imported once.
            from hookkit import manager, multiplex  # noqa: F401
        heard = {}
        for found in plugins:
            heard[found.name] = len(told)
            answer = self._call(found, [arguments for by, arguments in told if by != found.name])
            told += [(found.name, {"push": Push.restored(each)}) for each in answer.get("pushes", ())]
        for found in plugins:
            news = [arguments for by, arguments in told[heard[found.name] :] if by != found.name]
            if news:
                self._call(found, news)

    def proc_receive(self) -> int:
        """Have the conversation of ``proc-receive``: the first plugin that answers decides."""
        from hookkit import proc_receive
        from hookkit.environment import pusher

        plugins = self._wanted()

        def decide(push: Push) -> list[ProcResult]:
            for found in plugins:
                results = self._call(found, [{"push": push}]).get("results")
                if results is not None:
                    return [ProcResult(ref, reason) for ref, reason in results]
            reason = "a plugin failed" if self._status else "no plugin took it"
            return [ProcResult(update.ref, reason) for update in push.updates]

        proc_receive.serve(sys.stdin.buffer, sys.stdout.buffer, pusher(os.environ), decide)
        # Refusals travel in the protocol, ref by ref; an exit status would turn them into a broken conversation.
        return 0

    def _wanted(self) -> list[Found]:
        self._cache = discovery.cached(self._repo)
        found = wanted(self._repo, self._hook, self._cache, self._fail)
        self._traced = trace.is_on(self._repo.settings())
        if self._traced and not found:
            self._emit(trace.nobody(self._hook.name))
        return found

    def _call(self, found: Found, calls: list[dict[str, object]]) -> dict[str, Any]:
        """Call one plugin, once for each of ``calls``; its answer, as :func:`_answer` has it."""
        from hookkit import asking

        try:
            timeout = self._repo.settings(found.name).get(TIMEOUT)
        except ConfigError as error:
            self._fail(_who(found), f"has no time limit: {summary(error)}")
            return {}
        value, failed = asking.ask(
            found,
            self._hook.spec,
            [{"repo": self._repo, **arguments} for arguments in calls],
            _answer,
            doing=f"{self._hook.name} of plugin {found.id} in {self._repo.git_dir}",
            timeout=timeout,
            emit=self._emit,
            plugins=self._cache.plugins,
            trace=self._hook.name if self._traced else None,
        )
        if "hooks" in value:
            discovery.remember(self._repo, found, value["origin"], value["hooks"])
        if failed is None and "pushes" in value and self._hook.name != "post-receive":
            failed = "returned pushes, which only post-receive may"
        if failed:
            self._fail(_who(found), failed)
        elif "refused" in value:
            self._refuse(found, value["refused"])
        return value

    def _refuse(self, found: Found, reason: str) -> None:
        if not self._refuses:
            self._fail(
                _who(found), f"tried to refuse in {' '.join([self._hook.name, *self._args[:1]])}, where it is too late"
            )
            return
        self._status = 1
        first, *more = shown(reason).strip().splitlines() or ["no reason given"]
        self._emit(f"hookkit: refused by {found.name}: {first}")
        for line in more:
            self._emit(f"hookkit:   {line}")

    def _fail(self, who: str, what: str) -> None:
        """In a hook that can refuse, a plugin that does not answer refuses: its consent is not assumed."""
        if self._refuses:
            self._status = 1
            self._emit(f"hookkit: refused, since plugin {who} {what}")
        else:
            self._emit(f"hookkit: plugin {who} {what}")


def _answer(value: object) -> dict[str, Any]:
    """What a hook's implementation returned, as JSON values."""
    match value:
        case None:
            return {}
        case Refusal(reason=reason):
            return {"refused": str(reason)}
        case [*items] if items and all(isinstance(item, ProcResult) for item in items):
            return {"results": items}
        case [*items] if all(isinstance(item, Push) for item in items):
            return {"pushes": items}
    return {"failed": f"returned {type(value).__name__} {one_line(repr(value), 80)}, expected Refusal or None"}


def announce(repo: Repository, pushes: Sequence[Push], by: str) -> None:
    """Have ``post-receive`` of the plugins that are on in ``repo`` called, once for each of ``pushes``.

    For commands: a plugin that runs in ``post-receive`` itself returns what it did.

    :param by: the plugin that did it, which is not told.
    """
    if not pushes:
        return
    before, here = os.environ.get("GIT_DIR"), Path.cwd()
    # As under git; githooks(5).
    os.environ["GIT_DIR"] = "."
    os.chdir(repo.git_dir)
    try:
        Dispatch(Repository.of_hook(), HOOKS["post-receive"], (), _to_stderr).announce(pushes, by)
    finally:
        os.chdir(here)
        del os.environ["GIT_DIR"]
        if before is not None:
            os.environ["GIT_DIR"] = before


def _to_stderr(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
