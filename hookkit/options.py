"""Options: declared once by a plugin, which gives typed access, validation, ``hookkit config`` and the reference page."""

import re
from collections.abc import Callable, Iterable
from typing import Generic, NamedTuple, TypeVar

from hookkit.errors import ConfigError
from hookkit.gitconfig import Entry, GitConfig
from hookkit.shortcut import FALSE, TRUE
from hookkit.text import nearest, redact

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_SUFFIXES = {"k": 1024, "m": 1024**2, "g": 1024**3}


class Option(NamedTuple, Generic[T_co]):
    """One setting of a plugin: ``hookkit.<plugin>.<name>``.

    Make one with ``options.boolean``, ``integer``, ``seconds``, ``string``, ``choice``, ``path`` or ``strings``.

    :param name: letters, digits and dashes; git compares it without case.
    :param default: the value when nothing is set.
    :param help: one sentence for people.
    :param allowed: what is allowed, in words, for the reference and for errors.
    :param parse: makes the value from git's text; raises ValueError.
    :param many: the key may be given several times; ``parse`` then makes one item of the tuple.
    :param per_remote: it is set per remote, as ``remote.<remote>.hookkit-<plugin>-<name>``.
    :param key: for a per-remote option: the name to use below ``remote.<remote>.`` instead.
    """

    name: str
    default: T_co
    help: str
    allowed: str
    parse: Callable[[str], object]
    many: bool = False
    per_remote: bool = False
    key: str | None = None

    def config_key(self, plugin: str | None, remote: str | None = None) -> str:
        """The git configuration key of this option; ``plugin`` is None for the core's own."""
        if self.per_remote:
            name = self.key or f"hookkit-{plugin}-{self.name}"
            return f"remote.{'<remote>' if remote is None else remote}.{name}"
        return f"hookkit.{plugin}.{self.name}" if plugin else f"hookkit.{self.name}"

    def read(self, entries: list[Entry]) -> T_co:
        """The value that ``entries`` (all of this option's key, in git's order) give.

        :raises ConfigError: a value is not allowed.
        """
        if not entries:
            return self.default
        if self.many:
            return tuple(self.read_one(entry) for entry in entries)  # type: ignore[return-value]
        return self.read_one(entries[-1])  # type: ignore[return-value]

    def read_one(self, entry: Entry) -> object:
        """The value of one line of configuration.

        :raises ConfigError: it is not allowed.
        """
        try:
            return self.parse("true" if entry.value is None else entry.value)
        except ValueError as error:
            value = "" if entry.value is None else redact(entry.value)
            raise ConfigError(
                f"{entry.key} = {value!r} is not allowed",
                cause=f"{entry.place}: {error}" if str(error) else entry.place,
                hint=f"allowed: {self.allowed}",
                # One of several values is found in the file most easily.
                command=f"git config{_flag(entry)} --edit"
                if self.many
                else f"hookkit config set{argument(entry)} VALUE",
            ) from None


def boolean(name: str, default: bool, help: str, *, per_remote: bool = False) -> Option[bool]:  # noqa: A002
    """True or false, spelled as git does."""

    def parse(text: str) -> bool:
        word = text.strip().lower()
        if word in TRUE:
            return True
        if word in FALSE:
            return False
        raise ValueError("not a boolean")

    return Option(name, default, help, "true or false", parse, per_remote=per_remote)


def integer(
    name: str,
    default: int,
    help: str,  # noqa: A002
    *,
    minimum: int = 0,
    maximum: int | None = None,
    per_remote: bool = False,
) -> Option[int]:
    """A whole number, with git's suffixes k, m and g."""
    allowed = f"a whole number from {minimum}" + ("" if maximum is None else f" to {maximum}")

    def parse(text: str) -> int:
        word = text.strip().lower()
        factor = _SUFFIXES.get(word[-1:], 1)
        number = int(word[:-1] if factor > 1 else word) * factor
        if number < minimum or (maximum is not None and number > maximum):
            raise ValueError(f"{number} is out of range")
        return number

    return Option(name, default, help, allowed, _without_detail(parse), per_remote=per_remote)


def seconds(name: str, default: float, help: str, *, per_remote: bool = False) -> Option[float]:  # noqa: A002
    """A time in seconds, fractions allowed."""

    def parse(text: str) -> float:
        number = float(text.strip().removesuffix("s"))
        if not 0 <= number < 10**9:
            raise ValueError("not a length of time")
        return number

    return Option(name, default, help, "seconds, 0 or more", _without_detail(parse), per_remote=per_remote)


