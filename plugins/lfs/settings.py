"""The options of the lfs plugin."""

from hookkit.api import Option, options

MISSING = options.choice(
    "missing",
    "hold",
    "What to do when a large file is not here, because whoever pushed has not sent it: keep the refs back too, or send "
    "them without it.",
    ("hold", "skip"),
)

OPTIONS: tuple[Option[object], ...] = (MISSING,)
