#!/usr/bin/env python3
"""``git-lfs-transfer PATH OPERATION``: the server's side of Git LFS over ssh, as far as git-lfs needs it to move files.

docs/proposals/ssh_adapter.md of git-lfs. It keeps large files where git-lfs does. Stands alone: it is copied to nodes.
"""

import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

FLUSH, DELIMITER = b"0000", b"0001"


def packet(data: bytes) -> bytes:
    return b"%04x%s" % (len(data) + 4, data)


def packets(stream: BinaryIO) -> Iterator[bytes]:
    """Until a flush; a delimiter is the special value DELIMITER."""
    while True:
        length = stream.read(4)
        if length in (FLUSH, b""):
            return
        yield DELIMITER if length == DELIMITER else stream.read(int(length, 16) - 4)


class Server:
    def __init__(self, repository: Path, operation: str) -> None:
        self.store = repository / "lfs" / "objects"
        self.operation = operation
        self.out = sys.stdout.buffer

    def path(self, oid: str) -> Path:
        return self.store / oid[:2] / oid[2:4] / oid

    def answer(self, status: int, *lines: str, data: list[bytes] | None = None) -> None:
        self.out.write(packet(f"status {status}\n".encode()))
        for line in lines:
            self.out.write(packet(f"{line}\n".encode()))
        if data is not None:
            self.out.write(DELIMITER + b"".join(map(packet, data)))
        self.out.write(FLUSH)
        self.out.flush()

    def serve(self) -> None:
        self.out.write(packet(b"version=1\n") + FLUSH)
        self.out.flush()
        stream = sys.stdin.buffer
        while command := next(request := packets(stream), None):
            word, *args = command.decode().split()
            if word == "put-object":
                self.put(args[0], request)
                continue
            rest = list(request)
            if word in ("version", "quit"):
                self.answer(200)
                if word == "quit":
                    return
            elif word == "batch":
                self.batch(rest)
            elif word == "verify-object":
                self.answer(200 if self.path(args[0]).is_file() else 404)
            elif word == "get-object":
                content = self.path(args[0]).read_bytes()
                parts = [content[at : at + 60_000] for at in range(0, len(content), 60_000)]
                self.answer(200, f"size={len(content)}", data=parts)
            else:
                self.answer(404, data=[f"there is no command {word}\n".encode()])

    def batch(self, rest: list[bytes]) -> None:
        answers = []
        for line in rest[rest.index(DELIMITER) + 1 :]:
            oid, size = line.decode().split()[:2]
            there = self.path(oid).is_file()
            action = self.operation if there == (self.operation == "download") else "noop"
            answers.append(f"{oid} {size} {action}\n".encode())
        self.answer(200, data=answers)

    def put(self, oid: str, request: Iterator[bytes]) -> None:
        while next(request) != DELIMITER:
            pass
        content = b"".join(request)
        if hashlib.sha256(content).hexdigest() != oid:
            self.answer(400, data=[b"that is another file\n"])
            return
        path = self.path(oid)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f"{oid}.{os.getpid()}")
        temporary.write_bytes(content)
        temporary.replace(path)
        self.answer(200)


if __name__ == "__main__":
    where = sys.argv[1]
    Server(Path.home() / where.lstrip("/").removeprefix("~/") if "~" in where else Path(where), sys.argv[2]).serve()