def string(
    name: str,
    default: str,
    help: str,  # noqa: A002
    *,
    allowed: str = "any text",
    check: Callable[[str], bool] | None = None,
    per_remote: bool = False,
) -> Option[str]:
    """Any text, or what ``check`` lets pass."""

    def parse(text: str) -> str:
        if check is not None and not check(text):
            raise ValueError
        return text

    return Option(name, default, help, allowed, parse, per_remote=per_remote)


def choice(
    name: str,
    default: str,
    help: str,  # noqa: A002
    choices: Iterable[str],
    *,
    per_remote: bool = False,
    key: str | None = None,
) -> Option[str]:
    """One of some words."""
    words = list(choices)

    def parse(text: str) -> str:
        word = text.strip().lower()
        if word in words:
            return word
        meant = nearest(word, words)
        raise ValueError(f"did you mean {meant!r}?" if meant else "")

    return Option(name, default, help, " | ".join(words), parse, per_remote=per_remote, key=key)


def path(name: str, default: str, help: str, *, per_remote: bool = False) -> Option[str]:  # noqa: A002
    """A path; ``~`` is the account's home; a relative one is taken from the repository's git directory."""
    return Option(name, default, help, "a path", _not_empty, per_remote=per_remote)


def strings(
    name: str,
    default: tuple[str, ...],
    help: str,  # noqa: A002
    *,
    allowed: str = "text, may be given several times",
    check: Callable[[str], bool] | None = None,
    per_remote: bool = False,
) -> Option[tuple[str, ...]]:
    """Several texts: one value a line, the key repeated."""

    def parse(text: str) -> str:
        word = _not_empty(text)
        if check is not None and not check(word):
            raise ValueError
        return word

    return Option(name, default, help, allowed, parse, many=True, per_remote=per_remote)


def _not_empty(text: str) -> str:
    if not text.strip():
        raise ValueError("empty")
    return text.strip()


def _without_detail(parse: Callable[[str], T]) -> Callable[[str], T]:
    """Python's own words for a number that does not parse help nobody."""

    def quiet(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise ValueError(str(error) if "out of range" in str(error) else "") from None

    return quiet


# What every plugin has without declaring it.
ENABLED = boolean("enabled", False, "Run this plugin in the hooks of the repository.")
TIMEOUT = seconds("timeout", 60, "How long one hook call of this plugin may take; 0: no limit.")

# The core's own.
NODE = string(
    "node",
    "",
    "This server account's name in the cluster; the host name when unset.",
    allowed="letters, digits, '.', '_' and '-', starting with a letter or digit; no '..', no '.' or '.lock' at the end",
    # It stands in names of refs; git-check-ref-format(1).
    check=lambda text: (
        text[:1].isalnum()
        and text.isascii()
        and all(char.isalnum() or char in "._-" for char in text)
        and ".." not in text
        and not text.endswith((".", ".lock"))
        and len(text) <= 63
    ),
)
OUTPUT = choice("output", "all", "What the pusher sees of plugins' reports.", ("all", "failures", "none"))
TRACE = boolean("trace", False, "Say in every hook which plugins ran, how long, and what they returned.")
CORE: tuple[Option[object], ...] = (NODE, OUTPUT, TRACE)


class Settings:
    """Typed access to one plugin's options in one repository."""

    def __init__(self, config: GitConfig, plugin: str | None) -> None:
        self._config = config
        self._plugin = plugin

    def get(self, option: Option[T], remote: str | None = None) -> T:
        """The value of ``option``; of a per-remote one for ``remote``.

        :raises ConfigError: what is set is not allowed.
        """
        return option.read(self._config.every(option.config_key(self._plugin, remote)))


def with_common(options: Iterable[Option[object]], *, on: bool = False) -> list[Option[object]]:
    """``options`` and those that every plugin has, unless it declares its own of that name.

    :param on: the plugin runs without being enabled.
    """
    own = list(options)
    names = {option.name.lower() for option in own}
    common: tuple[Option[object], ...] = (ENABLED._replace(default=on), TIMEOUT)
    return [option for option in common if option.name not in names] + own


def argument(entry: Entry) -> str:
    """The key of ``entry`` as a command takes it, after the option for the file that it stands in."""
    return f"{_flag(entry)} {entry.key}" if re.fullmatch(r"[\w.-]+", entry.key) else f"{_flag(entry)} '{entry.key}'"


def _flag(entry: Entry) -> str:
    return f" --{entry.scope}" if entry.scope in ("global", "system") else ""
