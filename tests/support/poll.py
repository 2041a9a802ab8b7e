"""What the lab takes from :mod:`hookkit.testing.poll`."""

from hookkit.testing.poll import until

__all__ = ["until"]
