"""The folder of keys of an admin repository. Pure, apart from reading it."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from hookkit_plugins.setup.keys import PublicKey

_KEY = r"(?m)(?:^|[ \t])((?:ssh|ecdsa|sk)-[^\s\"]+)[ \t]+(AAAA[A-Za-z0-9+/=]+)"


def text_of(path: Path) -> str:
    """A file's text, line ends as they are; bytes that are not UTF-8 survive a round trip.

    :raises OSError: it cannot be read.
    """
    return path.read_bytes().decode("utf-8", "surrogateescape")


def files(folder: Path, pattern: str) -> dict[str, str]:
    """The files of keys below ``folder``: path and text."""
    found = sorted(path for path in folder.glob(pattern) if path.is_file())
    return {path.relative_to(folder).as_posix(): text_of(path) for path in found}


def materials(text: str) -> list[str]:
    """The keys in a file: type and base64, whatever stands around them."""
    return [f"{kind} {base64}" for kind, base64 in re.findall(_KEY, text)]


def with_keys(
    existing: Mapping[str, str], keys: Mapping[str, PublicKey], account: Callable[[str], str]
) -> tuple[dict[str, str], list[str]]:
    """The files that hold ``keys``, with their texts, and the reasons why some cannot have one.

    :param existing: the files of keys that are there.
    :param account: whose key a file holds.
    """
    reasons = same_keys(keys)
    wanted: dict[str, str] = {}
    for name, key in keys.items():
        holders = [path for path, text in existing.items() if key.material in materials(text)]
        own = [path for path in existing if account(path) == name]
        strangers = [path for path in holders if path not in own]
        others = [path for path in own if set(materials(existing[path])) != {key.material}]
        if strangers:
            reasons.append(f"the key of {name} is there already, as {account(strangers[0])}: {strangers[0]}")
        elif others:
            reasons.append(f"{others[0]} holds another key than the one given for {name}")
        else:
            wanted |= {path: existing[path] for path in own} or {f"keydir/{name}.pub": f"{key}\n"}
    return wanted, reasons


def same_keys(keys: Mapping[str, PublicKey]) -> list[str]:
    """The reasons not to take ``keys`` as they were given: the same one under two names."""
    first: dict[str, str] = {}
    return [
        f"{name} and {first[key.material]} are the same key"
        for name, key in keys.items()
        if first.setdefault(key.material, name) != name
    ]
