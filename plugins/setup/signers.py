"""The signers file of the plugin cluster: which key signs for which node; ssh-keygen(1), ALLOWED SIGNERS.

All that is known here about where it is and what stands in it. Lines that are there stay as they are.
"""

import re
from pathlib import Path

from hookkit.api import HookkitError, Repository, UsageError, options
from hookkit_plugins.setup import files
from hookkit_plugins.setup.files import Change
from hookkit_plugins.setup.keys import PublicKey

_PLUGIN = "cluster"
_PLACE = options.path("signers", "~/.config/hookkit/signers", "")
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


def change(repo: Repository, node: str, key: PublicKey) -> Change:
    """The change after which ``key`` signs for ``node``.

    :raises HookkitError: it is another node's, or ``node`` has another key.
    """
    path = place(repo)
    before = files.read(path)
    return Change(path, before, with_key(before or b"", node, key, str(path)))


def with_key(data: bytes, node: str, key: PublicKey, where: str) -> bytes:
    """The content of the file with one more line, or as it is if it says so already. Pure.

    :param where: the file, for errors.
    """
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    for number, line in enumerate(lines, 1):
        found = _LINE.match(line.strip())
        if found is None or not _is_ours(found["options"] or ""):
            continue
        who = found["who"].strip('"').split(",")
        same = " ".join(found["key"].split()) == key.material
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


def _is_ours(said: str) -> bool:
    spaces = re.search(r'(?i)namespaces="([^"]*)"', said)
    return spaces is None or _NAMESPACE in spaces[1].split(",")
