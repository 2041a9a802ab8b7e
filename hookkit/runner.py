"""What a hook stub starts: the kept hook first, then the plugins that the repository enabled.

``python -I -m hookkit.runner HOOK STUB [ARGUMENT...]``: ``STUB`` is the path of the stub, as git called it. This is the
hot path: what is imported here is paid for by every push.
"""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hookkit import discovery
from hookkit.catalogue import HOOKS, Hook
from hookkit.discovery import Cache, Found
from hookkit.errors import ConfigError, HookkitError
from hookkit.options import TIMEOUT
from hookkit.process import run_hook_file
from hookkit.repository import Repository
from hookkit.text import one_line, plain
from hookkit.values import ProcResult, Push, Refusal

KEPT_PREFIX = "hookkit-kept-"
"""An existing hook ``X`` is kept beside the stub as ``hookkit-kept-X``: what it finds beside itself, it still finds."""

Emit = Callable[[str], None]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one hook; the exit status is what git shall see. Nobody sees a traceback."""
    argv = sys.argv[1:] if argv is None else argv
    hook = HOOKS[argv[0]]
    try:
        stdin = sys.stdin.buffer.read() if hook.stdin and hook.name != "proc-receive" else b""
        return run(Repository.of_hook(), hook, argv[2:], stdin, kept=_kept(Path(argv[1]), hook), emit=say)
    except KeyboardInterrupt:
        return 130
    except HookkitError as error:
        _show(error)
        return error.exit_status if hook.refuses else 0
    except Exception as error:
        from hookkit.state import write_report

        report = write_report(error, f"hook {hook.name}")
        _show(HookkitError("hookkit has a bug, sorry", cause=str(error), hint=f"the details are in {report}"))
        return 3 if hook.refuses else 0


def say(line: str) -> None:
    """Show one line to whoever started git; if nobody listens any more, the work goes on."""
    try:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass


def _show(error: HookkitError) -> None:
    from hookkit import errors

    for line in errors.lines(error):
        say(f"hookkit: {line}")


def _kept(stub: Path, hook: Hook) -> Path | None:
    kept = stub.with_name(KEPT_PREFIX + hook.name)
    return kept if os.access(kept, os.X_OK) and not kept.is_dir() else None


def run(repo: Repository, hook: Hook, args: Sequence[str], stdin: bytes, *, kept: Path | None, emit: Emit) -> int:
    """Run ``hook``: ``kept`` (the hook that was there before), then every enabled plugin that implements it.

    :returns: the exit status: that of the first who refuses, 0 if nobody does.
    """
    status = 0
    if kept is not None:
        try:
            status = run_hook_file(kept.absolute(), args, stdin=stdin if hook.stdin else None)
        except HookkitError as error:
            _show(error)
            status = 1
    plugins = _Call(repo, hook, emit).run(args, stdin)
    return status or plugins


class _Call:
    """The plugins' part of one hook call. Plugins are imported in child processes only, never in this one."""

    def __init__(self, repo: Repository, hook: Hook, emit: Emit) -> None:
        self._repo = repo
        self._hook = hook
        self._emit = emit
        self._status = 0

    def run(self, args: Sequence[str], stdin: bytes) -> int:
        cache = discovery.cached(self._repo)
        wanted = self._wanted(cache)
        if not wanted:
            return self._status
        # Only now: most hook calls have nobody to call.
        from hookkit import events

        if self._hook.name == "proc-receive":
            return self._status or self._proc_receive(cache, wanted)
        arguments = events.parse(self._hook.name, args, stdin, os.environ, Path.cwd())
        for found in wanted:
            self._call(cache, found, arguments)
        return self._status

    def _wanted(self, cache: Cache) -> list[Found]:
        """Who is to be called, in order: those who are enabled and implement this hook, or of whom that is not known."""
        wanted: list[tuple[int, Found]] = []
        for found in cache.plugins:
            if cache.shadowed(found):
                continue
            try:
                if not found.enabled(self._repo.config):
                    continue
            except ConfigError as error:
                self._fail(found, f"is neither on nor off: {error.message} ({error.cause})")
                continue
            implemented = cache.implemented(found)
            if implemented is None or self._hook.spec in implemented:
                wanted.append(((implemented or {}).get(self._hook.spec, 0), found))
        return [found for _, found in sorted(wanted, key=lambda pair: pair[0])]

    def _call(self, cache: Cache, found: Found, arguments: dict[str, object]) -> list[tuple[str, str | None]] | None:
        """Call one plugin; what it answers to ``proc-receive``."""
        from hookkit import isolation

        try:
            timeout = self._repo.settings(found.name).get(TIMEOUT)
        except ConfigError as error:
            self._fail(found, f"has no time limit: {error.message} ({error.cause})")
            return None
        answer = isolation.call(
            lambda: _invoke(found, self._hook.spec, {"repo": self._repo, **arguments}),
            f"{self._hook.name} of plugin {found.id} in {self._repo.git_dir}",
            timeout=timeout,
            emit=self._emit,
        )
        if "hooks" in answer.value and cache.implemented(found) != answer.value["hooks"]:
            discovery.remember(self._repo, discovery.cached(self._repo), {found: answer.value["hooks"]})
        failed = answer.failed or answer.value.get("failed")
        if failed:
            self._fail(found, failed)
        if "refused" in answer.value:
            self._refuse(found, answer.value["refused"])
        return answer.value.get("results")

    def _refuse(self, found: Found, reason: str) -> None:
        if not self._hook.refuses:
            self._fail(found, f"tried to refuse in {self._hook.name}, where nothing can be refused any more")
            return
        self._status = self._status or 1
        first, *more = plain(reason).strip().splitlines() or ["no reason given"]
        self._emit(f"hookkit: refused by {found.name}: {first}")
        for line in more:
            self._emit(f"hookkit:   {line}")

    def _fail(self, found: Found, what: str) -> None:
        """In a hook that can refuse, a plugin that does not answer refuses: its consent is not assumed."""
        if self._hook.refuses:
            self._status = self._status or 1
            self._emit(f"hookkit: refused, since plugin {found.name} ({found.distribution}) {what}")
        else:
            self._emit(f"hookkit: plugin {found.name} ({found.distribution}) {what}")

    def _proc_receive(self, cache: Cache, wanted: list[Found]) -> int:
        from hookkit import events, proc_receive

        def decide(push: Push) -> list[ProcResult]:
            for found in wanted:
                results = self._call(cache, found, {"push": push})
                if results is not None:
                    return [ProcResult(ref, reason) for ref, reason in results]
                if self._status:
                    return [ProcResult(update.ref, f"plugin {found.name} failed") for update in push.updates]
            return []

        proc_receive.serve(sys.stdin.buffer, sys.stdout.buffer, events.pusher(os.environ), decide)
        # Refusals travel in the protocol, ref by ref; an exit status would turn them into a broken conversation.
        return 0


def _invoke(found: Found, spec: str, arguments: dict[str, object]) -> dict[str, Any]:
    """In the child: load one plugin, call it, and put its answer into JSON values."""
    from hookkit.manager import Plugins

    plugins = Plugins((spec,))
    plugins.load([found])
    for _, error in plugins.problems:
        return {"failed": f"cannot be loaded: {one_line(error.cause or error.message)}"}
    answer: dict[str, Any] = {"hooks": plugins.implemented(found)}
    for _, call in plugins.calls(spec, **arguments):
        answer |= _plain_answer(call())
    return answer


def _plain_answer(value: object) -> dict[str, Any]:
    match value:
        case None:
            return {}
        case Refusal(reason=reason):
            return {"refused": str(reason)}
        case [*items] if items and all(isinstance(item, ProcResult) for item in items):
            return {"results": items}
    return {"failed": f"returned {type(value).__name__} {one_line(repr(value), 80)}, expected Refusal or None"}


if __name__ == "__main__":
    sys.exit(main())
