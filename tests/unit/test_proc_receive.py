"""The proc-receive conversation; with the real git: tests/e2e/test_hooks.py."""

import io
from collections.abc import Iterable

import pytest

from hookkit.errors import HookkitError
from hookkit.proc_receive import packets, serve
from hookkit.values import ProcResult, Push, RefUpdate

A, B = "a" * 40, "b" * 40
FLUSH = b"0000"
UPDATES = (RefUpdate("refs/for/main", A, B), RefUpdate("refs/for/\udcff", A, B))


def packet(*lines: bytes) -> bytes:
    return b"".join(b"%04x%s" % (len(line) + 4, line) for line in lines) + FLUSH


COMMANDS = packet(f"{A} {B} refs/for/main".encode(), f"{A} {B} refs/for/".encode() + b"\xff")


def converse(said: bytes, results: Iterable[ProcResult]) -> tuple[Push, bool, list[bytes]]:
    seen: list[Push] = []
    answer = io.BytesIO()
    accepted = serve(io.BytesIO(said), answer, "dana", lambda push: seen.append(push) or results)
    answer.seek(0)
    return seen[0], accepted, [*packets(answer), FLUSH, *packets(answer)]


def test_accepting_and_refusing() -> None:
    said = packet(b"version=1\0push-options atomic") + COMMANDS + packet(b"ci.skip")
    push, accepted, answer = converse(said, [ProcResult("refs/for/main"), ProcResult("refs/for/\udcff", "not\n now")])
    assert push == Push(UPDATES, ("ci.skip",), "dana")
    assert not accepted
    assert answer == [b"version=1\0push-options", FLUSH, b"ok refs/for/main", b"ng refs/for/\xff not now"]


def test_without_push_options() -> None:
    push, accepted, answer = converse(packet(b"version=1") + COMMANDS, [ProcResult(update.ref) for update in UPDATES])
    assert (push.options, accepted) == ((), True)
    assert answer == [b"version=1", FLUSH, b"ok refs/for/main", b"ok refs/for/\xff"]


def test_what_is_not_mentioned_is_refused() -> None:
    answer = converse(packet(b"version=1") + COMMANDS, [])[2]
    assert answer[2] == b"ng refs/for/main the plugin that decides did not mention it"


@pytest.mark.parametrize(
    "said", [b"", packet(b"version=2"), packet(b"version=1"), b"zzzz", packet(b"version=1") + b"00"]
)
def test_another_protocol_is_said(said: bytes) -> None:
    with pytest.raises(HookkitError, match="proc-receive: "):
        serve(io.BytesIO(said), io.BytesIO(), None, lambda _: [])
