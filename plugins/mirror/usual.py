"""The configuration of a repository, where that is what most have: read without what it takes to explain mistakes. Pure.

Where something else is set, or something that is not allowed, :mod:`~hookkit_plugins.mirror.settings` and
:mod:`~hookkit_plugins.mirror.remotes` read it; where this module says something, they say the same.
"""

from collections.abc import Callable, Mapping, Sequence

from hookkit.quick import FALSE, TRUE

Config = Mapping[str, Sequence[str | None]]
Place = tuple[str, str, str]
"""A remote, or one of its further URLs: its name, its URL, and the remote's name in the configuration."""

MIRRORED = ("refs/heads/", "refs/tags/", "refs/notes/")
_HOPS = 16


class Usual:
    """What is set.

    :ivar places: where to push to.
    :ivar hops: after how many servers a push goes no further.
    :ivar waits: the pusher waits for the remotes; ``worker``: a worker delivers what is left.
    :ivar node: this server's name; ``speaks``: reports of plugins are shown.
    """

    def __init__(self, config: Config, places: list[Place], node: str) -> None:
        self.places = places
        self.node = node
        self.hops = int(_last(config, "hookkit.mirror.hops", str(_HOPS)))
        self.waits = float(_last(config, "hookkit.mirror.wait", "10").strip().removesuffix("s")) != 0
        self.worker = _word(_last(config, "hookkit.mirror.worker", "true")) in TRUE
        self.speaks = _word(_last(config, "hookkit.output", "all")) != "none"


def usual(config: Config, host: str) -> Usual | None:
    """What ``config`` says, None where it says more than this module understands.

    :param host: this machine's name.
    """
    for key in config:
        section, _, name = key.rpartition(".")
        if section == "hookkit.mirror" and not _PLAIN.get(name, _is_anything)(_last(config, key, "")):
            return None
    if _word(_last(config, "hookkit.output", "all")) not in ("all", "failures", "none"):
        return None
    node = _last(config, "hookkit.node", host)
    if not _is_name(node):
        return None
    places: list[Place] = []
    for remote in _remotes(config):
        kind = _word(_last(config, f"remote.{remote}.hookkit", "mirror"))
        if kind not in ("mirror", "peer", "off"):
            return None
        if kind != "off":
            urls = push_urls(config.get(f"remote.{remote}.pushurl", ()), config.get(f"remote.{remote}.url", ()))
            places += [
                (remote if number == 1 else f"{remote}:{number}", url, remote) for number, url in enumerate(urls, 1)
            ]
    return Usual(config, places, node)


def push_urls(pushurls: Sequence[str | None], urls: Sequence[str | None]) -> tuple[str, ...]:
    """Where a push to a remote goes; an empty value clears what was set before it, as in git."""
    for values in (pushurls, urls):
        found: list[str] = []
        for value in values:
            found = [*found, value] if value else []
        if found:
            return tuple(found)
    return ()


def _remotes(config: Config) -> list[str]:
    keys = (key.removeprefix("remote.").rpartition(".") for key in config if key.startswith("remote."))
    return list(dict.fromkeys(name for name, dot, _ in keys if dot))


def _last(config: Config, key: str, default: str) -> str:
    values = config.get(key)
    if not values:
        return default
    return "true" if values[-1] is None else values[-1]


def _word(text: str) -> str:
    return text.strip().lower()


def _is_anything(_text: str) -> bool:
    return True


def _is_unusual(_text: str) -> bool:
    return False


def _is_boolean(text: str) -> bool:
    return _word(text) in TRUE or _word(text) in FALSE


def _is_seconds(text: str) -> bool:
    number = text.strip().removesuffix("s")
    return number.isascii() and number.isdigit() and len(number) < 9


def _is_small(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= 20


def _is_name(text: str) -> bool:
    return text[:1].isalnum() and text.isascii() and all(each.isalnum() or each in "._-" for each in text)


_PLAIN: dict[str, Callable[[str], bool]] = {
    "remotes": _is_unusual,
    "refs": _is_unusual,
    "diverged": lambda text: _word(text) in ("hold", "overwrite"),
    "wait": _is_seconds,
    "deadline": _is_seconds,
    "connect-timeout": _is_seconds,
    "stale-after": _is_seconds,
    "timeout": _is_seconds,
    "jobs": _is_small,
    "attempts": _is_small,
    "hops": _is_small,
    "enabled": _is_boolean,
    "worker": _is_boolean,
    "multiplex": _is_boolean,
}
