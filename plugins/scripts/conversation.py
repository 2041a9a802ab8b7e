"""``proc-receive``: a script that speaks git's protocol, githooks(5), is given git's side of it."""

from collections.abc import Iterable, Iterator

from hookkit.api import ProcResult, Push, Repository, run_hook_file_captured
from hookkit_plugins.scripts.run import runnable, say

_FLUSH = b"0000"


def answer(repo: Repository, push: Push) -> list[ProcResult] | None:
    """What the first script says; git has this conversation once, so no other script is asked."""
    script = next(iter(runnable(repo, "proc-receive")), None)
    if script is None:
        return None
    status, said, _ = run_hook_file_captured(script.path, [], stdin=question(push))
    try:
        return results(said)
    except ValueError:
        say(f"{script.name} does not speak git's protocol (exit status {status})")
        return [ProcResult(update.ref, f"{script.name} failed") for update in push.updates]


def question(push: Push) -> bytes:
    """All that git would say; a script reads it piece by piece."""
    commands = [f"{update.old} {update.new} {update.ref}" for update in push.updates]
    version = b"version=1\0push-options" if push.options else b"version=1"
    parts = [_packets([version]), _packets(map(_bytes, commands))]
    if push.options:
        parts.append(_packets(map(_bytes, push.options)))
    return b"".join(parts)


def results(said: bytes) -> list[ProcResult]:
    """The results in what a script said.

    :raises ValueError: it is not the protocol.
    """
    lines = _lines(said)
    if not (next(lines, None) or b"").startswith(b"version=1") or next(lines, b"") is not None:
        raise ValueError(said)
    found: list[ProcResult] = []
    for line in lines:
        if line is None:
            return found
        word, _, rest = line.decode("utf-8", "surrogateescape").partition(" ")
        ref, _, reason = rest.partition(" ")
        if word not in ("ok", "ng", "option"):
            raise ValueError(line)
        if word != "option":
            found.append(ProcResult(ref, None if word == "ok" else reason or "no reason given"))
    raise ValueError(said)


def _lines(said: bytes) -> Iterator[bytes | None]:
    """The pkt-lines of ``said``, None for a flush; gitprotocol-common(5)."""
    while said:
        length = int(said[:4], 16)
        if length and (length < 4 or length > len(said)):
            raise ValueError(said)
        yield said[4:length].rstrip(b"\n") if length else None
        said = said[max(length, 4) :]


def _packets(lines: Iterable[bytes]) -> bytes:
    return b"".join(b"%04x%s" % (len(line) + 4, line) for line in lines) + _FLUSH


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
