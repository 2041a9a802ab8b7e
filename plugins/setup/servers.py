"""The servers that a new one joins, as somebody types them: ``NAME=...``. Pure."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hookkit.api import UsageError
from hookkit_plugins.setup import host_keys, names, place


class Server(NamedTuple):
    """One of them.

    :param pattern: where its repositories are, with ``{}`` in the place of the name.
    :param fingerprint: of its host key, as its owner has said.
    :param signer: the file with its public key.
    """

    name: str
    pattern: str
    fingerprint: str | None = None
    signer: Path | None = None


def read(patterns: Sequence[str], fingerprints: Sequence[str], signers: Sequence[str]) -> list[Server]:
    """The servers, the one to clone from first.

    :raises UsageError: something is said twice, about nobody, or wrong.
    """
    found = {
        name: Server(name, names.checked_pattern(place.checked(text))) for name, text in _pairs("--from", patterns)
    }
    for name in found:
        names.checked_remote(name)
    for name, text in _pairs("--fingerprint", fingerprints, found):
        found[name] = found[name]._replace(fingerprint=host_keys.fingerprint(text))
    for name, text in _pairs("--signer", signers, found):
        found[name] = found[name]._replace(signer=Path(text))
    return list(found.values())


def _pairs(option: str, texts: Sequence[str], known: dict[str, Server] | None = None) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise UsageError(f"{option} {text}: it takes NAME=..., NAME as in --from NAME=URL-PATTERN")
        if any(name == other for other, _ in pairs):
            raise UsageError(f"{option} is said twice about {name}")
        if known is not None and name not in known:
            raise UsageError(f"{option} {name}: no --from says where {name} is")
        pairs.append((name, value))
    return pairs
