"""From what git gives a hook (arguments, standard input, environment) to the typed arguments of its hookspec. Pure."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from hookkit.environment import push_options, pusher
from hookkit.errors import UsageError
from hookkit.values import Push, PushedRef, RefUpdate, Rewrite


def parse(hook: str, args: Sequence[str], stdin: bytes, environ: Mapping[str, str], cwd: Path) -> dict[str, object]:
    """The arguments of the hookspec of ``hook``, without ``repo``.

    :raises UsageError: git does not call this hook so (a replay by hand with wrong arguments or input).
    """
    # Not splitlines(): a ref name may contain what Unicode takes for the end of a line.
    lines = os.fsdecode(stdin).split("\n")
    try:
        return _parse(hook, list(args), [line for line in lines if line], environ, cwd)
    except (ValueError, TypeError):
        raise UsageError(
            f"{hook}: arguments or input are not what git gives this hook", hint="see githooks(5): git help hooks"
        ) from None


def _parse(hook: str, args: list[str], lines: list[str], environ: Mapping[str, str], cwd: Path) -> dict[str, object]:
    match hook, args:
        case (("pre-receive" | "post-receive"), []):
            return {"push": Push(tuple(map(_ref_update, lines)), push_options(environ), pusher(environ))}
        case "update", [ref, old, new]:
            return {"update": RefUpdate(ref, old, new)}
        case "reference-transaction", [state]:
            return {"state": state, "updates": tuple(map(_ref_update, lines))}
        case "post-update", _:
            return {"refs": tuple(args)}
        case "pre-push", [remote, url]:
            # The local ref is what was typed, such as `HEAD@{2 days ago}`.
            return {"remote": remote, "url": url, "refs": tuple(PushedRef(*line.rsplit(" ", 3)) for line in lines)}
        case "post-rewrite", [command, *_]:
            pairs = (line.split(" ")[:2] for line in lines)
            return {"command": command, "rewritten": tuple(Rewrite(old, new) for old, new in pairs)}
        case (("commit-msg" | "applypatch-msg"), [path]):
            return {"path": cwd / path}
        case "prepare-commit-msg", [path, *rest]:
            source, commit = [*rest, None, None][:2]
            return {"path": cwd / path, "source": source, "commit": commit}
        case "pre-rebase", [upstream, *rest]:
            return {"upstream": upstream, "branch": rest[0] if rest else None}
        case "post-checkout", [old, new, branch]:
            return {"old": old, "new": new, "branch": branch == "1"}
        case "post-merge", [squash]:
            return {"squash": squash == "1"}
        case "push-to-checkout", [commit]:
            return {"commit": commit}
        case "sendemail-validate", [path, *rest]:
            return {"path": cwd / path, "headers": cwd / rest[0] if rest else None}
        case "post-index-change", [work_tree, skip_worktree]:
            return {"work_tree": work_tree == "1", "skip_worktree": skip_worktree == "1"}
        case (
            ("pre-applypatch" | "post-applypatch" | "pre-commit" | "pre-merge-commit" | "post-commit" | "pre-auto-gc"),
            [],
        ):
            return {}
    raise ValueError(hook)


def _ref_update(line: str) -> RefUpdate:
    old, new, ref = line.split(" ", 2)
    if not (old and new and ref):
        raise ValueError(line)
    return RefUpdate(ref, old, new)
