"""The options of the notify plugin."""

from pathlib import Path

from hookkit.api import Option, Repository, options

EVENTS = ("stale", "recovered", "diverged")

FILE = options.path(
    "file",
    "~/.config/hookkit/apprise.conf",
    "Whom to tell: a configuration file of apprise, one URL per line. It has passwords in it: mode 0600.",
)
EVERY = options.seconds(
    "every", 300, "The least time between two messages; what happens meanwhile goes into the next one."
)
WHICH = options.strings(
    "events",
    EVENTS,
    "What to tell: stale, recovered, diverged.",
    allowed="stale, recovered or diverged; may be given several times",
    check=lambda text: text in EVENTS,
)

OPTIONS: tuple[Option[object], ...] = (FILE, EVERY, WHICH)


def file_of(repo: Repository) -> Path:
    """Where ``repo`` has the addresses.

    :raises ConfigError: the option is not allowed.
    """
    return repo.locate(repo.settings("notify").get(FILE))
