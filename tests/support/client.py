"""What the lab takes from :mod:`hookkit.testing.client`."""

from hookkit.testing.client import Client, WorkingCopy

__all__ = ["Client", "WorkingCopy"]
