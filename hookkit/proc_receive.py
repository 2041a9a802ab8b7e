"""The ``proc-receive`` protocol between receive-pack and its hook, version 1; githooks(5), gitprotocol-common(5)."""

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from hookkit.errors import HookkitError
from hookkit.values import ProcResult, Push, RefUpdate


def serve(source: BinaryIO, sink: BinaryIO, pusher: str | None, decide: Callable[[Push], Iterable[ProcResult]]) -> bool:
    """Speak the protocol once: read the commands, let ``decide`` answer, write the results.

    :returns: whether every ref was accepted.
    :raises HookkitError: the other side does not speak it.
    """
    version, _, features = next(packets(source), b"").rstrip(b"\n").partition(b"\0")
    if version != b"version=1":
        raise HookkitError("proc-receive: git speaks an unknown version", cause=version.decode("utf-8", "replace"))
    _skip(source)
    with_options = b"push-options" in features.split(b" ")
    _write(sink, [b"version=1\0push-options" if with_options else b"version=1"])
    updates = []
    for line in packets(source):
        old, new, ref = line.decode("utf-8", "surrogateescape").rstrip("\n").split(" ", 2)
        updates.append(RefUpdate(ref, old, new))
    options = tuple(line.decode("utf-8", "replace").rstrip("\n") for line in packets(source)) if with_options else ()
    answers = {result.ref: result.reason for result in decide(Push(tuple(updates), options, pusher))}
    answered = [
        (update.ref, answers.get(update.ref, "the plugin that decides did not mention it")) for update in updates
    ]
    _write(sink, (_result(ref, reason) for ref, reason in answered))
    return all(reason is None for _, reason in answered)


def _result(ref: str, reason: str | None) -> bytes:
    line = f"ok {ref}" if reason is None else f"ng {ref} {' '.join(reason.split())}"
    return line.encode("utf-8", "surrogateescape")


def packets(source: BinaryIO) -> Iterator[bytes]:
    """The pkt-lines up to the next flush packet."""
    while True:
        header = source.read(4)
        if len(header) < 4:
            raise HookkitError("proc-receive: git ended the conversation")
        try:
            length = int(header, 16)
        except ValueError:
            raise HookkitError("proc-receive: what arrives is not git's protocol") from None
        if length == 0:
            return
        yield source.read(length - 4)


def _skip(source: BinaryIO) -> None:
    for _ in packets(source):
        pass


def _write(sink: BinaryIO, lines: Iterable[bytes]) -> None:
    sink.writelines(b"%04x" % (len(line) + 4) + line for line in lines)
    sink.write(b"0000")
    sink.flush()
