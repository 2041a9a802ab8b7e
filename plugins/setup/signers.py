"""The signers file of the plugin cluster: which key signs for which node; ssh-keygen(1), ALLOWED SIGNERS.

All that is known here about where it is and what stands in it. Lines that are there stay as they are.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from hookkit.api import HookkitError, Repository, UsageError, options
from hookkit_plugins.setup import files
from hookkit_plugins.setup.files import Change
from hookkit_plugins.setup.keys import PublicKey

_PLUGIN = "cluster"
_PLACE = options.path("signers", "~/.config/hookkit/signers", "")
_VERIFY = options.boolean("verify", True, "")
# What git signs commits for; a line may be for something else.
_NAMESPACE = "git"
# Principals, options if there are any, the type of the key, the key.
_LINE = re.compile(
    r'(?P<who>"[^"]*"|[^\s#"]\S*)[ \t]+(?:(?P<options>(?:[^\s"]|"[^"]*")+)[ \t]+)?'
    r"(?P<key>(?:ssh|ecdsa|sk)-\S+[ \t]+[A-Za-z0-9+/]+={0,2})(?=\s|$)"
)


def checked_node(name: str) -> str:
    """The name of a node.

    :raises UsageError: it is none.
    """
    try:
        options.NODE.parse(name)
    except ValueError:
        raise UsageError(f"{name!r} is not the name of a server", hint=f"allowed: {options.NODE.allowed}") from None
    return name


def place(repo: Repository) -> Path:
    """Where the file is.

    :raises ConfigError: the option that says so is not allowed.
    """
    return repo.locate(repo.settings(_PLUGIN).get(_PLACE))


def lacks(repo: Repository, node: str) -> bool:
    """Whether what ``node`` writes is refused here, for no key signs for it.

    :raises HookkitError: the file cannot be read.
    """
    if not repo.settings(_PLUGIN).get(_VERIFY):
        return False
    said = (files.read(place(repo)) or b"").decode("utf-8", "surrogateescape").split("\n")
    return not any(node in who for _, who, _ in _lines(said))


def change(repo: Repository, node: str, key: PublicKey) -> Change:
    """The change after which ``key`` signs for ``node``.

    :raises HookkitError: it is another node's, or ``node`` has another key.
    """
    path = place(repo)
    before = files.read(path)
    return Change(path, before, with_key(before or b"", node, key, str(path)))


def trust(repo: Repository, node: str, key: PublicKey) -> Change:
    """Have ``key`` sign for ``node``; the change, which was not needed if it did already.

    :raises HookkitError: it is another node's, or ``node`` has another key; or the file cannot be written.
    """
    # Not where a link to it is: the file that others may reach by another path.
    with files.alone(place(repo).resolve().parent):
        found = change(repo, node, key)
        if found.needed:
            found.write(0o644)
    return found


def with_key(data: bytes, node: str, key: PublicKey, where: str) -> bytes:
    """The content of the file with one more line, or as it is if it says so already. Pure.

    :param where: the file, for errors.
    """
    for number, who, material in _lines(data.decode("utf-8", "surrogateescape").split("\n")):
        same = material == key.material
        if same and node in who:
            return data
        if same:
            raise HookkitError(
                f"this key is that of {', '.join(who)} already",
                cause=f"{where}, line {number}",
                hint="every server needs a key of its own: hookkit setup key",
            )
        if node in who:
            raise HookkitError(
                f"{node} has another key already; nothing was changed",
                cause=f"{where}, line {number}",
                hint="if it really has a new one, take the old line out of that file first",
            )
    end = b"" if not data or data.endswith(b"\n") else b"\n"
    return data + end + f"{node} {key.material}\n".encode()


def _lines(lines: Sequence[str]) -> Iterator[tuple[int, list[str], str]]:
    """Those that name signers of ours: number, who, key."""
    for number, line in enumerate(lines, 1):
        found = _LINE.match(line.strip())
        if found is not None and _is_ours(found["options"] or ""):
            yield number, found["who"].strip('"').split(","), " ".join(found["key"].split())


def _is_ours(said: str) -> bool:
    spaces = re.search(r'(?i)namespaces="([^"]*)"', said)
    return spaces is None or _NAMESPACE in spaces[1].split(",")
