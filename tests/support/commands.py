"""What the lab takes from :mod:`hookkit.testing.commands`."""

from hookkit.testing.commands import CommandFailedError, Done, run

__all__ = ["CommandFailedError", "Done", "run"]
